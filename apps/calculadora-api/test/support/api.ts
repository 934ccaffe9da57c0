import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { paths } from 'contract';
import { eventually } from '../../../../test/support/eventually.ts';
import { freePort } from '../../../../test/support/ports.ts';

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** The API in its own process, as in production. */
export interface Api {
  /** For example `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** Stops it with SIGTERM. Resolves to the exit code, or `null` if a signal killed it. */
  stop(): Promise<number | null>;
  /** Everything written to stdout and stderr so far. */
  output(): string;
}

/** Runs the API's program with these settings, and only PATH from this process's environment. */
export function spawnApi(env: Record<string, string>): Omit<Api, 'url'> {
  const api = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main.ts'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [api.stdout, api.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  // An interrupted test run leaves no process behind.
  const killAtExit = () => api.kill('SIGKILL');
  process.once('exit', killAtExit);
  api.once('exit', () => process.off('exit', killAtExit));

  return {
    process: api,
    output: () => output,
    async stop() {
      if (api.exitCode !== null || api.signalCode !== null) return api.exitCode;
      const exited = once(api, 'exit');
      api.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}

/**
 * Starts the API on a free port of 127.0.0.1 and waits until it is live, whether or not its database is ready.
 *
 * @throws if the process ends or does not answer within 60 s; the error has its output
 */
export async function startApi(env: Record<string, string> = {}): Promise<Api> {
  const port = env.PORT ?? String(await freePort());
  const api = { url: `http://127.0.0.1:${port}`, ...spawnApi({ HOST: '127.0.0.1', PORT: port, ...env }) };
  await answersAt(api, paths.live);
  return api;
}

/** Waits until the API is ready, for 60 s at most. */
export async function untilReady(api: Api): Promise<void> {
  await answersAt(api, paths.ready);
}

async function answersAt(api: Api, path: string): Promise<void> {
  // An open connection would delay the shutdown of the process.
  const headers = { connection: 'close' };
  const hasEnded = () => api.process.exitCode !== null || api.process.signalCode !== null;
  try {
    await eventually(async () => hasEnded() || (await fetch(api.url + path, { headers })).ok);
    if (hasEnded()) throw new Error('The process ended');
  } catch (cause) {
    await api.stop();
    throw new Error(`The API did not start:\n${api.output()}`, { cause });
  }
}
