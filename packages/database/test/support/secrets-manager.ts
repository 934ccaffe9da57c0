import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { eventually } from '../../../../test/support/eventually.ts';
import { freePort } from '../../../../test/support/ports.ts';

/** A Python with moto, which mocks AWS. A machine may have several Pythons, and npm changes their order in PATH. */
export const motoPython = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'python3'))
  .find((python) => spawnSync(python, ['-c', 'import moto.server']).status === 0);

const region = 'us-east-1';

/** A mock of Secrets Manager and Pod Identity, as seen from an EKS pod. */
export interface SecretsManager {
  /** The variables that AWS sets in a pod, and the address of the mock. */
  readonly env: Record<string, string>;
  /** Creates a secret, without a value unless one is given. */
  create(name: string, value?: object): Promise<void>;
  put(name: string, value: object | string): Promise<void>;
  read(name: string): Promise<{ username: string; password: string }>;
  stop(): Promise<void>;
}

/** Starts both on free ports of 127.0.0.1. The agent returns credentials only for the pod's token. */
export async function startSecretsManager(): Promise<SecretsManager> {
  const port = await freePort();
  const moto: ChildProcess = spawn(
    motoPython ?? 'python3',
    ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    {
      stdio: 'ignore',
    },
  );
  const killAtExit = () => moto.kill('SIGKILL');
  process.once('exit', killAtExit);
  const endpoint = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${endpoint}/moto-api/`)).ok);

  const token = randomUUID();
  const tokenFile = join(tmpdir(), `pod-identity-${token}`);
  await writeFile(tokenFile, token);
  const agent = createServer((request, response) => {
    if (request.headers.authorization !== token) return response.writeHead(401).end();
    const credentials = {
      AccessKeyId: 'id',
      SecretAccessKey: 'key',
      Token: 'token',
      Expiration: '2100-01-01T00:00:00Z',
    };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(credentials));
  }).listen(0, '127.0.0.1');
  await once(agent, 'listening');

  const client = new SecretsManagerClient({
    region,
    endpoint,
    credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
  });
  const text = (value: object | string) => (typeof value === 'string' ? value : JSON.stringify(value));
  return {
    env: {
      AWS_REGION: region,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(agent.address() as AddressInfo).port}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
    },
    async create(Name, value) {
      await client.send(new CreateSecretCommand({ Name, ...(value && { SecretString: text(value) }) }));
    },
    async put(SecretId, value) {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: text(value) }));
    },
    async read(SecretId) {
      return JSON.parse((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '');
    },
    async stop() {
      process.off('exit', killAtExit);
      agent.close();
      agent.closeAllConnections();
      client.destroy();
      moto.kill('SIGTERM');
      await once(moto, 'exit');
    },
  };
}
