import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Measured {
  readonly requests: number;
  /** A second. */
  readonly rate: number;
  /** Connections that broke, and answers other than 2xx and 3xx. */
  readonly errors: number;
  readonly output: string;
}

export interface Hammering {
  /** Ends it before its time, or waits for its end, and tells how it went. */
  stop(): Promise<Measured>;
  readonly ended: Promise<Measured>;
}

/** Asks for an address as fast as it is answered, on connections that are kept, by wrk. */
export function hammer(url: string, connections: number, seconds: number): Hammering {
  const wrk = spawn('wrk', ['--threads=1', `--connections=${connections}`, `--duration=${seconds}s`, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = Promise.all([text(wrk.stdout), once(wrk, 'close')]).then(([output]) => read(output));
  return {
    ended,
    stop() {
      // wrk then tells what it has seen until now.
      wrk.kill('SIGINT');
      return ended;
    },
  };
}

function read(output: string): Measured {
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? [];
  return {
    requests: number(/(\d+) requests in/),
    rate: number(/Requests\/sec:\s+([\d.]+)/),
    errors: broken.reduce((sum, count) => sum + Number(count), number(/Non-2xx or 3xx responses: (\d+)/)),
    output,
  };
}
