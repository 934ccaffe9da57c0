import type { Login, MysqlSettings } from '../../settings.ts';
import { readLogin } from './secrets.ts';

/** Where connections get their user and password from. */
export interface Logins {
  /** @throws if it cannot be told now */
  current(): Promise<Login>;
  /** Says that the server refused this login. True if there is now another one to try. */
  renew(refused: Login): Promise<boolean>;
}

/** Milliseconds between two readings of a secret, however many connections are refused. */
const readingInterval = 2_000;

/** A login that stays as it is, or that of a secret, which is read again when the server refuses it. */
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
    // One that failed is no answer for the next who asks.
    reading.catch(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    return reading;
  }
}
