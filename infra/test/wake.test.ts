import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { names } from 'platform';
import { applications } from 'platform/applications';
import { dev } from '../environments/dev.ts';
import { prd } from '../environments/prd.ts';
import { type WakeProps, wake } from '../wake.ts';
import { answering, completeSettings } from './support/aws-answers.ts';
import { infra } from './support/command.ts';
import { synthesise } from './support/synthesised.ts';
import { expectTranscript } from './support/transcripts.ts';

// Time passes without waiting.
const { now } = Date;
let later = 0;
jest.spyOn(Date, 'now').mockImplementation(() => now() + later);
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    later += milliseconds;
  },
}));
let awsCli: (...args: readonly string[]) => Promise<string>;
const doctorAws = await import('../doctor/aws.ts');
jest.unstable_mockModule('../doctor/aws.ts', () => ({
  ...doctorAws,
  aws: (...args: readonly string[]) => awsCli(...args),
}));
// What it finds is tested elsewhere.
jest.unstable_mockModule('../commands/doctor.ts', () => ({ doctor: async () => 0 }));
const { command } = await import('../commands/wake.ts');
const commands = { deploy: await import('../commands/deploy.ts'), destroy: await import('../commands/destroy.ts') };

/** Nodes that dev does not have, but may get. */
const baseNodes = { ...dev.cluster.nodes, minimum: 3, desired: 4, maximum: 6 };

/** What AWS would say: nodes and database take some questions to come. Reads the CLI's arguments, and refuses unknown ones. */
class Aws {
  status: string | undefined = 'stopped';
  readonly sizes: Record<string, number> = { spot: 0, storage: 0 };
  /** Instances of each kind that are on their way out. */
  readonly ending: Record<string, number> = {};
  /** Their state. */
  endingState = 'Terminating';
  /** A target group without a pod that answers. */
  unhealthy = '';
  /** What was changed, in order. */
  readonly changes: string[] = [];
  /** Questions until something that was started is there. */
  readonly slowness: number;
  readonly #name: 'dev' | 'prd';
  #asked = 0;

  constructor(slowness = 2, name: 'dev' | 'prd' = 'dev') {
    this.slowness = slowness;
    this.#name = name;
  }

