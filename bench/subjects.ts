import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MariaDb } from '../packages/database/test/support/mariadb.ts';
import { freePort } from '../test/support/ports.ts';

const api = resolve(import.meta.dirname, '../apps/calculadora-api');

/** A server to compare. */
export interface Subject {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** Answers 200 once the server can store operations. */
  readonly readyPath: string;
}

/** A subject that is running and ready. */
export interface Running {
  readonly name: string;
  readonly url: string;
  /** Milliseconds from start until ready. */
  readonly startedIn: number;
  /** Resident memory now and at its peak, in MB. */
  memory(): { now: number; most: number };
  stop(): Promise<void>;
}

/**
 * The API's production build, the same with a log line for each request and with traces, and the API on other storages.
 *
 * @param collector URL of a collector for the traces
 */
export function nodeSubjects(server: MariaDb, database: string, collector: string): Subject[] {
  const image = readImage();
  const env = {
    ...image.env,
    HOST: server.host,
    DB_HOST: `${server.host}:${server.port}`,
    DB_USER: server.user,
    DB_PASSWORD: server.password,
    DB_NAME: database,
  };
  const subject = (name: string, program: readonly string[], more: Record<string, string> = {}): Subject => ({
    name,
    program: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', ...image.flags, ...program],
    env: { ...env, ...more },
    readyPath: '/backend/health/ready',
  });
  const main = join(api, 'dist/main.js');
  const otherStorage = join(import.meta.dirname, 'other-storage.ts');
  return [
    subject('this API', [main]),
    subject('… with a log line a request', [main], { LOG_LEVEL: 'debug' }),
    subject('… with traces', [main], { OTEL_EXPORTER_OTLP_ENDPOINT: collector }),
    subject('… with an INSERT a request', [otherStorage, 'one-insert']),
    subject('… storing nothing', [otherStorage, 'none']),
  ];
}

/** The image's environment variables, such as NODE_ENV and the memory limits, and its flags for Node. */
function readImage(): { env: Record<string, string>; flags: string[] } {
  const dockerfile = readFileSync(join(api, 'Dockerfile'), 'utf8');
  const [, variables = ''] = /^ENV (NODE_ENV=.*)$/m.exec(dockerfile) ?? [];
  const [, command = '[]'] = /^CMD (.*)$/m.exec(dockerfile) ?? [];
  return {
    env: Object.fromEntries(
      [...variables.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare]),
    ),
    // Without the program and its file.
    flags: JSON.parse(command).slice(1, -1),
  };
}

/** The same API in Go, tuned and with the defaults of database/sql. Empty if Go is not installed. */
export function goSubjects(go: string | undefined, folder: string, server: MariaDb, database: string): Subject[] {
  if (go === undefined) return [];
  const program = join(folder, 'api');
  const cwd = join(import.meta.dirname, 'go');
  execFileSync(go, ['build', '-trimpath', '-ldflags=-s -w', '-o', program, '.'], {
    cwd,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  const source = `${server.user}:${server.password}@tcp(${server.host}:${server.port})/${database}`;
  const subject = (name: string, ...more: string[]): Subject => ({
    name,
    program,
    args: ['-database', source, ...more],
    env: {},
    readyPath: '/backend',
  });
  return [subject('Go, careful'), subject('Go, plain', '-plain')];
}

/** Starts a subject and waits until it is ready. @throws if it is not ready within 30 s */
export async function start({ name, program, args, env, readyPath }: Subject): Promise<Running> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const begin = performance.now();
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, ...env, PORT: String(port) },
    // Logs are written as in production, and discarded.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  for (const deadline = begin + 30_000; ; await sleep(2)) {
    const answer = await fetch(url + readyPath, { headers: { connection: 'close' } }).catch(() => undefined);
    if (answer?.ok) break;
    if (performance.now() > deadline || child.exitCode !== null) throw new Error(`${name} did not start`);
  }
  const startedIn = performance.now() - begin;
  return {
    name,
    url,
    startedIn,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const megabytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_000;
      return { now: megabytes('VmRSS'), most: megabytes('VmHWM') };
    },
    async stop() {
      process.off('exit', killAtExit);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
