import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Login } from '../settings.ts';

/** Milliseconds. By default, the SDK waits for AWS without a limit, or only logs a warning. */
const timeLimits = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

/** A secret is not accessible, or has no login. The message has the secret's name and the reason, never its value. */
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';

  constructor(secret: string, why: string, cause?: unknown) {
    super(`The secret ${secret} ${why}`, { cause });
  }
}

/**
 * Reads a user and a password from Secrets Manager, in the format of RDS: JSON with `username` and `password`. The SDK
 * finds region and credentials itself; in an EKS pod it uses Pod Identity.
 *
 * @throws {SecretUnavailable}
 */
export async function readLogin(secret: string): Promise<Login> {
  const login = await findLogin(secret);
  if (login === undefined) throw new SecretUnavailable(secret, 'does not exist or has no value yet');
  return login;
}

/** Like {@link readLogin}, but returns undefined if the secret does not exist or has no value yet. */
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
  if (login === undefined) throw new SecretUnavailable(secret, 'is not JSON with "username" and "password"');
  return login;
}

/** Writes a login to an existing secret. @throws {SecretUnavailable} */
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

/** Loaded on first use: not needed when the settings have a user and a password. */
const sdk = () => import('@aws-sdk/client-secrets-manager');

let shared: Promise<SecretsManagerClient> | undefined;

function client(): Promise<SecretsManagerClient> {
  shared ??= sdk().then(
    ({ SecretsManagerClient }) => new SecretsManagerClient({ maxAttempts: 2, requestHandler: timeLimits }),
  );
  return shared;
}
