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

/** The function's own region, in which its database and bucket are. */
const home = 'sa-east-1';

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
  /** Services that answer with an error: its status and code. */
  readonly broken = new Map<Service, readonly [status: number, code: string]>();
  /** Services that read the request and never answer. */
  readonly silent = new Set<Service>();
  /** Requests for alarms: the region, and the number of names. */
  readonly asked: { readonly region: string | undefined; readonly names: number }[] = [];
  /** Called when a file was read, or found missing, and before it is written. */
  onRead: () => void = () => undefined;
  readonly #server = createServer((request, response) => this.#answer(request, response));

  /** Environment variables that lead the SDK to this server. */
  async start(): Promise<Record<string, string>> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return {
      AWS_REGION: home,
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
    const failure = this.broken.get(service as Service);
    if (failure) fail(service as Service, ...failure, response);
    else if (service === 'CLOUDWATCH') this.#alarms(JSON.parse(body), regionOf(request), response);
    else if (service === 'RDS') this.#database(new URLSearchParams(body), regionOf(request), response);
    else this.#object(request, path.join('/'), body, response);
  }

  #alarms(
    asked: {
      AlarmNames: readonly string[];
      AlarmTypes?: readonly string[];
      MaxRecords?: number;
      StateValue?: Alarm['state'];
    },
    region: string | undefined,
    response: ServerResponse,
  ): void {
    const { AlarmNames, AlarmTypes = ['MetricAlarm'], MaxRecords = 50, StateValue: wanted, ...others } = asked;
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    // CloudWatch knows more parameters, which could hide alarms.
    const unknown = Object.keys(others);
    if (unknown.length > 0) {
      fail('CLOUDWATCH', 400, `${unknown} is not in this double`, response);
      return;
    }
    this.asked.push({ region, names: AlarmNames.length });
    if (AlarmNames.length > 100 || MaxRecords > 100) {
      const message = 'Member must be at most 100';
      response.writeHead(400).end(JSON.stringify({ __type: 'ValidationError', message }));
      return;
    }
    const names = AlarmTypes.includes('MetricAlarm') ? AlarmNames : [];
    const MetricAlarms = names.slice(0, MaxRecords).flatMap((AlarmName) => {
      const alarm = this.alarms.get(AlarmName);
      if (alarm?.region !== region || !alarm || (wanted ?? alarm.state) !== alarm.state) return [];
      // Times are seconds. The data of an alarm is updated more often than its state changes.
      const { state: StateValue, transitionedAt, updatedAt } = alarm;
      const time = transitionedAt === undefined ? undefined : Date.parse(transitionedAt) / 1000;
      const updated = updatedAt === undefined ? (time ?? 0) + 900 : Date.parse(updatedAt) / 1000;
      return [{ AlarmName, StateValue, StateTransitionedTimestamp: time, StateUpdatedTimestamp: updated }];
    });
    response.end(JSON.stringify({ CompositeAlarms: [], MetricAlarms }));
  }

  #database(parameters: URLSearchParams, region: string | undefined, response: ServerResponse): void {
    const identifier = parameters.get('DBInstanceIdentifier') ?? '';
    // In another region there is no such database.
    const status = region === home ? this.databases.get(identifier) : undefined;
    if (status === undefined) {
      fail('RDS', 404, 'DBInstanceNotFound', response);
      return;
    }
    const instance = `<DBInstance><DBInstanceIdentifier>${identifier}</DBInstanceIdentifier><DBInstanceStatus>${status}</DBInstanceStatus></DBInstance>`;
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult><DBInstances>${instance}</DBInstances></DescribeDBInstancesResult><ResponseMetadata>${requestId}</ResponseMetadata></DescribeDBInstancesResponse>`,
    );
  }

  #object(request: IncomingMessage, path: string, body: string, response: ServerResponse): void {
    const { headers, method } = request;
    const stored = this.objects.get(path);
    const etag = stored && etagOf(stored.body);
    // Without a condition, S3 overwrites.
    const isCurrent = headers['if-none-match'] === '*' ? !stored : !headers['if-match'] || headers['if-match'] === etag;
    const error = (status: number, code: string) => fail('S3', status, code, response);
    // The SDK does not follow it.
    if (regionOf(request) !== home) error(301, 'PermanentRedirect');
    else if (method === 'GET' && stored) {
      response.writeHead(200, { 'content-type': 'application/json', etag }).end(stored.body);
      this.onRead();
    } else if (method === 'GET') {
      error(404, 'NoSuchKey');
      this.onRead();
    } else if (method !== 'PUT') {
      error(405, 'MethodNotAllowed');
    } else if (isCurrent) {
      this.objects.set(path, { body, headers });
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else error(412, 'PreconditionFailed');
  }
}

const requestId = '<RequestId>5d0ea52d</RequestId>';

/** Answers with an error, in the form of the service. */
function fail(service: Service, status: number, code: string, response: ServerResponse): void {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>As asked for.</Message></Error>`;
  const [type, body] = {
    CLOUDWATCH: ['application/x-amz-json-1.0', JSON.stringify({ __type: code, message: 'As asked for.' })],
    RDS: [
      'text/xml',
      `<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">${error}${requestId}</ErrorResponse>`,
    ],
    S3: ['application/xml', `<?xml version="1.0" encoding="UTF-8"?>${error.replace(/<Type>.*<\/Type>/, '')}`],
  }[service] as [string, string];
  response.writeHead(status, { 'content-type': type }).end(body);
}

const etagOf = (body: string) => `"${createHash('md5').update(body).digest('hex')}"`;

/** The region that a request is signed for. */
const regionOf = ({ headers }: IncomingMessage) =>
  /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];
