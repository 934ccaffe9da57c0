/** `pnpm infra drill restore`, with stand-ins for the AWS CLI and kubectl that remember instances and jobs. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { duration, Refused } from 'command-line';
import { parse } from 'yaml';
import { eventually } from '../../test/support/eventually.ts';
import { command } from '../commands/drill.ts';
import { summaryOf } from '../drill/restore-report.ts';
import { Steps, waitFor } from '../drill/steps.ts';
import { startDrill, writeProgram } from './support/drill-process.ts';
import { root } from './support/program.ts';
import { expectTranscript } from './support/transcripts.ts';

const live = 'desafio-aws-prd-mysql';
/** Of the other environment, in the same account. */
const other = 'desafio-aws-dev-mysql';
const restorable = '2026-01-31T12:00:00+00:00';

/**
 * Instances are in `instances.json`. Each question of a copy's state takes the next one of `states`; `refuseDeletion` is
 * the number of deletions that RDS refuses. Anything asked is written to `calls`. During the operation `stopAt`, somebody
 * presses Ctrl-C. The operation `waitAt` ends only when there is a file `go-on`.
 */
const aws = `
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(__dirname + '/' + name, 'utf8'));
const write = (name, value) => writeFileSync(__dirname + '/' + name, JSON.stringify(value));
const option = (name) => args[args.indexOf('--' + name) + 1];
const fail = (code) => {
  process.stderr.write('An error occurred (' + code + ') when calling the operation: no');
  process.exit(254);
};
appendFileSync(__dirname + '/calls', JSON.stringify(['aws', ...args]) + '\\n');
const world = read('world.json');
const [service, operation] = args;
if (operation === world.stopAt) process.kill(process.ppid, 'SIGINT');
const pause = new Int32Array(new SharedArrayBuffer(4));
while (operation === world.waitAt && !existsSync(__dirname + '/go-on')) Atomics.wait(pause, 0, 0, 20);
if (operation === 'get-caller-identity') {
  if (world.account === '') fail('ExpiredToken');
  console.log(JSON.stringify({ Account: world.account, Arn: 'arn:aws:iam::1:user/somebody' }));
} else if (operation === 'update-kubeconfig') {
  writeFileSync(option('kubeconfig'), '{}');
  console.log('Added new context to the file');
} else if (operation === 'describe-db-instances') {
  const name = args.includes('--db-instance-identifier') ? option('db-instance-identifier') : undefined;
  const found = world.instances.filter((one) => name === undefined || one.DBInstanceIdentifier === name);
  if (name !== undefined && found.length === 0) fail('DBInstanceNotFound');
  console.log(JSON.stringify({ DBInstances: found }));
  const isDeleted = (one) => one.DBInstanceStatus === 'deleting';
  const next = (one) => (one.isCopy && !isDeleted(one) && world.states.length > 0 ? { ...one, DBInstanceStatus: world.states.shift() } : one);
  if (name !== undefined) world.instances = world.instances.filter((one) => one.DBInstanceIdentifier !== name || !isDeleted(one)).map(next);
} else if (operation === 'restore-db-instance-to-point-in-time') {
  if (world.refuseRestore) fail('InstanceQuotaExceeded');
  const source = world.instances.find((one) => one.DBInstanceIdentifier === option('source-db-instance-identifier'));
  const tags = args.slice(args.indexOf('--tags') + 1).filter((tag) => tag.startsWith('Key='));
  world.instances.push({
    ...source,
    isCopy: true,
    DBInstanceIdentifier: option('target-db-instance-identifier'),
    DBInstanceStatus: 'creating',
    Endpoint: { Address: 'copy.example' },
    TagList: tags.map((tag) => ({ Key: tag.slice(4).split(',Value=')[0], Value: tag.split(',Value=')[1] })),
  });
} else if (operation === 'delete-db-instance') {
  const copy = world.instances.find((one) => one.DBInstanceIdentifier === option('db-instance-identifier'));
  if (!copy) fail('DBInstanceNotFound');
  if (world.refuseDeletion-- > 0) { write('world.json', world); fail('InvalidDBInstanceState'); }
  copy.DBInstanceStatus = 'deleting';
} else fail('UnknownOperation');
write('world.json', world);
`;

