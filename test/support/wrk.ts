import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Question } from '../cluster/support/visitors.ts';

export interface Measured {
  readonly requests: number;
  /** Requests per second. */
  readonly rate: number;
  /** 99th percentile of the response time, in milliseconds. */
  readonly p99: number;
  /** Broken connections, answers other than 2xx and 3xx, and answers after more than 2 s, which p99 leaves out. */
  readonly errors: number;
  readonly output: string;
}

export interface Hammering {
  /** Stops wrk early, or waits until it exits. @returns its results so far */
  stop(): Promise<Measured>;
  readonly ended: Promise<Measured>;
}

/** Load test with wrk: repeats a request on keep-alive connections, each as soon as it gets its answer. */
export async function hammer({ url, body }: Question, connections: number, seconds: number): Promise<Hammering> {
  const folder = await mkdtemp(join(tmpdir(), 'wrk-'));
  const script = join(folder, 'question.lua');
  await writeFile(script, body ? post(body) : '');
  const options = [
    '--latency',
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--script=${script}`,
  ];
  const wrk = spawn('wrk', [...options, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = Promise.all([text(wrk.stdout), once(wrk, 'close')]).then(async ([output]) => {
    await rm(folder, { recursive: true });
    return read(output);
  });
  return {
    ended,
    stop() {
      // wrk then reports its results so far.
      wrk.kill('SIGINT');
      return ended;
    },
  };
}

function post(body: object): string {
  const type = 'wrk.headers["content-type"] = "application/json"';
  return `wrk.method = "POST"\n${type}\nwrk.body = [==[${JSON.stringify(body)}]==]\n`;
}

function read(output: string): Measured {
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? [];
  return {
    requests: number(/(\d+) requests in/),
    p99: milliseconds(/ 99%\s+([\d.]+)(us|ms|s|m)\s/.exec(output)),
    rate: number(/Requests\/sec:\s+([\d.]+)/),
    errors: broken.reduce((sum, count) => sum + Number(count), number(/Non-2xx or 3xx responses: (\d+)/)),
    output,
  };
}

const units: Record<string, number> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 };

function milliseconds(found: RegExpExecArray | null): number {
  return found ? Number(found[1]) * (units[found[2] ?? ''] ?? Number.NaN) : Number.NaN;
}
