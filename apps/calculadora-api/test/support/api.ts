import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { paths } from 'contract';
import { eventually } from '../../../../test/support/eventually.ts';
import { freePort } from '../../../../test/support/ports.ts';

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** The API as a process of its own, as it runs in production. */
export interface Api {
  /** Where it listens, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** Asks it to end (SIGTERM) and tells its exit code, `null` if a signal ended it. */
  stop(): Promise<number | null>;
  /** All that it wrote so far, standard output and error. */
  output(): string;
}

/** Runs the API's program with these settings and nothing else of this process's environment but PATH. */
export function spawnApi(env: Record<string, string>): Omit<Api, 'url'> {
  const api = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main.ts'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [api.stdout, api.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  // A test run that is broken off leaves no process behind.
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
 * Starts the API on a free port of 127.0.0.1 and waits until it answers, whether its database is ready or not.
 *
 * @throws if the process ends, or does not answer within 60 s; the error carries its output
 */
export async function startApi(env: Record<string, string> = {}): Promise<Api> {
  const port = env.PORT ?? String(await freePort());
  const api = { url: `http://127.0.0.1:${port}`, ...spawnApi({ HOST: '127.0.0.1', PORT: port, ...env }) };
  await answersAt(api, paths.live);
  return api;
}

/** Waits until the API says that its database answers; 60 s at most. */
export async function untilReady(api: Api): Promise<void> {
  await answersAt(api, paths.ready);
}

async function answersAt(api: Api, path: string): Promise<void> {
  // A connection that is kept open would hold up the end of the process for a while.
  const headers = { connection: 'close' };
  const hasEnded = () => api.process.exitCode !== null || api.process.signalCode !== null;
  try {
    await eventually(async () => hasEnded() || (await fetch(api.url + path, { headers })).ok);
    if (hasEnded()) throw new Error('It ended');
  } catch (cause) {
    await api.stop();
    throw new Error(`The API did not come up:\n${api.output()}`, { cause });
  }
}