const kubectl = `
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const world = JSON.parse(readFileSync(__dirname + '/world.json', 'utf8'));
const input = args.includes('--filename=-') ? [JSON.parse(readFileSync(0, 'utf8'))] : [];
// Without its file, it does not reach the cluster.
readFileSync(process.env.KUBECONFIG);
appendFileSync(__dirname + '/calls', JSON.stringify(['kubectl', ...args, ...input]) + '\\n');
const [namespace, verb, kind, name] = args;
const fail = () => {
  process.stderr.write('Unknown: ' + args.join(' '));
  process.exit(1);
};
// It knows one application, and of jobs only the one that was created.
const isJob = kind === 'job' ? name === world.job : kind === 'job/' + world.job;
const isKnown = kind === 'deployment' ? name === 'calculadora-api' : verb === 'create' || isJob;
if (namespace !== '--namespace=calculator' || !isKnown) fail();
if (verb === 'get' && kind === 'deployment') {
  const others = ['sidecar', 'calculadora-api-agent', 'calculadora'].map((name) => ({ name, image: 'other:1' }));
  const containers = [...others, { name: 'calculadora-api', image: 'registry/api@sha256:1' }];
  console.log(JSON.stringify({ spec: { template: { spec: { containers } } } }));
} else if (verb === 'get') {
  const type = world.jobs.shift();
  writeFileSync(__dirname + '/world.json', JSON.stringify(world));
  const conditions = type ? [{ type: 'Complete', status: 'False' }, { type, status: 'True' }] : undefined;
  console.log(JSON.stringify({ status: { conditions } }));
} else if (verb === 'logs') {
  if (world.log === '') { process.stderr.write('timed out waiting for the pod'); process.exit(1); }
  console.log(world.log);
} else if (verb === 'create') {
  world.job = input[0].metadata.name;
  writeFileSync(__dirname + '/world.json', JSON.stringify(world));
} else if (verb !== 'delete') fail();
`;

const found = {
  isSame: true,
  differences: [] as string[],
  tables: [
    { table: 'operacoes', rows: 12345, newer: 6 },
    { table: 'versions', rows: 5, newer: 0 },
  ],
};
const logOf = (comparison: object) => `a line\n${JSON.stringify({ comparison })}\nA sentence`;

