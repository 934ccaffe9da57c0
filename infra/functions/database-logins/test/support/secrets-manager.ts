import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Login } from '../../src/login.ts';

/** The rotation function, without Lambda around it. */
type Handler = (event: {
  Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  SecretId: string;
  ClientRequestToken: string;
}) => Promise<void>;

interface Version {
  value?: string;
  labels: Set<string>;
}

interface StoredSecret {
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: Map<string, Version>;
}

/** The requests' parameters that the rotation function uses. */
interface Request {
  readonly SecretId: string;
  readonly VersionStage?: string;
  readonly VersionStages?: readonly string[];
  readonly ClientRequestToken?: string;
  readonly SecretString?: string;
  readonly MoveToVersionId?: string;
  readonly RemoveFromVersionId?: string;
}

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** Where the secrets are. Not the region that comes to mind first. */
const region = 'sa-east-1';

/** An error of the service, with the name that its SDK gives it. */
class ServiceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * Secrets Manager with versions, staging labels and rotation, as its API reference describes them.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
export class SecretsManager {
  /** Labels whose value is not read, with the name of the error. */
  readonly failing = new Map<string, string>();
  /** Errors with which the next requests are answered, one each. */
  readonly refusals: string[] = [];
  /** Secrets of which a version was made the current one. */
  readonly moved: string[] = [];
  readonly #secrets = new Map<string, StoredSecret>();
  readonly #server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
    try {
      // Each region has secrets of its own.
      if (!request.headers.authorization?.includes(`/${region}/secretsmanager/`)) {
        throw new ServiceError('ResourceNotFoundException', 'There are no secrets in this region');
      }
      const asked = (await json(request)) as Request;
      const refusal = this.refusals.shift();
      if (refusal !== undefined) throw new ServiceError(refusal, 'Ask again');
      const answer = this.#answer(operation, asked);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
    } catch (error) {
      const { name, message } = error as Error;
      response.writeHead(name === 'InternalServiceError' ? 500 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: name, message }));
    }
  });

  /** Environment variables that lead the SDK to this server. */
  async start(): Promise<Record<string, string>> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
    };
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Creates a secret, without a value unless one is given. */
  create(name: string, tags: Record<string, string>, value?: Login): void {
    const versions = new Map<string, Version>();
    if (value) versions.set(randomUUID(), { value: JSON.stringify(value), labels: new Set(['AWSCURRENT']) });
    this.#secrets.set(name, { tags, versions });
  }

  /** The login with this label. */
  read(name: string, label = 'AWSCURRENT'): Login {
    return JSON.parse(this.#labelled(this.#secret(name), label)?.value ?? 'null');
  }

  /** Puts another login in the place of the one that is being made. */
  change(name: string, login: Login): void {
    Object.assign(this.#labelled(this.#secret(name), 'AWSPENDING') ?? {}, { value: JSON.stringify(login) });
  }

  /** Ids of the versions, oldest first. */
  versions(name: string): string[] {
    return [...this.#secret(name).versions.keys()];
  }

  labels(name: string): string[][] {
    return [...this.#secret(name).versions.values()].map(({ labels }) => [...labels].toSorted());
  }

  /**
   * Rotates a secret. With `until`, the rotation stops after that step, as if the function had been killed.
   *
   * @returns a function that repeats the whole rotation for the same version, as Secrets Manager does after a failure
   */
  async rotate(
    name: string,
    handler: Handler,
    until: (typeof steps)[number] = 'finishSecret',
  ): Promise<() => Promise<void>> {
    const secret = this.#secret(name);
    const pending = this.#labelled(secret, 'AWSPENDING');
    if (pending && !pending.labels.has('AWSCURRENT')) throw new Error('A previous rotation is not complete');
    pending?.labels.delete('AWSPENDING');
    const version = randomUUID();
    secret.versions.set(version, { labels: new Set(['AWSPENDING']) });
    const run = async (last: (typeof steps)[number]) => {
      for (const Step of steps.slice(0, steps.indexOf(last) + 1)) {
        await handler({ Step, SecretId: name, ClientRequestToken: version });
      }
    };
    await run(until);
    return () => run('finishSecret');
  }

  #answer(operation: string, request: Request): object {
    const secret = this.#secret(request.SecretId);
    switch (operation) {
      case 'DescribeSecret':
        return {
          Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
          VersionIdsToStages: Object.fromEntries([...secret.versions].map(([id, { labels }]) => [id, [...labels]])),
        };
      case 'GetSecretValue': {
        const failure = this.failing.get(String(request.VersionStage));
        if (failure !== undefined) throw new ServiceError(failure, 'The value was not read');
        const value = this.#labelled(secret, request.VersionStage ?? 'AWSCURRENT')?.value;
        if (value === undefined) throw new ServiceError('ResourceNotFoundException', 'No value with this label');
        return { SecretString: value };
      }
      case 'PutSecretValue': {
        const id = request.ClientRequestToken ?? randomUUID();
        const version = secret.versions.get(id) ?? { labels: new Set() };
        if (version.value !== undefined && version.value !== request.SecretString) {
          throw new ServiceError('ResourceExistsException', 'This version has another value');
        }
        secret.versions.set(id, Object.assign(version, { value: request.SecretString }));
        for (const label of request.VersionStages ?? ['AWSCURRENT']) this.#move(secret, label, id);
        return { VersionId: id };
      }
      case 'UpdateSecretVersionStage': {
        const { VersionStage: label = '', MoveToVersionId: to = '', RemoveFromVersionId: from } = request;
        const holder = [...secret.versions].find(([, { labels }]) => labels.has(label))?.[0];
        if (holder !== undefined && holder !== from && holder !== to) {
          throw new ServiceError('InvalidParameterException', `${label} is attached to version ${holder}`);
        }
        this.#move(secret, label, to);
        this.moved.push(request.SecretId);
        return {};
      }
      default:
        throw new ServiceError('UnknownOperationException', operation);
    }
  }

  #move(secret: StoredSecret, label: string, id: string): void {
    const previous = this.#labelled(secret, label);
    const target = secret.versions.get(id);
    if (target === undefined) throw new ServiceError('ResourceNotFoundException', id);
    if (previous === target) return;
    previous?.labels.delete(label);
    target.labels.add(label);
    if (label === 'AWSCURRENT' && previous) {
      for (const { labels } of secret.versions.values()) labels.delete('AWSPREVIOUS');
      previous.labels.add('AWSPREVIOUS');
    }
  }

  #labelled({ versions }: StoredSecret, label: string): Version | undefined {
    return [...versions.values()].find(({ labels }) => labels.has(label));
  }

  #secret(name: string): StoredSecret {
    const secret = this.#secrets.get(name);
    if (!secret) throw new ServiceError('ResourceNotFoundException', `No secret ${name}`);
    return secret;
  }
}
