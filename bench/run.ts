/**
 * `pnpm bench`: requests a second of the API's production build, on an SQLite file or, with DB_HOST, on that server.
 * Load and server share the machine, so compare the rows of one run with each other and not with another machine's.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import autocannon from 'autocannon';
import { eventually } from '../test/support/eventually.ts';
import { freePort } from '../test/support/ports.ts';

const seconds = Number(process.env.BENCH_SECONDS ?? 5);
const connections = [1, 16, 64, 256];
const body = JSON.stringify({ nome: 'Wander', operador1: 5, operador2: 10 });

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const api = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'dist/main.js'], {
  cwd: resolve(import.meta.dirname, '../apps/calculadora-api'),
  env: {
    DB_FILE: join(folder, 'operations.sqlite'),
    ...process.env,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
  },
  // Logs are written as in production, and read by nobody.
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  await eventually(async () => (await fetch(`${url}/backend/health/ready`)).ok);
  const storage = process.env.DB_HOST ? `MySQL at ${process.env.DB_HOST}` : 'SQLite';
  console.log(`${cpus().length} cores, Node ${process.version}, ${storage}, ${seconds} s a row\n`);
  console.log('request        connections   requests/s   p50 ms   p99 ms   not 2xx');
  for (const method of ['GET', 'POST'] as const) {
    for (const count of connections) await measure(method, count);
  }
} finally {
  const ended = once(api, 'exit');
  api.kill('SIGTERM');
  await ended;
  await rm(folder, { recursive: true });
}

async function measure(method: 'GET' | 'POST', count: number): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const { requests, latency, non2xx } = await autocannon({
    url: `${url}/backend`,
    method,
    connections: count,
    duration: seconds,
    ...(method === 'POST' && { body, headers }),
  });
  const columns = [Math.round(requests.average), latency.p50, latency.p99, non2xx].map(String);
  const [rate = '', p50 = '', p99 = '', failed = ''] = columns;
  console.log(
    `${`${method} /backend`.padEnd(13)}  ${String(count).padStart(11)}   ${rate.padStart(10)}   ${p50.padStart(6)}   ${p99.padStart(6)}   ${failed.padStart(7)}`,
  );
}