  readonly call = async (...args: readonly string[]): Promise<string> => {
    const [service, operation, ...rest] = args;
    const prefix = `desafio-aws-${this.#name}`;
    switch (`${service} ${operation}`) {
      case 'rds describe-db-instances':
        expect(rest).toEqual(['--db-instance-identifier', `${prefix}-mysql`]);
        if (this.status === undefined) throw new Error('An error occurred (DBInstanceNotFound)');
        return JSON.stringify({ DBInstances: [{ DBInstanceStatus: this.status }] });
      case 'rds start-db-instance':
        expect(rest).toEqual(['--db-instance-identifier', `${prefix}-mysql`]);
        if (this.status !== 'stopped') throw new Error('An error occurred (InvalidDBInstanceState)');
        this.status = 'starting';
        this.changes.push('database');
        return '{}';
      case 'autoscaling describe-auto-scaling-groups':
        expect(rest).toEqual(['--filters', `Name=tag:eks:cluster-name,Values=${prefix}`]);
        // Groups of others are asleep for ever.
        return JSON.stringify({
          AutoScalingGroups: [
            this.#group(['spotless', 0]),
            ...Object.entries(this.sizes).map(this.#group),
            ...['base', 'spot', 'storage'].map((kind) => ({
              ...this.#group([kind, 0]),
              AutoScalingGroupName: `eks-${prefix}x-${kind}-1-uuid`,
            })),
          ],
        });
      case 'autoscaling update-auto-scaling-group': {
        const [option, group = '', ...options] = rest;
        expect(option).toBe('--auto-scaling-group-name');
        const kind = new RegExp(`^eks-${prefix}-(\\w+(?:-old)?)-1-uuid$`).exec(group)?.[1] ?? '';
        const { minimum, maximum, desired } =
          { base: baseNodes, spot: dev.cluster.nodes, storage: dev.cluster.storageNodes }[kind.replace('-old', '')] ??
          {};
        expect(options.join(' ')).toBe(`--min-size ${minimum} --max-size ${maximum} --desired-capacity ${desired}`);
        this.sizes[kind] = Number(desired);
        this.changes.push(kind);
        return '';
      }
      case 'elbv2 describe-target-groups':
        expect(rest).toEqual(['--names', expect.stringMatching(`^tg-.+-${this.#name}$`)]);
        return JSON.stringify({ TargetGroups: [{ TargetGroupArn: `arn:${rest[1]}` }] });
      case 'elbv2 describe-target-health': {
        expect(rest).toEqual(['--target-group-arn', expect.stringMatching(`^arn:tg-.+-${this.#name}$`)]);
        const isHealthy = this.status === 'available' && rest[1] !== `arn:${this.unhealthy}`;
        this.changes.push(`asked for ${rest[1]}`);
        // One pod that answers is enough, and one that is being replaced is none.
        const states = ['unhealthy', isHealthy ? 'healthy' : 'initial', 'draining', 'unused', 'unavailable'];
        return JSON.stringify({ TargetHealthDescriptions: states.map((State) => ({ TargetHealth: { State } })) });
      }
      default:
        throw new Error(`Unknown: ${args.join(' ')}`);
    }
  };

  /** Time passes. False after a hundred questions. */
  readonly pause = async (): Promise<boolean> => {
    this.#asked += 1;
    if (this.#asked % this.slowness === 0) {
      if (this.status === 'starting') this.status = 'available';
      if (this.status === 'stopping') this.status = 'stopped';
    }
    return this.#asked < 100;
  };

  readonly #group = ([kind, size]: [string, number]) => ({
    AutoScalingGroupName: `eks-desafio-aws-${this.#name}-${kind}-1-uuid`,
    MaxSize: size,
    Instances: Array.from({ length: size }, (_, index) => ({
      LifecycleState:
        index < (this.ending[kind] ?? 0)
          ? this.endingState
          : this.#asked >= this.slowness
            ? 'InService'
            : // In which EKS's hook keeps each instance until it is a node.
              this.#asked === 0
              ? 'Pending'
              : 'Pending:Wait',
    })),
  });
}

async function wakeDev(
  aws: Aws,
  forApplications = true,
  cluster: WakeProps['cluster'] = dev.cluster,
  name: WakeProps['name'] = 'dev',
) {
  const said: string[] = [];
  const { call, pause } = aws;
  const say = (message: string) => said.push(message);
  const isAwake = await wake({ name, cluster, call, pause, say, forApplications });
  return { isAwake, output: said.join('\n') };
}

test.each(['dev', 'prd'] as const)(
  "waking %s starts its database and its nodes, SigNoz's last, and waits until every application answers",
  async (name) => {
    const aws = new Aws(2, name);
    const { isAwake, output } = await wakeDev(aws, true, dev.cluster, name);
    const asked = applications.map((each) => `asked for arn:${names(name).targetGroup(each.name)}`);
    expect(aws.changes).toEqual(['database', 'spot', 'storage', ...asked]);
    expect([isAwake, aws.status]).toEqual([true, 'available']);
    // All that is said, in this order, in English.
    expect(output.split('\n').filter((_, index) => index % 2 === 1)).toEqual([
      expect.stringContaining('The database was stopped and is being started'),
      expect.stringContaining("The applications' nodes were off and are coming back"),
      expect.stringContaining("SigNoz's node is coming back, too"),
      expect.stringContaining(`${name} is awake. It sleeps again the next time that it is 20:10 (America/Sao_Paulo)`),
    ]);
    if (name === 'dev') expectTranscript('pnpm infra wake dev', output);
  },
);

test('waking a half-made environment, which has no nodes yet, does not wait for them', async () => {
  const aws = new Aws();
  aws.status = 'available';
  for (const kind of Object.keys(aws.sizes)) delete aws.sizes[kind];
  const { isAwake } = await wakeDev(aws, false);
  expect([isAwake, aws.changes]).toEqual([true, []]);
});

test('waking an environment that is awake changes nothing, and says only that it is', async () => {
  const aws = new Aws();
  await wakeDev(aws, false);
  const before = [...aws.changes];
  const { isAwake, output } = await wakeDev(aws, false);
  expect([isAwake, aws.changes]).toEqual([true, before]);
  expect(output).toMatch(/^dev está acordado[^\n]*\ndev is awake[^\n]*$/);
});

