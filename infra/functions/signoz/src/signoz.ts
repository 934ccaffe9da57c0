/** Milliseconds. */
export const timeLimits = {
  /** For one request. SigNoz itself gives up after 30 s. */
  request: 35_000,
  /** For SigNoz to start. It may first need a node. */
  start: 600_000,
} as const;

/** SigNoz's HTTP API, with one kind of credentials. */
export class Signoz {
  readonly #url: string;
  readonly #credentials: Readonly<Record<string, string>>;

  /** @param credentials header with a token or a key. Without, only the few open routes can be used. */
  constructor(url: string, credentials: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    this.#credentials = credentials;
  }

  with(credentials: Readonly<Record<string, string>>): Signoz {
    return new Signoz(this.#url, credentials);
  }

  get<Data>(path: string): Promise<Data> {
    return this.#ask<Data>('GET', path);
  }

  post<Data>(path: string, body: object): Promise<Data> {
    return this.#ask<Data>('POST', path, body);
  }

  async put(path: string, body: object): Promise<void> {
    await this.#ask('PUT', path, body);
  }

  async delete(path: string): Promise<void> {
    await this.#ask('DELETE', path);
  }

  /**
   * Waits until SigNoz answers. That it does says nothing about its database, which nothing here needs.
   *
   * @param limit milliseconds
   * @throws Error if it does not answer in time
   */
  async untilUp(limit: number, pause = 5_000): Promise<void> {
    for (const deadline = Date.now() + limit; ; ) {
      try {
        await this.get('/api/v1/health');
        return;
      } catch (error) {
        if (Date.now() + pause > deadline) {
          throw new Error(`SigNoz did not answer within ${limit / 1_000} s: ${(error as Error).message}`, {
            cause: error,
          });
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async #ask<Data>(method: string, path: string, body?: object): Promise<Data> {
    const about = `${method} ${path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#url + path, {
        method,
        headers: { 'content-type': 'application/json', ...this.#credentials },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeLimits.request),
      });
      text = await response.text();
    } catch (error) {
      const { cause, message } = error as Error;
      throw new Error(`SigNoz gave no answer to ${about}: ${cause instanceof Error ? cause.message : message}`, {
        cause: error,
      });
    }
    if (!response.ok) throw new Refusal(response.status, about, reasonOf(text));
    return read<Data>(text, about);
  }
}

/** SigNoz answered with an error. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, about: string, reason: string) {
    super(`SigNoz answered ${status} to ${about}: ${reason}`);
    this.status = status;
  }
}

/** All answers are `{"status", "data"}`, except that of the health check, and the empty one to a change. */
function read<Data>(text: string, about: string): Data {
  if (text === '') return undefined as Data;
  try {
    return (JSON.parse(text) as { data: Data }).data;
  } catch {
    // Such as a page that asks to sign in.
    throw new Error(`SigNoz gave an answer to ${about} that is no JSON: ${text.slice(0, 100)}`);
  }
}

function reasonOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: string | { message?: string } };
    return (typeof error === 'string' ? error : error?.message) ?? text.slice(0, 200);
  } catch {
    return text.slice(0, 200) || 'no reason';
  }
}
