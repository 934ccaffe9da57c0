import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/ports.ts';

/** A database user, in the form of its secret in Secrets Manager. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** An emulator of AWS Secrets Manager. */
export interface Secrets {
  /** Environment variables that make programs use the emulator instead of AWS. */
  readonly env: Readonly<Record<string, string>>;
  create(name: string, login?: Login): Promise<void>;
  put(name: string, login: Login): Promise<void>;
  get(name: string): Promise<Login>;
  stop(): Promise<void>;
}

/** @param host address to listen on, reachable from the pods */
export async function startSecrets(host: string): Promise<Secrets> {
  const port = await freePort();
  const address = `http://${host}:${port}`;
  const server = spawn('moto_server', ['-H', host, '-p', String(port)], { stdio: 'ignore' });
  await once(server, 'spawn');
  await eventually(async () => (await fetch(`${address}/moto-api/`)).ok);

  const call = async (action: string, parameters: object): Promise<{ SecretString: string }> => {
    const answer = await fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `secretsmanager.${action}`,
        // moto reads only the service's name.
        authorization: 'AWS4-HMAC-SHA256 Credential=emulated/20260101/us-east-1/secretsmanager/aws4_request',
      },
      body: JSON.stringify(parameters),
    });
    if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { SecretString: string };
  };

  return {
    env: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: address,
      AWS_ACCESS_KEY_ID: 'emulated',
      AWS_SECRET_ACCESS_KEY: 'emulated',
    },
    async create(name, login) {
      await call('CreateSecret', { Name: name, ...(login && { SecretString: JSON.stringify(login) }) });
    },
    async put(name, login) {
      await call('PutSecretValue', { SecretId: name, SecretString: JSON.stringify(login) });
    },
    async get(name) {
      return JSON.parse((await call('GetSecretValue', { SecretId: name })).SecretString);
    },
    async stop() {
      const exited = once(server, 'exit');
      server.kill();
      await exited;
    },
  };
}