test('nodes on demand are woken with those on spot, and SigNoz waits until both are there', async () => {
  const aws = new Aws();
  aws.status = 'available';
  Object.assign(aws.sizes, { base: 0 });
  const { isAwake, output } = await wakeDev(aws, false, { ...dev.cluster, baseNodes });
  expect([isAwake, aws.changes]).toEqual([true, ['spot', 'base', 'storage']]);
  expect(output).toContain("The applications' nodes were off");

  const stuck = new Aws();
  stuck.status = 'available';
  Object.assign(stuck.sizes, { spot: dev.cluster.nodes.desired, base: 1 });
  const waiting = await wakeDev(stuck, false, { ...dev.cluster, baseNodes });
  expect([waiting.isAwake, stuck.changes]).toEqual([false, []]);
  expect(waiting.output).toContain("Still missing after twenty minutes: the applications' nodes");

  const baseAlone = new Aws();
  baseAlone.status = 'available';
  Object.assign(baseAlone.sizes, { spot: dev.cluster.nodes.desired, base: 0, storage: 1 });
  const woken = await wakeDev(baseAlone, false, { ...dev.cluster, baseNodes });
  expect([woken.isAwake, baseAlone.changes]).toEqual([true, ['base']]);
  expect(woken.output).toContain("The applications' nodes were off");

  // The smallest number is enough, and an instance that goes is none.
  const sizes = { spot: dev.cluster.nodes.minimum, base: baseNodes.minimum, storage: 1 };
  for (const [ending, isAwake] of [
    [0, true],
    [1, false],
  ] as const) {
    const few = new Aws();
    few.status = 'available';
    Object.assign(few.sizes, sizes);
    Object.assign(few.ending, { base: ending });
    expect(await wakeDev(few, false, { ...dev.cluster, baseNodes })).toMatchObject({ isAwake });
  }
});

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
test.each([
  ...['Pending', 'Pending:Wait', 'Pending:Proceed', 'Quarantined', 'EnteringStandby', 'Standby'],
  ...['Terminating', 'Terminating:Wait', 'Terminating:Proceed', 'Terminating:Retained', 'Terminated'],
  ...['Detaching', 'Detached', 'ReplacingRootVolume', 'RootVolumeReplaced', 'Warmed:Stopped', 'Warmed:Running'],
])('an instance that is %s is no node, and the node of SigNoz waits for enough others', async (state) => {
  const aws = new Aws();
  aws.status = 'available';
  Object.assign(aws.sizes, { spot: dev.cluster.nodes.minimum, storage: 0 });
  Object.assign(aws, { ending: { spot: 1 }, endingState: state });
  const { isAwake, output } = await wakeDev(aws, false);
  expect([isAwake, aws.changes]).toEqual([false, []]);
  expect(output).toContain("Still missing after twenty minutes: the applications' nodes");
});

test('while a group of nodes replaces another, both are woken', async () => {
  const aws = new Aws();
  aws.status = 'available';
  Object.assign(aws.sizes, { 'spot-old': 0 });
  const { isAwake } = await wakeDev(aws, false);
  expect([isAwake, aws.changes]).toEqual([true, ['spot', 'spot-old', 'storage']]);
  // The nodes of both count.
  expect(dev.cluster.nodes.minimum).toBe(2);
  for (const [spot, old, expected] of [
    [1, 1, true],
    [2, 0, true],
    [1, 0, false],
  ] as const) {
    const half = new Aws();
    half.status = 'available';
    Object.assign(half.sizes, { spot, storage: 1, ...(old && { 'spot-old': old }) });
    expect(await wakeDev(half, false)).toMatchObject({ isAwake: expected });
  }
});

test('waking waits for the database, and for each application, by its own name', async () => {
  const database = new Aws();
  database.status = 'modifying';
  const { isAwake, output } = await wakeDev(database, false);
  expect([isAwake, output]).toEqual([
    false,
    expect.stringContaining('Still missing after twenty minutes: the database.'),
  ]);
  expect(database.changes).not.toContain('database');

  for (const { name } of applications) {
    const aws = new Aws();
    aws.unhealthy = names('dev').targetGroup(name);
    const found = await wakeDev(aws);
    expect(found.isAwake).toBe(false);
    expect(found.output).toContain(`Still missing after twenty minutes: a pod of ${name} that answers`);
    expect(found.output).not.toContain('dev is awake');
  }
});

