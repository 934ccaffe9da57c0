import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Login } from '../../settings.ts';

/** Milliseconds: of a connection to AWS, and of an answer. The SDK by itself would wait without a limit, or only warn of one. */
const timeLimits = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

/** A secret that cannot be read, or holds no login. The message tells which and why, never what it holds. */
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';

  constructor(secret: string, why: string, cause?: unknown) {
    super(`The secret ${secret} ${why}`, { cause });
  }
}

/**
 * Reads a user and a password from Secrets Manager, as RDS writes them: JSON with `username` and `password`. Region and
 * credentials are the SDK's own to find; in a pod of EKS that is Pod Identity.
 *
 * @throws {SecretUnavailable}
 */
export async function readLogin(secret: string): Promise<Login> {
  const login = await findLogin(secret);
  if (login === undefined) throw new SecretUnavailable(secret, 'is not there, or has no value yet');
  return login;
}

/** As {@link readLogin}, but nothing for a secret that is not there or has no value yet. */
export async function findLogin(secret: string): Promise<Login | undefined> {
  let text: string | undefined;
  try {
    const { GetSecretValueCommand } = await sdk();
    text = (await (await client()).send(new GetSecretValueCommand({ SecretId: secret }))).SecretString;
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw new SecretUnavailable(secret, `could not be read: ${(error as Error).message}`, error);
  }
  const login = parseLogin(text);
  if (login === undefined) throw new SecretUnavailable(secret, 'holds no JSON with "username" and "password"');
  return login;
}

/** Writes a login into a secret that is there. @throws {SecretUnavailable} */
export async function writeLogin(secret: string, { user, password }: Login): Promise<void> {
  try {
    const { PutSecretValueCommand } = await sdk();
    const SecretString = JSON.stringify({ username: user, password });
    await (await client()).send(new PutSecretValueCommand({ SecretId: secret, SecretString }));
  } catch (error) {
    throw new SecretUnavailable(secret, `could not be written: ${(error as Error).message}`, error);
  }
}

function parseLogin(text = ''): Login | undefined {
  try {
    const { username, password } = JSON.parse(text);
    return typeof username === 'string' && typeof password === 'string' ? { user: username, password } : undefined;
  } catch {
    return undefined;
  }
}

/** Loaded when it is needed: with a user and a password in the settings it is not. */
const sdk = () => import('@aws-sdk/client-secrets-manager');

let shared: Promise<SecretsManagerClient> | undefined;

function client(): Promise<SecretsManagerClient> {
  shared ??= sdk().then(
    ({ SecretsManagerClient }) => new SecretsManagerClient({ maxAttempts: 2, requestHandler: timeLimits }),
  );
  return shared;
}
