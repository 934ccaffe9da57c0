import { isIP } from 'node:net';

/** One or more environment variables are invalid. The message names each of them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads environment variables. It collects all errors, and throws them together in {@link check}.
 *
 * @example
 * const environment = new EnvironmentVariables(process.env);
 * const settings = { host: environment.host('HOST', '0.0.0.0'), database: readDatabase(environment, 'notes.sqlite') };
 * environment.check();
 */
export class EnvironmentVariables {
  readonly #variables: NodeJS.ProcessEnv;
  readonly #wrong: string[] = [];

  constructor(variables: NodeJS.ProcessEnv) {
    this.#variables = variables;
  }

  get isProduction(): boolean {
    return this.text('NODE_ENV') === 'production';
  }

  /** All variables are read by this, so that an empty one counts as unset. */
  text(name: string): string | undefined {
    return this.#variables[name] || undefined;
  }

  required(name: string, why: string): string {
    const value = this.text(name);
    if (value === undefined) this.refuse(`${name} is missing: ${why}`);
    return value ?? '';
  }

  /** Reads a host name or an IP address. */
  host(name: string, fallback: string): string {
    return this.checkHost(name, this.text(name) ?? fallback);
  }

  /** Reads a port. @param lowest 0 if the system may choose a free one */
  port(name: string, fallback: number, lowest: 0 | 1): number {
    return this.checkPort(name, this.text(name), fallback, lowest);
  }

  /** @param value part of the variable's value */
  checkHost(name: string, value: string): string {
    if (isIP(value) === 0 && !/^(?=.{1,253}$)[\w-]+(\.[\w-]+)*\.?$/.test(value)) {
      this.refuse(`${name} is ${JSON.stringify(value)}: it must hold a host name or an IP address`);
    }
    return value;
  }

  /** @param value part of the variable's value */
  checkPort(name: string, value: string | undefined, fallback: number, lowest: 0 | 1): number {
    if (value === undefined) return fallback;
    const number = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= lowest && number <= 65_535)) {
      this.refuse(`${name} is ${JSON.stringify(value)}: it must hold a port number from ${lowest} to 65535`);
    }
    return number;
  }

  /** Adds an error. */
  refuse(message: string): void {
    this.#wrong.push(message);
  }

  /** @throws {SettingsError} naming all invalid variables at once */
  check(): void {
    if (this.#wrong.length > 0) throw new SettingsError(this.#wrong.join('\n'));
  }
}