test('a database that is still stopping is started once it has stopped', async () => {
  const aws = new Aws();
  aws.status = 'stopping';
  const { isAwake, output } = await wakeDev(aws, false);
  expect([isAwake, aws.status, aws.changes]).toEqual([true, 'available', ['spot', 'storage', 'database']]);
  expect(output).toContain('The database was stopped and is being started');
});

test('waking gives up after a while, and says what is missing', async () => {
  const { isAwake, output } = await wakeDev(new Aws(1000));
  expect(isAwake).toBe(false);
  expect(output).toContain("Still missing after twenty minutes: the applications' nodes");
});

test('there is nothing to wake before the first deployment', async () => {
  const aws = new Aws();
  aws.status = undefined;
  const { isAwake, output } = await wakeDev(aws);
  expect([isAwake, aws.changes]).toEqual([true, []]);
  expect(output).toContain('dev does not exist yet');
});

test.each([
  'An error occurred (AccessDenied) when calling the DescribeDBInstances operation',
  'An error occurred (DBSubnetGroupNotFoundFault) when calling the DescribeDBInstances operation',
  'An error occurred (404) when calling the DescribeDBInstances operation: Not Found',
  'The config profile (dev) could not be found',
  'Could not connect to the endpoint URL: "https://rds.sa-east-1.amazonaws.com/"',
])('any other answer of AWS ends the command with it, and does not count as no database (%s)', async (message) => {
  const call = () => Promise.reject(new Error(message));
  const props = { name: 'dev', cluster: dev.cluster, call, pause: async () => true, say: () => {} } as const;
  await expect(wake({ ...props, forApplications: true })).rejects.toThrow(message);
});

test.each([
  'rds start-db-instance',
  'autoscaling describe-auto-scaling-groups',
  'autoscaling update-auto-scaling-group',
])('a person who may not call %s is told so at once, and waits for nothing', async (refused) => {
  const aws = new Aws();
  const call: WakeProps['call'] = (...args) =>
    args.join(' ').startsWith(refused)
      ? Promise.reject(new Error(`An error occurred (AccessDenied) when calling ${refused}`))
      : aws.call(...args);
  let pauses = 0;
  const pause = () => {
    pauses += 1;
    return aws.pause();
  };
  const props = { name: 'dev', cluster: dev.cluster, call, pause, say: () => {}, forApplications: true } as const;
  await expect(wake(props)).rejects.toThrow(`(AccessDenied) when calling ${refused}`);
  expect(pauses).toBe(0);
});

test('the database and the groups have the names by which they are woken', () => {
  const stack = synthesise('dev');
  expect(stack.one('aws_db_instance').identifier).toBe(names('dev').database);
  const groups = stack.some('aws_eks_node_group').map(({ node_group_name_prefix }) => node_group_name_prefix);
  const { cluster } = names('dev');
  expect(groups).toEqual([`${cluster}-spot-`, `${cluster}-storage-`]);
});

test('the command asks nothing where the environment never sleeps, and refuses what is no environment', () => {
  expect(prd.cluster.sleepsAtNight).toBe(false);
  const aws = 'echo "AWS was asked" >&2; exit 1';
  expect(infra(['wake', 'prd'], {}, { aws })).toMatchObject({
    status: 0,
    output: expect.stringContaining('prd does not sleep at night'),
  });
  const bad = infra(['wake', 'test'], {}, { aws });
  expect(bad.status).toBe(2);
  expect(bad.output).toMatch(/test.*dev.*prd/s);
  const failing = infra(['wake', 'dev'], {}, { aws });
  expect([failing.status, failing.output]).toEqual([1, expect.stringContaining('AWS was asked')]);
});

