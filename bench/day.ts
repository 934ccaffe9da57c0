/**
 * `pnpm bench day`: a day of bad luck. The environment dev runs on two real nodes of this machine, behind stand-ins for
 * the load balancer and its controller, with a database that loses nothing in a crash. While users send sums at a steady
 * rate, one event after the other happens, and at the end every row is compared with the answers.
 *
 * It writes its tables into docs/performance.md, or into the page that is given as argument. Settings: BENCH_SUMS is the
 * number of sums to be stored, BENCH_RATE the requests a second, BENCH_MINUTES the time after which no more is sent once all
 * events are over, BENCH_EVENTS the numbers of the events (`1,2,6`; all by
 * default), BENCH_FAILOVER the seconds that the long failover takes, BENCH_LAG the seconds for which a deregistered pod
 * still gets new requests, and BENCH_JSON a file for the figures. It needs what `pnpm test cluster/release` needs.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { applications } from 'platform/applications';
import { delivery } from '../delivery/test/support/delivery.ts';
import { synthesise } from '../infra/test/support/synthesised.ts';
import { durable } from '../packages/database/test/support/mariadb.ts';
import { query } from '../packages/database/test/support/query.ts';
import { applicationOf, startRealEnvironment } from '../test/cluster/support/real-environment.ts';
import { missingFor } from '../test/kubernetes/start.ts';
import { buildImage, deriveImage, usableDocker } from '../test/support/docker.ts';
import { findTool } from '../test/support/find-tool.ts';
import { Controller } from './day/controller.ts';
import { Crowd, type Result } from './day/crowd.ts';
import { type Event, eventsOf, untilSettled } from './day/events.ts';
import { KubernetesApi } from './day/kubernetes-api.ts';
import { LoadBalancer } from './day/load-balancer.ts';
import { startOwnAddress } from './day/own-address.ts';
import { countRows, type Row } from './day/rows.ts';
import { settingsOf } from './day/settings-of-stack.ts';
import type { PeriodFigures } from './day/users.ts';
import { table, writeIntoPage } from './page.ts';

const sums = Number(process.env.BENCH_SUMS ?? 1_000_000);
const rate = Number(process.env.BENCH_RATE ?? 1_000);
const minutes = Number(process.env.BENCH_MINUTES ?? 90);
const lag = Number(process.env.BENCH_LAG ?? 10);
const failover = Number(process.env.BENCH_FAILOVER ?? 60);
const chosen = process.env.BENCH_EVENTS?.split(',').map(Number);
const page = resolve(process.argv[3] ?? join(import.meta.dirname, '../docs/performance.md'));
const userCounts = { plain: 128, keyed: 128, visitor: 8 };
/** Milliseconds before the first event and after each one. */
const calm = 15_000;
const rowsAtOnce = 50_000;

const openssl = findTool('openssl');
const missing = missingFor('two-real') ?? (usableDocker() ? undefined : 'Docker with a running engine');
if (missing !== undefined || openssl === undefined) {
  console.error(`This machine lacks ${missing ?? 'openssl'}`);
  process.exitCode = 1;
} else {
  await playDay(openssl);
}

