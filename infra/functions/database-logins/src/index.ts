/**
 * Rotation function of the databases' logins, for Secrets Manager. The only program that uses the server's master login.
 *
 * Each application with a database has two secrets, for itself and for its migration. Each secret has two users that take
 * turns: a rotation sets a new password for the one that is not in use, tests it, and then makes it the current one. The
 * previous login stays valid until the next rotation, so no request fails. The first rotation creates the database and
 * the users. A rotation that stops halfway is repeated by Secrets Manager, and every step can be repeated.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
import { databaseUsers } from 'platform';
import { logIn, readServer, setLogin } from './database.ts';
import { newPassword } from './login.ts';
import { Secret } from './secret.ts';

/** Sent by Secrets Manager, once for each step and in this order. */
export interface RotationEvent {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  /** The secret's ARN. */
  readonly SecretId: string;
  /** The id of the new version. */
  readonly ClientRequestToken: string;
}

export async function handler({ Step, SecretId, ClientRequestToken: version }: RotationEvent): Promise<void> {
  const secret = new Secret(SecretId);
  const description = await secret.describe(version);
  const server = readServer(process.env);
  switch (Step) {
    case 'createSecret': {
      if (await secret.find('AWSPENDING')) return;
      const current = await secret.find('AWSCURRENT');
      const [first, second] = databaseUsers(description.application, description.purpose);
      const username = current?.username === first ? second : first;
      return secret.putPending(version, { username, password: newPassword() });
    }
    case 'setSecret': {
      const master = await new Secret(process.env.MASTER_SECRET ?? '').read('AWSCURRENT');
      return setLogin(server, master, description, await secret.read('AWSPENDING'));
    }
    case 'testSecret':
      return logIn(server, await secret.read('AWSPENDING'));
    case 'finishSecret':
      return secret.makeCurrent(version);
    default:
      throw new Error(`Unknown step: ${Step}`);
  }
}
