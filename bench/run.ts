/**
 * `pnpm bench`: compares the API's production build with other servers, on its own MariaDB, set to lose nothing in a
 * crash. Load generator, servers and database share the machine, and each round measures all servers in turn. Compare
 * the rows of one run, not the figures of two runs.
 *
 * It writes its tables into docs/performance.md, or into the page that is given as argument. Settings: BENCH_SECONDS is
 * the duration of each measurement, BENCH_ROUNDS the number of rounds, and BENCH_CONNECTIONS the numbers of connections
 * (`1,16,64,256`). It needs MariaDB and wrk, and Go for the rows of the Go servers.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { durable, startMariaDb } from '../packages/database/test/support/mariadb.ts';
import { startCollector } from '../test/support/collector.ts';
import { findTool } from '../test/support/find-tool.ts';
import { hammer } from '../test/support/wrk.ts';
import { median, table, writeIntoPage } from './page.ts';
import { goSubjects, nodeSubjects, type Running, type Subject, start } from './subjects.ts';

const seconds = Number(process.env.BENCH_SECONDS ?? 2);
const rounds = Number(process.env.BENCH_ROUNDS ?? 9);
const starts = 7;
const connections = (process.env.BENCH_CONNECTIONS ?? '1,16,64,256').split(',').map(Number);
const body = { nome: 'Wander', operador1: 5, operador2: 10 };
const database = 'bench';
const page = resolve(process.argv[2] ?? join(import.meta.dirname, '../docs/performance.md'));

/** Results of one subject at one number of connections, one figure for each round. `rates` leave out errors. */
interface Row {
  readonly subject: string;
  readonly request: 'GET' | 'POST';
  readonly count: number;
  readonly rates: number[];
  readonly slowest: number[];
  errors: number;
}

const folder = await mkdtemp(join(tmpdir(), 'bench-'));
// The same buffer pool as on the smallest RDS instance.
const server = await startMariaDb(...durable, '--innodb-buffer-pool-size=512M');
const collector = await startCollector();
try {
  const subjects = [
    ...nodeSubjects(server, database, collector.url),
    ...goSubjects(findTool('go'), folder, server, database),
  ];
  // The first start creates the schema.
  for (const subject of subjects.slice(0, 1)) await (await start(subject)).stop();
  const startups = await measureStarts(subjects);
  const running: Running[] = [];
  for (const subject of subjects) running.push(await start(subject));
  const rows: Row[] = [];
  for (const request of ['GET', 'POST'] as const) {
    for (const count of connections) rows.push(...(await measure(running, request, count)));
  }
  const memory = new Map(running.map((one) => [one.name, one.memory().most]));
  for (const one of running) await one.stop();

  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.version}`;
  const how = `${rounds} rounds of ${seconds} s each, interleaved; medians, those of the ratios within a round, and least to most`;
  const text = [`${machine}; ${how}.`, loadTable(rows), startTable(subjects, startups, memory)].join('\n\n');
  console.log(text);
  await writeIntoPage(page, 'pnpm bench', text);
} finally {
  await collector.stop();
  await server.stop();
  await rm(folder, { recursive: true });
}

/** Time until each subject is ready, in milliseconds, and its memory then, in MB. The schema already exists. */
async function measureStarts(subjects: readonly Subject[]): Promise<Map<string, { time: number; rest: number }>> {
  const found = new Map<string, { time: number; rest: number }>();
  for (const subject of subjects) {
    const times: number[] = [];
    let rest = 0;
    for (let round = 0; round < starts; round++) {
      const running = await start(subject);
      times.push(running.startedIn);
      rest = running.memory().now;
      await running.stop();
    }
    found.set(subject.name, { time: median(times), rest });
  }
  return found;
}

/** Each round measures all subjects, starting with another one, so that other load on the machine affects all alike. */
async function measure(subjects: readonly Running[], request: 'GET' | 'POST', count: number): Promise<Row[]> {
  const rows = subjects.map(({ name }): Row => ({ subject: name, request, count, rates: [], slowest: [], errors: 0 }));
  const turns = [...subjects.entries()];
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { url }] of turns) {
      const question = { url: `${url}/backend`, answer: /./, ...(request === 'POST' && { body }) };
      const { errors, p99, rate, requests } = await (await hammer(question, count, round === 0 ? 1 : seconds)).ended;
      const row = rows[index];
      // Round 0 is the warm-up.
      if (row === undefined || round === 0) continue;
      row.rates.push((rate * (requests - errors)) / requests);
      row.slowest.push(p99);
      row.errors += errors;
    }
    turns.push(...turns.splice(0, 1));
  }
  return rows;
}

function loadTable(rows: readonly Row[]): string {
  const careful = rows.filter(({ subject }) => subject === 'Go, careful');
  const lines = rows.map(({ subject, request, count, rates, slowest, errors }) => {
    const other = careful.find((row) => row.request === request && row.count === count);
    // Within a round, because the machine's own speed varies more between rounds.
    const ratio = other && median(rates.map((rate, round) => rate / (other.rates[round] ?? Number.NaN))).toFixed(2);
    const spread = `${whole(Math.min(...rates))} to ${whole(Math.max(...rates))}`;
    return [request, count, subject, whole(median(rates)), spread, ratio ?? '', median(slowest).toFixed(1), errors];
  });
  return table(
    ['request', 'connections:', 'server', 'a second:', 'least to most:', 'of careful Go’s:', 'p99 ms:', 'errors:'],
    lines,
  );
}

function startTable(
  subjects: readonly Subject[],
  startups: ReadonlyMap<string, { time: number; rest: number }>,
  memory: ReadonlyMap<string, number>,
): string {
  const lines = subjects.map(({ name }) => {
    const { time = Number.NaN, rest = Number.NaN } = startups.get(name) ?? {};
    return [name, whole(time), whole(rest), whole(memory.get(name) ?? Number.NaN)];
  });
  return table(['server', 'ready after ms:', 'MB at rest:', 'MB at most:'], lines);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