test.each(['deploy', 'destroy'])('%s wakes what sleeps before Terraform changes anything', (command) => {
  const instances = Array.from({ length: dev.cluster.nodes.minimum }, () => ({ LifecycleState: 'InService' }));
  const asleep = { AutoScalingGroupName: 'eks-desafio-aws-dev-spot-1', MaxSize: 0, Instances: instances };
  const programs = {
    aws: answering({
      'describe-db-instances': { DBInstances: [{ DBInstanceStatus: 'available' }] },
      'describe-auto-scaling-groups': { AutoScalingGroups: [asleep] },
    }),
    terraform: 'case "$1 $2" in *version*) echo Terraform v1.11.4;; *show*) echo {};; *) echo "Terraform: $*";; esac',
    // The synthesis runs in a shell.
    sh: 'exit 0',
  };
  const { output, status } = infra([command, 'dev', '--yes'], completeSettings, programs);
  expect([status, output]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(
        `nodes were off and are coming back.*dev is awake.*Terraform: .*${command === 'deploy' ? 'apply' : 'destroy'}`,
        's',
      ),
    ),
  ]);
});

describe('`pnpm infra wake`', () => {
  const before = { ...process.env };
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'wake-'));
    writeFileSync(join(folder, 'aws'), '', { mode: 0o755 });
    Object.assign(process.env, { PATH: folder, INFRA_REGION: 'sa-east-1' });
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
  });
  afterEach(() => {
    process.env.PATH = before.PATH;
    delete process.env.INFRA_REGION;
    jest.mocked(console.log).mockRestore();
  });

  /** Runs the command in an account without nodes, whose database has a status. @returns its exit code, and what it asked */
  async function run(status: string, args: string[], called: { run: typeof command.run } = command) {
    const asked: string[] = [];
    const answers: Record<string, object> = {
      rds: { DBInstances: [{ DBInstanceStatus: status }] },
      autoscaling: { AutoScalingGroups: [] },
      elbv2: {
        TargetGroups: [{ TargetGroupArn: 'arn' }],
        TargetHealthDescriptions: [{ TargetHealth: { State: 'healthy' } }],
      },
    };
    awsCli = async (...call) => {
      asked.push(call.join(' '));
      return JSON.stringify(answers[call[0] ?? '']);
    };
    return { code: await called.run(args), asked };
  }

  test.each([
    [[], ['rds', 'autoscaling', 'elbv2']],
    [['--without-applications'], ['rds', 'autoscaling']],
  ])('with %j asks these services in the region of the settings, as JSON: %j', async (options, services) => {
    const { asked, code } = await run('available', ['dev', ...options]);
    expect(code).toBe(0);
    expect([...new Set(asked.map((call) => call.split(' ')[0]))]).toEqual(services);
    for (const call of asked) expect(call).toMatch(/ --region sa-east-1 --output json$/);
  });

  test.each(['deploy', 'destroy'] as const)('%s changes nothing if what sleeps does not wake', async (name) => {
    const folder = String(process.env.PATH);
    writeFileSync(join(folder, 'terraform'), '#!/bin/sh\necho Terraform v1.11.4\n', { mode: 0o755 });
    // The synthesis, which comes before everything else.
    writeFileSync(join(folder, 'sh'), `#!/bin/sh\n: >'${folder}/synthesised'\n`, { mode: 0o755 });
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', TERRAFORM_BINARY_NAME: '' });
    try {
      const { code } = await run('starting', ['dev', '--yes'], commands[name].command);
      expect([code, existsSync(join(folder, 'synthesised'))]).toEqual([1, false]);
    } finally {
      delete process.env.AWS_ACCESS_KEY_ID;
    }
  });

  test('says so where the AWS CLI is not installed', async () => {
    process.env.PATH = mkdtempSync(join(tmpdir(), 'nothing-'));
    await expect(run('available', ['dev'])).rejects.toThrow('Install aws: it is not on the PATH.');
  });

  test('waits for twenty minutes, and ends with 1', async () => {
    const start = Date.now();
    const { asked, code } = await run('starting', ['dev']);
    expect(code).toBe(1);
    expect(Date.now() - start).toBeGreaterThanOrEqual(20 * 60_000);
    expect(Date.now() - start).toBeLessThan(21 * 60_000);
    // AWS limits how often it may be asked, and nobody waits long for what is there.
    expect(asked.length).toBeLessThan(150);
    expect(asked.length).toBeGreaterThan(60);
  });
});
