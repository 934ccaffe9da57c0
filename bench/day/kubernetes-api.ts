import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';

/** Milliseconds. */
const patience = 5_000;

/** A client of a cluster's API server, for what is asked several times a second. */
export class KubernetesApi {
  readonly #server: string;
  readonly #token: string;
  // The API server of the tests makes its own certificate, which nothing signs.
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

  private constructor(server: string, token: string) {
    this.#server = server;
    this.#token = token;
  }

  /** @param kubeconfig file with a token */
  static async open(kubeconfig: string): Promise<KubernetesApi> {
    const { clusters, users } = parse(await readFile(kubeconfig, 'utf8'));
    return new KubernetesApi(clusters[0].cluster.server, users[0].user.token);
  }

  get<T>(path: string): Promise<T> {
    return this.#ask('GET', path);
  }

  /** Merges, as `kubectl patch` does. */
  patch(path: string, change: object): Promise<unknown> {
    return this.#ask('PATCH', path, change, 'application/strategic-merge-patch+json');
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @throws if the API server is away or refuses */
  async #ask<T>(method: string, path: string, body?: object, type = 'application/json'): Promise<T> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(
        this.#server + path,
        {
          method,
          agent: this.#agent,
          headers: { authorization: `Bearer ${this.#token}`, 'content-type': type },
          signal: AbortSignal.timeout(patience),
        },
        resolve,
      );
      asked.once('error', reject).end(body && JSON.stringify(body));
    });
    const found = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${found.slice(0, 300)}`);
    return JSON.parse(found);
  }
}
