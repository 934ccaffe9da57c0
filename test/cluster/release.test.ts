import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { delivery, type Outcome } from '../../delivery/test/support/delivery.ts';
import { paths } from '../../packages/contract/src/index.ts';
import { buildImage, deriveImage } from '../support/docker.ts';
import { eventually } from '../support/eventually.ts';
import { hammer, type Measured } from '../support/wrk.ts';
import { consumptionOf } from './support/consumption.ts';
import { describeWithRealNode } from './support/describe-with-real-node.ts';
import {
  databaseSecret,
  namespace,
  type Pod,
  type RealEnvironment,
  startRealEnvironment,
} from './support/real-environment.ts';
import { ask, type Failure, type Question, type Visit, Visitors } from './support/visitors.ts';

/** The containers' users, as the manifests set them. The tests check them with the kernel. */
const containers = [
  { name: 'calculadora-api', user: 1000 },
  { name: 'magic-calculator', user: 101 },
] as const;

describeWithRealNode('on a real node, as a deployer,', () => {
  let environment: RealEnvironment;
  /** The applications' images with their digests: two versions that differ only in a label. */
  const first: Record<string, string> = {};
  const second: Record<string, string> = {};
  /** Memory of a pod before its first request, in bytes. */
  const atRest: Record<string, number> = {};
  let sum: Question;
  let page: Question;

  const release = (
    application: string,
    image: string | undefined,
    seconds = 120,
    ...more: readonly string[]
  ): Promise<Outcome> =>
    delivery(
      ['release', application, 'dev', '--image', String(image), '--timeout', String(seconds), ...more],
      environment.deployer,
    );
  const podsOf = (application: string) => environment.podsOf(application);
  const ready = async (name: string) =>
    (await podsOf(name)).filter(({ status }) => status.containerStatuses?.every((container) => container.ready)).length;
  /** Polls the pod of a job until it ends. @returns the highest memory usage that was seen, in bytes */
  const peakOf = async (application: string): Promise<number> => {
    let peak = 0;
    await eventually(async () => {
      const [pod] = await podsOf(application);
      if (pod) peak = (await consumptionOf(await environment.processOf(pod))).peak;
      return peak > 0;
    });
    for (;;) {
      const [pod] = await podsOf(application);
      const found =
        pod &&
        (await environment
          .processOf(pod)
          .then(consumptionOf)
          .catch(() => undefined));
      if (!found) return peak;
      peak = found.peak;
    }
  };
  /** Waits until no pod is terminating: a terminating pod might still cut off a response. */
  const settled = (application: string) =>
    eventually(async () => {
      const selector = `--selector=app.kubernetes.io/name=${application}`;
      const { items } = await environment.cluster.get<{ items: Pod[] }>('pods', namespace, selector);
      return items.every(({ metadata }) => metadata.deletionTimestamp === undefined);
    }, 90_000);

  beforeAll(async () => {
    environment = await startRealEnvironment();
    for (const { name } of applications) {
      await buildImage(name);
      first[name] = await environment.registry.push(name);
      await deriveImage(name, `${name}:second`, 'LABEL version=second');
      second[name] = await environment.registry.push(`${name}:second`);
    }
  }, 900_000);

  afterAll(() => environment?.stop());

  test('the first release starts both applications', async () => {
    const migration = peakOf('calculadora-api-migration');
    for (const { name } of applications) {
      const { code, output } = await release(name, first[name]);
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`${name} is in service`) });
    }
    console.log(`The migration uses at most ${megabytes(await migration)}`);
    const [api, site] = await Promise.all(applications.map((application) => environment.addressOf(application)));
    sum = {
      url: api + paths.sum,
      body: { nome: 'Ana Lúcia', operador1: 5, operador2: 10 },
      answer: /^\{"resultado":15\}$/,
    };
    page = { url: `${site}${paths.site}/`, answer: /<script / };
  });

  test("a sum sent to the service's address is stored in the database", async () => {
    await ask(sum);
    await ask(page);
    // The release's own smoke test has stored one, too.
    const rows = "SELECT nome, operador1, operador2 FROM calculadora.operacoes WHERE nome <> 'smoke test'";
    expect(await environment.sql(rows)).toBe('Ana Lúcia\t5\t10\n');
  });

  test("the migration has granted the API's user only what it needs: to insert and read", async () => {
    const login = await environment.secrets.get(databaseSecret);
    expect(login.username).not.toBe(environment.database.user);
    const count = "SELECT COUNT(*) FROM calculadora.operacoes WHERE nome <> 'smoke test'";
    expect(await environment.sql(count, login)).toBe('1\n');
    for (const statement of [
      'CREATE TABLE calculadora.own (id INT)',
      'ALTER TABLE calculadora.operacoes ADD own INT',
      'DROP TABLE calculadora.operacoes',
      'DELETE FROM calculadora.operacoes',
    ]) {
      await expect(environment.sql(statement, login)).rejects.toThrow(/command denied/);
    }
  });

  test.each(containers)('$name runs as its user, unprivileged, on a read-only root', async ({ name, user }) => {
    // The autoscaler's minimum. It syncs every 15 s.
    await eventually(async () => (await ready(name)) === 2);
    for (const pod of await podsOf(name)) {
      const process = await environment.processOf(pod);
      const { memory, status } = await consumptionOf(process);
      atRest[name] = memory;
      expect(status).toMatch(new RegExp(`^Uid:\\s+${user}\\s+${user}\\s+${user}\\s`, 'm'));
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(status).toMatch(/^CapBnd:\s+0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^Seccomp:\s+2$/m);
      await expect(writeFile(`/proc/${process}/root/written`, '')).rejects.toThrow(/read-only/);
      expect(pod.spec.containers[0]?.image).toBe(first[name]);
    }
  });

  test('a rolling release of both applications fails no request and breaks no connection', async () => {
    const visitors = new Visitors(sum, page);
    const hammers = await Promise.all([sum, page].map((question) => hammer(question, 16, 600)));
    const outcomes = await Promise.all(applications.map(({ name }) => release(name, second[name])));
    await Promise.all(applications.map(({ name }) => settled(name)));
    const measured = await Promise.all(hammers.map((some) => some.stop()));
    const visit = await visitors.leave();
    report('a rolling release', visit, measured);

    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(visit.failures).toEqual([]);
    expect(measured.map(({ errors, output }) => (errors > 0 ? output : ''))).toEqual(['', '']);
    expect(visit.answered).toBeGreaterThan(500);
  });

  describe('a failed release is rolled back without failed requests', () => {
    test('if the image does not exist, or never gets ready', async () => {
      await deriveImage(
        'calculadora-api',
        'calculadora-api:silent',
        'CMD ["node", "--eval", "setInterval(() => {}, 1000)"]',
      );
      const silent = await environment.registry.push('calculadora-api:silent');
      const missing = String(second['magic-calculator']).replace(/[0-9a-f]{64}$/, '0'.repeat(64));

      const visitors = new Visitors(sum, page);
      const [neverReady, missingImage] = await Promise.all([
        release('calculadora-api', silent, 30, '--without-trial'),
        release('magic-calculator', missing, 30, '--without-trial'),
      ]);
      const visit = await visitors.leave();
      report('two failed releases', visit);

      expect(visit.failures).toEqual([]);
      expect(neverReady).toMatchObject({
        code: 1,
        output: expect.stringMatching(/Startup probe failed: .*connection refused/),
      });
      expect(missingImage).toMatchObject({ code: 1, output: expect.stringMatching(/ImagePullBackOff|ErrImagePull/) });
      for (const { output } of [neverReady, missingImage])
        expect(output).toContain('was rolled back to the previous version');
      for (const { name } of applications) {
        expect((await podsOf(name)).map(({ spec }) => spec.containers[0]?.image)).toEqual([second[name], second[name]]);
      }
    });

    test('before any user reaches it, if the process exits at once, with its last output as the reason', async () => {
      const program = 'console.error("No settings"); process.exit(3)';
      await deriveImage(
        'calculadora-api',
        'calculadora-api:broken',
        `CMD ["node", "--eval", ${JSON.stringify(program)}]`,
      );
      const broken = await environment.registry.push('calculadora-api:broken');
      const visitors = new Visitors(sum, page);
      const outcome = await release('calculadora-api', broken, 20);
      const visit = await visitors.leave();
      expect(visit.failures).toEqual([]);
      expect(outcome).toMatchObject({ code: 1, output: expect.stringContaining('Error (3): No settings') });
      // Its first pod was started by itself, and is gone.
      expect(outcome.output).toContain('calculadora-api-trial, did not get ready. No user reached it');
      const { output: pods } = await environment.cluster.kubectl(['get', 'pods', namespace, '--output=name']);
      expect(pods).not.toContain('trial');
    });
  });

  describe('the loss of a pod', () => {
    test.each(applications.map(({ name }) => name))('by a graceful deletion fails no request: %s', async (name) => {
      const visitors = new Visitors(sum, page);
      const [pod] = await podsOf(name);
      await environment.cluster.kubectl(['delete', 'pod', String(pod?.metadata.name), namespace, '--wait=false']);
      await settled(name);
      const visit = await visitors.leave();
      report(`a pod of ${name} deleted`, visit);
      expect(visit.failures).toEqual([]);
    });

    test.each(applications.map(({ name }) => name))(
      'by a crash of its process fails little more than its in-flight requests: %s',
      async (name) => {
        const visitors = new Visitors(sum, page);
        await eventually(async () => visitors.visit.answered > 200);
        const [pod] = await podsOf(name);
        if (pod) process.kill(await environment.processOf(pod), 'SIGKILL');
        await eventually(async () => (await ready(name)) < 2);
        await eventually(async () => (await ready(name)) === 2);
        const visit = await visitors.leave();
        report(`a process of ${name} killed`, visit);
        expectFewFailures(visit);
      },
    );

    test('without warning, as with its node, fails little more than its in-flight requests', async () => {
      const visitors = new Visitors(sum, page);
      await eventually(async () => visitors.visit.answered > 200);
      const [pod] = await podsOf('calculadora-api');
      const name = String(pod?.metadata.name);
      await environment.cluster.kubectl(['delete', 'pod', name, namespace, '--grace-period=0', '--force']);
      await eventually(async () => (await ready('calculadora-api')) === 2);
      const visit = await visitors.leave();
      report('a pod of calculadora-api deleted by force', visit);
      expectFewFailures(visit);
    });
  });

  test("the API keeps working when its database user's password changes", async () => {
    const { username } = await environment.secrets.get(databaseSecret);
    const changed = { username, password: 'changed-for-tests' };
    const visitors = new Visitors(sum);
    await environment.sql(`ALTER USER '${username}'@'%' IDENTIFIED BY '${changed.password}'`);
    await environment.secrets.put(databaseSecret, changed);
    await eventually(async () => visitors.visit.answered > 200);
    expect(visitors.visit.failures).toEqual([]);

    // So far it used connections that were open already. Once they are killed, it has to log in again.
    const connections = await environment.sql(
      `SELECT id FROM information_schema.processlist WHERE user = '${username}'`,
    );
    const ids = connections.trim().split('\n');
    await environment.sql(ids.map((id) => `KILL ${id};`).join(''));
    const { answered } = visitors.visit;
    await eventually(async () => visitors.visit.answered > answered + 200);
    const visit = await visitors.leave();
    report(`${ids.length} connections to the database cut after a change of password`, visit);
    expectFewFailures(visit);
    expect(await environment.sql('SELECT 1', changed)).toBe('1\n');
  });

  test.each(applications)('$name stays within its memory limit under 64 connections', async ({ name, port }) => {
    // One pod directly, because the service would spread the load over all pods, and the limit is for each.
    const [pod] = await podsOf(name);
    if (!pod) throw new Error(`There is no pod of ${name}`);
    const process = await environment.processOf(pod);
    const question = name === 'calculadora-api' ? sum : page;
    const url = new URL(question.url);
    url.host = `${pod.status.podIP}:${port}`;
    const before = await consumptionOf(process);
    const { rate, errors } = await (await hammer({ ...question, url: url.href }, 64, 20)).ended;
    const after = await consumptionOf(process);
    const cores = (after.cpuSeconds - before.cpuSeconds) / 20;
    console.log(
      `${name}: ${megabytes(atRest[name] ?? 0)} idle; at ${Math.round(rate)} requests/s on 64 connections ` +
        `${cores.toFixed(2)} cores and at most ${megabytes(after.peak)} of ${megabytes(after.limit)}; ` +
        `its first process had at most ${megabytes(after.resident)} resident, including shared files`,
    );
    expect(errors).toBe(0);
    expect(after.peak).toBeLessThan(after.limit * 0.8);
  });
});

/** Few failures, within a short time: requests after the gap succeed. */
function expectFewFailures({ failures }: Visit): void {
  expect(failures.length).toBeLessThan(100);
  expect(duration(failures)).toBeLessThan(5_000);
}

function duration(failures: readonly Failure[]): number {
  const times = failures.map(({ at }) => at);
  return failures.length > 0 ? Math.max(...times) - Math.min(...times) : 0;
}

function report(what: string, { answered, failures }: Visit, hammered: readonly Measured[] = []): void {
  const counts = Map.groupBy(failures, ({ reason }) => reason);
  const reasons = [...counts].map(([reason, { length }]) => `${length} × ${reason}`).join(', ');
  const byWrk = hammered.map(({ errors, requests }) => `, ${requests} by wrk with ${errors} errors`).join('');
  console.log(
    `${what}: ${answered} requests answered, ${failures.length} failed` +
      (failures.length > 0 ? ` within ${duration(failures)} ms (${reasons})` : '') +
      byWrk,
  );
}

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
