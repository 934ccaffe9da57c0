import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Alarm {
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Undefined of an alarm that has never changed its state. */
  readonly transitionedAt?: string | undefined;
  readonly updatedAt?: string;
  /** The only region that knows the alarm. */
  readonly region: string;
}

/** Services, by how the SDK names their endpoints. */
const services = ['CLOUDWATCH', 'RDS', 'S3'] as const;
type Service = (typeof services)[number];

/**
 * CloudWatch, RDS and S3 as far as the function uses them, with answers in the forms of their API references:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html (conditional writes).
 */
export class Aws {
  readonly alarms = new Map<string, Alarm>();
  readonly databases = new Map<string, string>();
  readonly objects = new Map<string, { body: string; headers: Readonly<Record<string, unknown>> }>();
  /** Services that answer with an error. */
  readonly broken = new Set<Service>();
  /** Services that read the request and never answer. */
  readonly silent = new Set<Service>();
  /** Called when a file was read, or found missing, and before it is written. */
  onRead: () => void = () => undefined;
  readonly #server = createServer((request, response) => this.#answer(request, response));

  /** Environment variables that lead the SDK to this server. */
  async start(): Promise<Record<string, string>> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return {
      AWS_REGION: 'sa-east-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      // Without it, a failure is repeated for seconds.
      AWS_MAX_ATTEMPTS: '1',
      ...Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, `${address}/${service}`])),
    };
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, service, ...path] = new URL(request.url ?? '', 'http://localhost').pathname.split('/');
    const body = await text(request);
    if (this.silent.has(service as Service)) return;
    if (this.broken.has(service as Service)) response.writeHead(500).end();
    else if (service === 'CLOUDWATCH') this.#alarms(JSON.parse(body), regionOf(request), response);
    else if (service === 'RDS') this.#database(new URLSearchParams(body), response);
    else this.#object(request, path.join('/'), body, response);
  }

  #alarms(
    asked: { AlarmNames: readonly string[]; AlarmTypes?: readonly string[]; MaxRecords?: number },
    region: string | undefined,
    response: ServerResponse,
  ): void {
    const { AlarmNames, AlarmTypes = ['MetricAlarm'], MaxRecords = 50 } = asked;
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    if (AlarmNames.length > 100 || MaxRecords > 100) {
      const message = 'Member must be at most 100';
      response.writeHead(400).end(JSON.stringify({ __type: 'ValidationError', message }));
      return;
    }
    const names = AlarmTypes.includes('MetricAlarm') ? AlarmNames : [];
    const MetricAlarms = names.slice(0, MaxRecords).flatMap((AlarmName) => {
      const alarm = this.alarms.get(AlarmName);
      if (alarm?.region !== region || !alarm) return [];
      // Times are seconds. The data of an alarm is updated more often than its state changes.
      const { state: StateValue, transitionedAt, updatedAt } = alarm;
      const time = transitionedAt === undefined ? undefined : Date.parse(transitionedAt) / 1000;
      const updated = updatedAt === undefined ? (time ?? 0) + 900 : Date.parse(updatedAt) / 1000;
      return [{ AlarmName, StateValue, StateTransitionedTimestamp: time, StateUpdatedTimestamp: updated }];
    });
    response.end(JSON.stringify({ CompositeAlarms: [], MetricAlarms }));
  }

  #database(parameters: URLSearchParams, response: ServerResponse): void {
    const identifier = parameters.get('DBInstanceIdentifier') ?? '';
    const status = this.databases.get(identifier);
    const id = '<RequestId>5d0ea52d</RequestId>';
    if (status === undefined) {
      const error = `<Type>Sender</Type><Code>DBInstanceNotFound</Code><Message>DBInstance ${identifier} not found.</Message>`;
      response.writeHead(404, { 'content-type': 'text/xml' });
      response.end(
        `<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error>${error}</Error>${id}</ErrorResponse>`,
      );
      return;
    }
    const instance = `<DBInstance><DBInstanceIdentifier>${identifier}</DBInstanceIdentifier><DBInstanceStatus>${status}</DBInstanceStatus></DBInstance>`;
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult><DBInstances>${instance}</DBInstances></DescribeDBInstancesResult><ResponseMetadata>${id}</ResponseMetadata></DescribeDBInstancesResponse>`,
    );
  }

  #object({ headers, method }: IncomingMessage, path: string, body: string, response: ServerResponse): void {
    const stored = this.objects.get(path);
    const etag = stored && etagOf(stored.body);
    // Without a condition, S3 overwrites.
    const isCurrent = headers['if-none-match'] === '*' ? !stored : !headers['if-match'] || headers['if-match'] === etag;
    const error = (status: number, code: string) => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Key>${path}</Key></Error>`);
    };
    if (method === 'GET' && stored) {
      response.writeHead(200, { 'content-type': 'application/json', etag }).end(stored.body);
      this.onRead();
    } else if (method === 'GET') {
      error(404, 'NoSuchKey');
      this.onRead();
    } else if (isCurrent) {
      this.objects.set(path, { body, headers });
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else error(412, 'PreconditionFailed');
  }
}

const etagOf = (body: string) => `"${createHash('md5').update(body).digest('hex')}"`;

/** The region that a request is signed for. */
const regionOf = ({ headers }: IncomingMessage) =>
  /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];