describe('A restore drill', () => {
  let folder: string;
  let world: {
    account: string;
    instances: Record<string, unknown>[];
    states: string[];
    jobs: (string | null)[];
    log: string;
    refuseDeletion: number;
    refuseRestore: boolean;
    stopAt?: string;
    waitAt?: string;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drill-'));
    for (const [name, source] of Object.entries({ aws, kubectl })) writeProgram(folder, name, source);
    world = {
      account: '123456789012',
      instances: [
        {
          DBInstanceIdentifier: live,
          DBInstanceStatus: 'available',
          DBInstanceClass: 'db.t4g.micro',
          LatestRestorableTime: restorable,
          CACertificateIdentifier: 'rds-ca-rsa2048-g1',
          DBSubnetGroup: { DBSubnetGroupName: 'subnets-1' },
          DBParameterGroups: [{ DBParameterGroupName: 'parameters-1' }],
          VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1' }, { VpcSecurityGroupId: 'sg-2' }],
        },
        {
          DBInstanceIdentifier: other,
          DBInstanceStatus: 'available',
          DBInstanceClass: 'db.t4g.small',
          LatestRestorableTime: '2026-01-30T11:00:00Z',
          CACertificateIdentifier: 'rds-ca-ecc384-g1',
          DBSubnetGroup: { DBSubnetGroupName: 'subnets-2' },
          // Without parameters of its own.
          DBParameterGroups: [],
          VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-3' }],
        },
      ],
      states: ['creating', 'backing-up', 'available'],
      // Kubernetes first says that a job is about to end.
      jobs: [null, 'FailureTarget', 'Complete'],
      log: logOf(found),
      refuseDeletion: 0,
      refuseRestore: false,
    };
  });

  function start(...args: string[]) {
    writeFileSync(join(folder, 'world.json'), JSON.stringify(world));
    return startDrill(folder, 'restore', ...args);
  }
  const drill = (...args: string[]) => start(...args).ended;
  const callsOf = (program: string): string[][] => {
    const file = join(folder, 'calls');
    if (!existsSync(file)) return [];
    const calls = readFileSync(file, 'utf8').trim().split('\n');
    return calls.map((line) => JSON.parse(line)).filter(([name]) => name === program);
  };
  const operations = () => callsOf('aws').map(([, , operation]) => operation);
  const callOf = (operation: string) => callsOf('aws').filter((call) => call[2] === operation);
  const optionOf = (call: string[] | undefined, name: string) => call?.[call.indexOf(`--${name}`) + 1];
  const names = () =>
    JSON.parse(readFileSync(join(folder, 'world.json'), 'utf8')).instances.map(
      (one: { DBInstanceIdentifier: string }) => one.DBInstanceIdentifier,
    );
  const copyOf = (tags: Record<string, string>, name = 'desafio-aws-prd-drill-1', DBInstanceStatus = 'available') => ({
    ...world.instances[0],
    DBInstanceIdentifier: name,
    DBInstanceStatus,
    TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
  const old = { drill: 'restore', 'drill-end': '2026-01-01T00:00:00.000Z' };
  const fresh = { drill: 'restore', 'drill-end': '2100-01-01T00:00:00.000Z' };

  test('restores a copy that the pods can reach, compares it, deletes it, and says how long each step took', async () => {
    const out = join(folder, 'report.json');
    const { code, errors, output } = await drill('prd', '--out', out);
    expect([code, output]).toEqual([0, expect.stringContaining('has all that the database had, 12350 rows.')]);
    // A file that gets the output has all of it.
    expect(errors).toBe('');
    for (const step of ['check the database', 'restore', 'compare', 'delete the copy']) {
      expect(output).toMatch(new RegExp(`^✓ .* / ${step}: \\d+ s$`, 'm'));
    }

    const [restore] = callOf('restore-db-instance-to-point-in-time');
    const copy = String(optionOf(restore, 'target-db-instance-identifier'));
    expect(copy).toMatch(/^desafio-aws-prd-drill-\d{14}$/);
    const tag = (key: string) => restore?.find((each) => each.startsWith(`Key=${key},Value=`))?.split('Value=')[1];
    // What it does not name, RDS would choose: another network, another firewall, a stand-by, an address on the internet.
    expect(restore?.slice(1)).toEqual([
      ...['rds', 'restore-db-instance-to-point-in-time'],
      ...['--source-db-instance-identifier', live],
      ...['--target-db-instance-identifier', copy],
      ...['--restore-time', '2026-01-31T12:00:00.000Z'],
      ...['--db-instance-class', 'db.t4g.micro'],
      ...['--db-subnet-group-name', 'subnets-1'],
      ...['--vpc-security-group-ids', 'sg-1', 'sg-2'],
      ...['--db-parameter-group-name', 'parameters-1'],
      ...['--ca-certificate-identifier', 'rds-ca-rsa2048-g1'],
      ...['--engine-lifecycle-support', 'open-source-rds-extended-support-disabled'],
      ...['--no-multi-az', '--no-publicly-accessible', '--no-deletion-protection', '--no-auto-minor-version-upgrade'],
      ...['--tags', 'Key=project,Value=desafio-aws', 'Key=environment,Value=prd', 'Key=owner,Value=somebody'],
      ...['Key=managed-by,Value=cdktf', 'Key=drill,Value=restore', `Key=drill-end,Value=${tag('drill-end')}`],
      ...['--region', 'sa-east-1', '--output', 'json'],
    ]);
    // In two hours another drill may delete it.
    const left = (Date.parse(tag('drill-end') ?? '') - Date.now()) / 3_600_000;
    expect(left).toBeGreaterThan(1.9);
    expect(left).toBeLessThanOrEqual(2);

    expect(names()).toEqual([live, other]);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
    const written = readFileSync(out, 'utf8');
    const report = JSON.parse(written);
    expect(written).toBe(`${JSON.stringify(report, null, 2)}\n`);
    expect(report).toEqual({
      ...{ environment: 'prd', restoredTo: '2026-01-31T12:00:00.000Z', copy, passed: true },
      startedAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/),
      comparisons: [{ application: 'calculadora-api', ...found }],
      steps: ['check', 'restore', 'compare', 'delete'].map((name) => ({
        ...{ name, isDone: true },
        seconds: expect.any(Number),
      })),
    });
    const total = report.steps.reduce((sum: number, { seconds }: { seconds: number }) => sum + seconds, 0);
    expect(output).toContain(`The drill of prd passed in ${duration(total)}: `);
    expect(Math.abs(Date.parse(report.startedAt) - Date.now())).toBeLessThan(15 * 60_000);
    const copied = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 8);
    expect(Number(copied) - Number(copy.slice(-14, -6))).toBeLessThanOrEqual(1);
    expectTranscript('pnpm infra drill restore prd', output);
  });

  test.each([
    ['prd', 'another', live, '2026-01-31T12:00:00.000Z'],
    ['dev', 'no', other, '2026-01-30T11:00:00.000Z'],
  ])('%s: asks this, in this order, with %s parameter group', async (name, _, database, time) => {
    // What others have in the account.
    world.instances.push(copyOf({ drill: 'restore' }, 'desafio-aws-drill-1'));
    expect((await drill(name)).code).toBe(0);
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
    const copy = new RegExp(`desafio-aws-${name}-drill-(\\d{14})`).exec(calls.join())?.[1] ?? '';
    const asked = calls.map((line) =>
      (JSON.parse(line) as unknown[])
        .filter((part) => typeof part === 'string')
        .join(' ')
        .replaceAll(copy, '(time)')
        .replace(/--tags .* --region/, '--tags (…) --region')
        .replace(/ \/\S+\/kubeconfig /, ' (own file) '),
    );
    const aws = (call: string) => `aws ${call} --region sa-east-1 --output json`;
    const kubectl = (call: string) => `kubectl --namespace=calculator ${call}`;
    const ofCopy = aws(`rds describe-db-instances --db-instance-identifier desafio-aws-${name}-drill-(time)`);
    const ofJob = kubectl('get job calculadora-api-restore-drill-(time) --output=json');
    const own = name === 'prd' ? 'db.t4g.micro' : 'db.t4g.small';
    const [subnets, groups, parameters, authority] =
      name === 'prd'
        ? ['subnets-1', 'sg-1 sg-2', ' --db-parameter-group-name parameters-1', 'rds-ca-rsa2048-g1']
        : ['subnets-2', 'sg-3', '', 'rds-ca-ecc384-g1'];
    expect(asked).toEqual([
      'aws sts get-caller-identity --output json',
      aws(`rds describe-db-instances --db-instance-identifier ${database}`),
      aws('rds describe-db-instances'),
      aws(
        `rds restore-db-instance-to-point-in-time --source-db-instance-identifier ${database} --target-db-instance-identifier desafio-aws-${name}-drill-(time) --restore-time ${time} --db-instance-class ${own} --db-subnet-group-name ${subnets} --vpc-security-group-ids ${groups}${parameters} --ca-certificate-identifier ${authority} --engine-lifecycle-support open-source-rds-extended-support-disabled --no-multi-az --no-publicly-accessible --no-deletion-protection --no-auto-minor-version-upgrade --tags (…)`,
      ),
      ...[ofCopy, ofCopy, ofCopy, ofCopy],
      aws(`eks update-kubeconfig --name desafio-aws-${name} --kubeconfig (own file)`).replace(/ +/g, ' '),
      kubectl('get deployment calculadora-api --output=json'),
      kubectl('create --filename=-'),
      ...[ofJob, ofJob, ofJob],
      kubectl('logs job/calculadora-api-restore-drill-(time)'),
      aws(
        `rds delete-db-instance --db-instance-identifier desafio-aws-${name}-drill-(time) --skip-final-snapshot --delete-automated-backups`,
      ),
      ...[ofCopy, ofCopy],
    ]);
    // It compares with the live image, the migration's login and the address of the copy.
    const create = callsOf('kubectl').find(([, , verb]) => verb === 'create');
    const job: unknown = create?.at(-1);
    const manifest = parse(readFileSync(join(root, 'apps/calculadora-api/k8s/base/migration.yaml'), 'utf8'));
    const { template } = manifest.spec;
    const [container] = template.spec.containers;
    // All else is as in the migration: its rights, its limits, its user.
    expect(job).toEqual({
      ...manifest,
      metadata: { ...manifest.metadata, name: expect.stringMatching(/^calculadora-api-restore-drill-\d{14}$/) },
      spec: {
        ...manifest.spec,
        backoffLimit: 0,
        // Half an hour: it would otherwise go on without the copy.
        activeDeadlineSeconds: 1800,
        template: {
          ...template,
          spec: {
            ...template.spec,
            containers: [
              {
                ...container,
                image: 'registry/api@sha256:1',
                command: ['node', 'dist/migrate.js', 'compare'],
                env: [
                  { name: 'DB_RESTORED_HOST', value: 'copy.example' },
                  { name: 'DB_RESTORED_TO', value: time },
                ],
              },
            ],
          },
        },
      },
    });
  });

  test('tells its result, and then fails, if it cannot write it', async () => {
    const { code, errors, output } = await drill('prd', '--out', join(folder, 'missing', 'report.json'));
    expect([code, output]).toEqual([1, expect.stringContaining('The drill of prd passed in')]);
    expect(errors).toContain('ENOENT');
    expect(names()).toEqual([live, other]);
  });

  test('fails where the copy differs, with the differences, and deletes it', async () => {
    world.jobs = ['Failed'];
    world.log = logOf({ ...found, isSame: false, differences: ['operacoes: 1 row of the table is missing'] });
    const { code, output } = await drill('prd');
    expect([code, output]).toEqual([1, expect.stringContaining('  operacoes: 1 row of the table is missing')]);
    expect(names()).toEqual([live, other]);
  });

  test.each<[string, (to: typeof world) => void, string]>([
    ['the restore is refused', (to) => (to.refuseRestore = true), '(InstanceQuotaExceeded)'],
    ['the restore fails', (to) => (to.states = ['creating', 'incompatible-restore']), 'is incompatible-restore.'],
    ['the comparison never gets a pod', (to) => Object.assign(to, { jobs: ['Failed'], log: '' }), 'timed out waiting'],
    [
      // Why is at the end.
      'the comparison crashes',
      (to) => Object.assign(to, { jobs: ['Failed'], log: `${'starting\n'.repeat(100)}Access denied` }),
      'Access denied',
    ],
  ])(
    'deletes the copy if %s, and says so',
    async (_, change, message) => {
      change(world);
      const out = join(folder, 'report.json');
      const { code, output } = await drill('prd', '--out', out);
      expect([code, output]).toEqual([1, expect.stringContaining(message)]);
      expect(output).toContain('The drill of prd did not finish');
      const { passed, problem, steps } = JSON.parse(readFileSync(out, 'utf8'));
      expect([passed, problem]).toEqual([false, expect.stringContaining(message)]);
      expect(steps.map((step: { isDone: boolean }) => step.isDone).slice(-2)).toEqual([false, true]);
      expect(output).toMatch(/^✗ .* \d+ s$/m);
      expect(callOf('delete-db-instance')).toHaveLength(1);
      expect(names()).toEqual([live, other]);
      const jobs = callsOf('kubectl').filter(([, , verb]) => verb === 'create');
      const deleted = callsOf('kubectl').filter(([, , verb]) => verb === 'delete');
      expect(deleted).toHaveLength(jobs.length);
      const created = jobs.map((call) => (call.at(-1) as unknown as { metadata: { name: string } }).metadata.name);
      expect(deleted.map((call) => call[4])).toEqual(created);
      for (const [, , , ...args] of deleted) {
        expect(args.slice(0, 1)).toEqual(['job']);
        // Nothing else waits for a pod of a job that may hang.
        expect(args.slice(2)).toEqual(['--ignore-not-found', '--wait=false']);
      }
    },
    60_000,
  );

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'deletes the copy after %s, although RDS refuses it at first',
    async (signal) => {
      world.states = [];
      world.refuseDeletion = 2;
      world.waitAt = 'delete-db-instance';
      const { child, ended } = start('prd');
      await eventually(async () => callOf('restore-db-instance-to-point-in-time').length > 0);
      child.kill(signal);
      await eventually(async () => callOf('delete-db-instance').length > 0);
      // Somebody is impatient, long after the drill has noticed the first.
      child.kill(signal);
      writeFileSync(join(folder, 'go-on'), '');
      const { code, errors, output } = await ended;
      expect([code, output]).toEqual([1, expect.stringContaining('The drill was interrupted.')]);
      expect(errors).toMatch(/^Interrompido: .*\nInterrupted: .*\n$/);
      expect(output.match(/Interrupted: the copy is being deleted\./g)).toHaveLength(1);
      expect(callOf('delete-db-instance')).toHaveLength(3);
      expect(names()).toEqual([live, other]);
    },
    60_000,
  );

  test('makes no copy if it is stopped while it deletes that of an earlier drill, and says so', async () => {
    world.instances.push(copyOf(old));
    world.stopAt = 'delete-db-instance';
    const { code, output } = await drill('prd');
    expect([code, output]).toEqual([2, expect.stringContaining('The drill was interrupted.')]);
    expect(output).toContain('Interrupted: the copy is being deleted.');
    expect([operations().includes('restore-db-instance-to-point-in-time'), names()]).toEqual([false, [live, other]]);
  });

  test('says how to delete the copy if that fails', async () => {
    world.refuseDeletion = 1_000_000;
    const { code, output } = await drill('prd');
    expect(code).toBe(1);
    expect(output).toMatch(/desafio-aws-prd-drill-\d+ was not deleted .*pnpm infra drill restore prd --clean/);
  }, 120_000);

  test('first deletes what an earlier drill left, and nothing else', async () => {
    const others = [
      copyOf({ drill: 'restore' }, 'customers'),
      copyOf(old, 'desafio-aws-dev-drill-1'),
      copyOf({}, 'desafio-aws-prd-drill-2'),
      copyOf({ ...old, drill: 'zone' }, 'desafio-aws-prd-drill-5'),
      copyOf(old, 'my-desafio-aws-prd-drill-6'),
      copyOf(old, 'desafio-aws-prd-drills'),
      // Its own drill deletes it at this moment.
      copyOf(fresh, 'desafio-aws-prd-drill-3', 'deleting'),
      copyOf(old, 'desafio-aws-prd-drill-7', 'deleting'),
    ];
    world.instances.push(copyOf(old), ...others, copyOf(old, 'desafio-aws-prd-drill-4'));
    const { code, output } = await drill('prd');
    expect([code, output]).toEqual([0, expect.stringContaining('delete what another drill left')]);
    const deleted = callOf('delete-db-instance').map((call) => optionOf(call, 'db-instance-identifier'));
    expect(deleted.slice(0, -1)).toEqual(['desafio-aws-prd-drill-1', 'desafio-aws-prd-drill-4']);
    expect(names()).toEqual([live, other, ...others.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)]);
  });

  test('does not begin while another one runs, but --clean deletes its copy', async () => {
    world.instances.push(copyOf(old), copyOf(fresh, 'desafio-aws-prd-drill-2'));
    const { code, output } = await drill('prd');
    expect([code, output]).toEqual([2, expect.stringContaining('pnpm infra drill restore prd --clean')]);
    expect(output).toContain('its copy desafio-aws-prd-drill-2 exists');
    expect(operations()).not.toContain('delete-db-instance');
    // Also where there is no kubectl: the copy costs money.
    rmSync(join(folder, 'kubectl'));
    const cleaned = await drill('prd', '--clean');
    const told = 'Deleted copies: desafio-aws-prd-drill-1, desafio-aws-prd-drill-2.';
    expect(cleaned).toEqual({ code: 0, output: expect.stringContaining(told), errors: '' });
    expectTranscript('pnpm infra drill restore prd --clean', cleaned.output);
    expect(names()).toEqual([live, other]);
  });

  test.each<[string, string[], (to: typeof world) => void, string]>([
    [
      'a time that is not backed up yet',
      ['--to', '2026-01-31T12:00:01Z'],
      () => undefined,
      'latest possible time is 2026-01-31T12:00:00.000Z',
    ],
    [
      'a database that sleeps',
      [],
      (to) => Object.assign(to.instances[0] ?? {}, { DBInstanceStatus: 'stopped' }),
      'Wake the environment first: pnpm infra wake prd',
    ],
    ['no database', [], (to) => to.instances.shift(), `The database of prd, ${live}, does not exist in this account`],
    ['no backup', [], (to) => delete to.instances[0]?.LatestRestorableTime, `${live} has no automated backup`],
    ['expired credentials', [], (to) => (to.account = ''), 'credentials are missing or have expired'],
    ['another account', [], (to) => (to.account = '210987654321'), 'The credentials belong to account 210987654321'],
  ])('is refused with %s, and creates nothing', async (_, args, change, message) => {
    change(world);
    const { code, output } = await drill('prd', ...args);
    expect([code, output]).toEqual([2, expect.stringContaining(message)]);
    expect(operations()).not.toContain('restore-db-instance-to-point-in-time');
  });

  test.each([
    'yesterday',
    '2026-01-30',
    '2026-01-30 12:00:00Z',
    '2026-01-30T12Z',
    '2026-01-30T12:00:00-0300',
    '2026-01-30T25:00:00Z',
    '2026-01-31T12:00:00',
    '2026-01-30T12:00:00Z.',
    '+2026-01-30T12:00:00Z',
    '2026-13-30T12:00:00Z',
    '2026-02-31T12:00:00Z',
  ])('is refused with %s, which is not a time', async (given) => {
    const refusal = await command.run(['restore', 'prd', '--to', given]).catch((error: Error) => error);
    expect(refusal).toBeInstanceOf(Refused);
    expect(String(refusal)).toContain(`${given} is not a time: use`);
  });

  test.each([
    ['2026-01-30T23:30:00.250-03:00', '2026-01-31T02:30:00.250Z'],
    // A day before, in UTC.
    ['2026-01-30T00:30+05:30', '2026-01-29T19:00:00.000Z'],
    // The latest one possible.
    ['2026-01-31T12:00Z', '2026-01-31T12:00:00.000Z'],
  ])('restores to the given time %s', async (given, time) => {
    world.refuseRestore = true;
    expect((await drill('prd', '--to', given)).code).toBe(1);
    const [restore] = callOf('restore-db-instance-to-point-in-time');
    expect(optionOf(restore, 'restore-time')).toBe(time);
  });
});

