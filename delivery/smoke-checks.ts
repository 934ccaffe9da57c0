import { createHash } from 'node:crypto';
import { paths, type SumRequest } from 'contract';

/** One look at what users see: the sentence says what is right, `run` throws what was found instead. */
interface Check {
  readonly name: string;
  readonly run: (address: string) => Promise<void>;
}

export interface Result {
  readonly name: string;
  /** What was found instead; nothing if it is as it should be. */
  readonly found?: string;
}

/** Milliseconds: of one request, and between two attempts. */
const requestTimeout = 10_000;
const pause = 2_000;

const operation: SumRequest = { nome: 'smoke test', operador1: 20, operador2: 22 };
const result = 42;

const checks: readonly Check[] = [
  {
    name: `GET ${paths.sum}`,
    run: async (address) => {
      expectText(await ask(address + paths.sum), 'API em execução!');
    },
  },
  {
    name: `POST ${paths.sum}`,
    run: async (address) => {
      const answer = await ask(address + paths.sum, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(operation),
      });
      expectText(answer, `{"resultado":${result}}`);
    },
  },
  {
    name: `GET ${paths.site}/`,
    run: async (address) => {
      const { body, headers } = await answerOf(`${address}${paths.site}/`);
      const script = /<script type="module">(.*?)<\/script>/s.exec(body)?.[1];
      if (script === undefined) throw new Error(`no script in ${quote(body)}`);
      const hash = createHash('sha256').update(script).digest('base64');
      const policy = headers.get('content-security-policy') ?? '';
      if (!policy.includes(`'sha256-${hash}'`)) throw new Error(`${quote(policy)} forbids the page's own script`);
    },
  },
];

/**
 * Looks at both applications as their users do, each check until it passes or the time is over: a new environment's address
 * takes a while until everybody knows it.
 *
 * @param address without a slash at the end
 * @param timeout milliseconds
 */
export async function smoke(address: string, timeout: number): Promise<Result[]> {
  const deadline = Date.now() + timeout;
  const results: Result[] = [];
  for (const check of checks) results.push(await attempt(check, address, deadline));
  return results;
}

async function attempt({ name, run }: Check, address: string, deadline: number): Promise<Result> {
  for (;;) {
    try {
      await run(address);
      return { name };
    } catch (error) {
      if (Date.now() + pause > deadline) return { name, found: describe(error as Error) };
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function ask(url: string, init?: RequestInit): Promise<string> {
  return (await answerOf(url, init)).body;
}

async function answerOf(url: string, init: RequestInit = {}): Promise<{ body: string; headers: Headers }> {
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(requestTimeout), ...init });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${answer.status} ${quote(body)}`);
  return { body, headers: answer.headers };
}

function expectText(found: string, expected: string): void {
  if (found !== expected) throw new Error(`${quote(found)} instead of ${quote(expected)}`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** What undici tells of a connection that failed stands in the cause. */
function describe({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
