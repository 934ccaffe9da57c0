import type { Login, MysqlSettings } from '../settings.ts';
import { readLogin } from './secrets.ts';

/** Provides the user and password for new connections. */
export interface Logins {
  /** @throws if the login cannot be read */
  current(): Promise<Login>;
  /** Called when the server refused this login. Resolves to true if another one is now available. */
  renew(refused: Login): Promise<boolean>;
}

/** Minimum milliseconds between two reads of a secret, however many connections are refused. */
const readingInterval = 2_000;

/** A fixed login, or one from a secret, which is read again when the server refuses the login. */
export function loginsOf(login: MysqlSettings['login']): Logins {
  if ('secret' in login) return new SecretLogins(login.secret);
  return { current: async () => login, renew: async () => false };
}

class SecretLogins implements Logins {
  readonly #secret: string;
  #reading: Promise<Login> | undefined;
  #readAt = 0;

  constructor(secret: string) {
    this.#secret = secret;
  }

  current(): Promise<Login> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  async renew(refused: Login): Promise<boolean> {
    const known = await this.current();
    if (known !== refused) return true;
    if (performance.now() - this.#readAt < readingInterval) return false;
    this.#reading = this.#read();
    const { user, password } = await this.#reading;
    return user !== refused.user || password !== refused.password;
  }

  #read(): Promise<Login> {
    this.#readAt = performance.now();
    const reading = readLogin(this.#secret);
    // A failed read is not cached: the next caller reads again.
    reading.catch(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    return reading;
  }
}