test.each([
  ['succeeded', async () => 1, '✓', 65.4, 65],
  ['failed', async () => Promise.reject(new Error('no')), '✗', 64.6, 65],
])('a step that %s is told in minutes and seconds, and kept in seconds', async (_, action, mark, took, seconds) => {
  const said: string[] = [];
  jest.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
  const clock = jest
    .spyOn(performance, 'now')
    .mockReturnValueOnce(1_000)
    .mockReturnValueOnce(1_000 + took * 1_000);
  try {
    const steps = new Steps();
    await steps.run('restore', action).catch(() => undefined);
    expect(steps.taken).toEqual([{ name: 'restore', seconds, isDone: mark === '✓' }]);
    expect(said).toEqual(['… restaurar / restore', `${mark} restaurar / restore: ${duration(65)}`]);
    expect(duration(65)).toBe('1 min 5 s');
  } finally {
    clock.mockRestore();
    jest.mocked(console.log).mockRestore();
  }
});

test('of several comparisons, all rows and all differences are told, and the time of all steps together', () => {
  const isDone = true;
  const report = {
    ...({ environment: 'prd', startedAt: '2026-01-31T12:01:00.000Z', restoredTo: '2026-01-31T12:00:00.000Z' } as const),
    ...{ copy: 'desafio-aws-prd-drill-1', passed: true },
    steps: [
      { name: 'check' as const, seconds: 2, isDone },
      { name: 'restore' as const, seconds: 1_803, isDone },
      { name: 'compare' as const, seconds: 40, isDone },
      { name: 'delete' as const, seconds: 500, isDone },
    ],
    comparisons: [
      { application: 'one', ...found },
      { application: 'two', isSame: true, differences: [], tables: [{ table: 'names', rows: 400, newer: 9 }] },
    ],
  };
  const copy = 'restored to 2026-01-31T12:00:00.000Z';
  expect(summaryOf(report).split('\n').at(-1)).toBe(
    `The drill of prd passed in ${duration(2_345)}: the copy ${copy} has all that the database had, 12750 rows.`,
  );
  const different = report.comparisons.map((one) => ({
    ...one,
    isSame: false,
    differences: [`${one.application} row`],
  }));
  expect(
    summaryOf({ ...report, passed: false, comparisons: different })
      .split('\n')
      .slice(1),
  ).toEqual([
    ...['  one row', '  two row', ''],
    `The copy of prd ${copy} does not have all that the database had; see above.`,
  ]);
  expect(summaryOf({ ...report, passed: false, problem: 'why' })).toBe(
    'O ensaio de prd não chegou ao fim:\nwhy\n\nThe drill of prd did not finish; see above.',
  );
});

describe('A step that waits', () => {
  const what = { pt: 'restaurar', en: 'restore' };

  test('gives up after a time, and says how long it waited', async () => {
    let asked = 0;
    const ask = async () => void asked++;
    await expect(waitFor(what, ask, { every: 2, times: 5 })).rejects.toThrow('The step "restore" took longer than');
    expect(asked).toBe(5);
  });

  test('asks nothing once it was stopped', async () => {
    const ask = async () => Promise.reject(new Error('asked'));
    const waiting = waitFor(what, ask, { every: 1, times: 5, signal: AbortSignal.abort(new Error('stopped')) });
    await expect(waiting).rejects.toThrow('stopped');
  });

  test('ends at once when it is stopped', async () => {
    const stop = new AbortController();
    const ask = async () => void setTimeout(() => stop.abort(new Error('stopped')), 5);
    const waiting = waitFor(what, ask, { every: 600_000, times: 5, signal: stop.signal });
    await expect(waiting).rejects.toThrow('stopped');
  });
});
