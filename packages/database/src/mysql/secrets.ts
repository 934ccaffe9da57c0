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

/** A secret without a value, which its first rotation sets. */
export class SecretEmpty extends SecretUnavailable {
  constructor(secret: string, cause: unknown) {
    super(secret, 'does not exist or has no value yet', cause);
  }
}

/**
 * Reads a user and a password from Secrets Manager, in the format of RDS: JSON with `username` and `password`. The SDK
 * finds region and credentials itself; in an EKS pod it uses Pod Identity.
 *
 * @param stage `AWSPREVIOUS` for the login before the last rotation
 * @throws {SecretUnavailable}
 */
export async function readLogin(secret: string, stage: 'AWSCURRENT' | 'AWSPREVIOUS' = 'AWSCURRENT'): Promise<Login> {
  let text: string | undefined;
  try {
    const { GetSecretValueCommand } = await sdk();
    text = (await (await client()).send(new GetSecretValueCommand({ SecretId: secret, VersionStage: stage })))
      .SecretString;
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'ResourceNotFoundException') throw new SecretEmpty(secret, error);
    throw new SecretUnavailable(secret, `could not be read: ${message}`, error);
  }
  const login = parseLogin(text);
  if (login === undefined) throw new SecretUnavailable(secret, 'is not JSON with "username" and "password"');
  return login;
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