/** @param openssl path of the program */
async function playDay(openssl: string): Promise<void> {
  /** On Ctrl+C the day ends after the current event, with what there is until then. */
  let isInterrupted = false;
  process.once('SIGINT', () => {
    isInterrupted = true;
  });
  const started: { stop(): Promise<void> }[] = [];
  const keep = <T extends { stop(): Promise<void> }>(some: T): T => {
    started.push(some);
    return some;
  };
  try {
    const stack = synthesise('dev');
    const environment = keep(
      await startRealEnvironment({
        nodes: 'two-real',
        database: [...durable, '--innodb-buffer-pool-size=512M'],
        startAddress: startOwnAddress,
      }),
    );
    const { address, cluster, database, deployer, registry } = environment;
    const balancer = keep(await LoadBalancer.start(settingsOf(stack, lag * 1000)));
    const startController = () => Controller.start(cluster, balancer, stack, openssl);
    let current = await startController();
    keep({ stop: () => current.stop() });
    const controller = {
      stop: () => current.stop(),
      start: async () => {
        current = await startController();
      },
    };
    const api = await KubernetesApi.open(String(cluster.env.KUBECONFIG));
    keep({ stop: async () => api.close() });

    const first: Record<string, string> = {};
    const second: Record<string, string> = {};
    for (const { name } of applications) {
      await buildImage(name);
      first[name] = await registry.push(name);
      await deriveImage(name, `${name}:second`, 'LABEL version=second');
      second[name] = await registry.push(`${name}:second`);
    }
    const program = 'CMD ["node", "--eval", "setInterval(() => {}, 1000)"]';
    await deriveImage('calculadora-api', 'calculadora-api:silent', program);
    const silent = await registry.push('calculadora-api:silent');
    for (const { name } of applications) {
      const { code, output } = await delivery(['release', name, 'dev', '--image', String(first[name])], deployer);
      if (code !== 0) throw new Error(output);
    }
    await untilSettled(api);

    const all = eventsOf({ api, controller, environment, failover, first, second, silent });
    const events = chosen ? all.filter((_, index) => chosen.includes(index + 1)) : all;
    const crowd = new Crowd({ address: balancer.address, users: userCounts, rate });
    let result: Result;
    const end = Date.now() + minutes * 60_000;
    try {
      await sleep(calm);
      for (const event of events) {
        if (isInterrupted) break;
        await play(event, crowd, api);
      }
      crowd.begin('after the last event');
      while (crowd.acknowledged < sums && Date.now() < end && !isInterrupted) await sleep(100);
    } finally {
      // Before the pods are gone: nothing may be sent to an address that nobody has.
      result = await crowd.leave();
    }

    const counted = await countRows(result, rowsOf({ ...database, ...address }));
    const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.version}`;
    const { keyed, plain, visitor } = userCounts;
    const how =
      `${plain} scripts without a key, ${keyed} with one, and ${visitor} visitors of the page, ` +
      `at most ${rate} requests a second together; a deregistered pod gets new requests for ${lag} s more`;
    const text = [
      `${machine}; ${how}.`,
      eventTable(result.periods),
      answerTable(result.periods),
      table(
        ['sums and rows', 'count:'],
        [
          ['sums sent', number(result.sent)],
          ['sums acknowledged', number(result.acknowledged)],
          ['rows', number(counted.rows)],
          ['acknowledged sums without a row', number(counted.lost)],
          ['rows that repeat a sum', number(counted.twice)],
          ['rows with other values than were sent', number(counted.wrong)],
          ['rows of sums that were not acknowledged', number(counted.unacknowledged)],
        ],
      ),
    ].join('\n\n');
    console.log(text);
    for (const [reason, count] of balancer.errors) console.log(`The load balancer: ${count} times ${reason}`);
    await writeIntoPage(page, 'pnpm bench day', text);
    if (process.env.BENCH_JSON) {
      const { acknowledged, periods, sent } = result;
      const errors = Object.fromEntries(balancer.errors);
      const figures = { sent, acknowledged, ...counted, periods, errors };
      await writeFile(process.env.BENCH_JSON, `${JSON.stringify(figures, null, 2)}\n`);
    }
    if (counted.lost + counted.twice + counted.wrong > 0) process.exitCode = 1;
  } finally {
    for (const some of started.reverse()) await some.stop();
  }
}

/** Plays an event, and waits until the cluster is calm again. */
async function play({ name, run }: Event, crowd: Crowd, api: KubernetesApi): Promise<void> {
  crowd.begin(name);
  const start = performance.now();
  await run();
  await untilSettled(api);
  const took = ((performance.now() - start) / 1000).toFixed(0);
  await sleep(calm);
  const { failed, longest, repeated } = crowd.now;
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0);
  console.log(`${name}: ${took} s, ${failures} failed, ${repeated} sent again, ${Math.round(longest)} ms at most`);
}

/** All rows of the day, without those of the smoke tests. */
async function* rowsOf(server: Parameters<typeof query>[0]): AsyncGenerator<Row> {
  const name = applicationOf('calculadora-api').database;
  for (let last = 0; ; ) {
    const rows = await query(
      server,
      `SELECT id, nome, operador1, operador2 FROM ${name}.operacoes
        WHERE id > ${last} AND nome <> 'smoke test' ORDER BY id LIMIT ${rowsAtOnce}`,
    );
    if (rows.length === 0) return;
    for (const row of rows) yield row as unknown as Row;
    last = Number(rows.at(-1)?.id);
  }
}

function eventTable(periods: readonly PeriodFigures[]): string {
  return table(
    [
      'event',
      's:',
      'requests:',
      'failed without a key:',
      'sent again with a key:',
      'failed with a key:',
      'pages failed:',
      'p99 ms:',
      'longest ms:',
      'longest sum ms:',
    ],
    periods.map((period) => [
      period.name,
      number(period.seconds),
      number(period.requests),
      number(period.failed.plain),
      number(period.repeated),
      number(period.failed.keyed),
      number(period.failed.visitor),
      number(period.p99),
      number(period.longest),
      number(period.longestSum),
    ]),
  );
}

function answerTable(periods: readonly PeriodFigures[]): string {
  const answers = new Map<string, number>();
  for (const period of periods) {
    for (const [answer, count] of Object.entries(period.answers))
      answers.set(answer, (answers.get(answer) ?? 0) + count);
  }
  return table(
    ['answer', 'requests:'],
    [...answers].sort(([one], [other]) => one.localeCompare(other)).map(([answer, count]) => [answer, number(count)]),
  );
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}
