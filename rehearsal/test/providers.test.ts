import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Outcome, outcomeOf } from '../../test/support/outcome.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { type Event, type Rehearsal, startRehearsal } from '../rehearsal.ts';
import { unknown } from '../rules/index.ts';

describeWith('terraform', findTool('terraform'), 'Terraform with the stand-in providers', (terraform) => {
  let rehearsal: Rehearsal;
  let folder: string;
  let events: Event[];

  beforeEach(async () => {
    events = [];
    rehearsal = await startRehearsal((event) => events.push(event));
    folder = await mkdtemp(join(tmpdir(), 'stack-'));
  });
  afterEach(async () => {
    await rehearsal?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (program: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Outcome> => {
    const { HOME, PATH } = process.env;
    const env = { HOME, PATH, ...rehearsal.env, TF_CLI_ARGS_init: '', CHECKPOINT_DISABLE: '1', NO_COLOR: '1', ...more };
    return outcomeOf(promisify(execFile)(program, [...args], { cwd: folder, env, maxBuffer: 1024 ** 3 }));
  };
  const write = (stack: object) => writeFile(join(folder, 'main.tf.json'), JSON.stringify(stack));
  const apply = () => run(terraform, ['apply', '-auto-approve']);
  const output = async () => JSON.parse((await run(terraform, ['output', '-json'])).output);

  const stack = (name: string, tag = name) => ({
    resource: {
      aws_vpc: { vpc: { cidr_block: '10.0.0.0/16', tags: { Name: tag } } },
      aws_security_group: {
        group: { name, vpc_id: `\${aws_vpc.vpc.id}`, egress: [] },
      },
      aws_lb: {
        lb: { name, security_groups: [`\${aws_security_group.group.id}`], access_logs: [{ bucket: 'logs' }] },
      },
    },
    data: { aws_availability_zones: { zones: {} } },
    output: {
      vpc: { value: `\${aws_vpc.vpc.id}` },
      arn: { value: `\${aws_lb.lb.arn}` },
      zones: { value: `\${data.aws_availability_zones.zones.names}` },
    },
  });

  test('a stack is created in order, changes nothing when planned again, and is destroyed', async () => {
    await write(stack('one'));
    expect(await run(terraform, ['init'])).toMatchObject({ code: 0 });
    expect(await apply()).toMatchObject({ code: 0 });
    expect(events.filter(({ action }) => action === 'create')).toEqual([
      { action: 'create', type: 'aws_vpc', name: '' },
      { action: 'create', type: 'aws_security_group', name: 'one' },
      { action: 'create', type: 'aws_lb', name: 'one' },
    ]);
    expect(rehearsal.account.resources.map(({ type }) => type)).toEqual(['aws_vpc', 'aws_security_group', 'aws_lb']);
    const { vpc, arn, zones } = await output();
    expect(vpc.value).toMatch(/^vpc-[0-9a-f]{12}$/);
    expect(arn.value).toMatch(/^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/app\/one\//);
    expect(zones.value).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
    expect((await run(terraform, ['plan', '-detailed-exitcode'])).code).toBe(0);
    expect(await run(terraform, ['destroy', '-auto-approve'])).toMatchObject({ code: 0 });
    expect(rehearsal.account.resources).toEqual([]);
  });

  test('a write-only value is in no plan and no state, and changes nothing when planned again', async () => {
    const write_only = { secret_id: 'own', secret_string_wo: 'never stored', secret_string_wo_version: 1 };
    await write({ resource: { aws_secretsmanager_secret_version: { own: write_only } } });
    await run(terraform, ['init']);
    expect(await run(terraform, ['plan', '-out=plan'])).toMatchObject({ code: 0 });
    const plan = await run(terraform, ['show', '-json', 'plan']);
    expect(await run(terraform, ['apply', 'plan'])).toMatchObject({ code: 0 });
    const state = await run(terraform, ['state', 'pull']);
    for (const { code, output } of [plan, state]) {
      expect([code, output]).toEqual([0, expect.stringContaining('"secret_string_wo":')]);
    }
    const stored = JSON.parse(plan.output).planned_values.root_module.resources[0].values;
    expect(stored).toMatchObject({ secret_string_wo: null, secret_string_wo_version: 1 });
    expect(state.output).not.toContain('never stored');
    expect(JSON.stringify(rehearsal.account.resources)).not.toContain('never stored');
    expect((await run(terraform, ['plan', '-detailed-exitcode'])).code).toBe(0);
  });

  test('an update keeps what was invented, and the account has the new values', async () => {
    await write(stack('one'));
    await run(terraform, ['init']);
    await apply();
    const before = await output();
    await write(stack('one', 'two'));
    expect(await apply()).toMatchObject({ code: 0 });
    expect(await output()).toEqual(before);
    const [vpc, ...others] = rehearsal.account.resources.filter(({ type }) => type === 'aws_vpc');
    expect([vpc?.values, others]).toEqual([expect.objectContaining({ tags: { Name: 'two' } }), []]);
  });

  test('a changed argument that a resource keeps for life replaces it, and what refers to it follows', async () => {
    await write(stack('one'));
    await run(terraform, ['init']);
    await apply();
    events.length = 0;
    await write(stack('two', 'one'));
    expect(await apply()).toEqual({ code: 0, output: expect.stringContaining('2 added, 0 changed, 2 destroyed') });
    expect(events.filter(({ action }) => action !== 'read')).toEqual([
      { action: 'delete', type: 'aws_lb', name: 'one' },
      { action: 'delete', type: 'aws_security_group', name: 'one' },
      { action: 'create', type: 'aws_security_group', name: 'two' },
      { action: 'create', type: 'aws_lb', name: 'two' },
    ]);
    expect(rehearsal.account.resources.map(({ type }) => type)).toEqual(['aws_vpc', 'aws_security_group', 'aws_lb']);
    expect((await run(terraform, ['plan', '-detailed-exitcode'])).code).toBe(0);
  });

  test('a planned failure stops its type and what depends on it, and the next apply completes the rest', async () => {
    await write(stack('one'));
    await run(terraform, ['init']);
    rehearsal.account.fail = 'aws_security_group/create';
    expect(await apply()).toEqual({
      code: 1,
      output: expect.stringContaining('rehearsed failure: create of aws_security_group'),
    });
    expect(rehearsal.account.resources.map(({ type }) => type)).toEqual(['aws_vpc']);
    rehearsal.account.fail = '';
    expect(await apply()).toEqual({ code: 0, output: expect.stringContaining('2 added') });
  });

  test.each(['plan', 'apply'] as const)(
    'a refusal in the %s names the reason, the argument and the source',
    async (phase) => {
      await write(stack('one'));
      await run(terraform, ['init']);
      rehearsal.account.judge = (change) =>
        change.type === 'aws_lb' && change.phase === phase
          ? [
              {
                code: 'InvalidBucket',
                message: 'no such bucket',
                path: 'access_logs[0].bucket',
                source: 'https://a.example',
              },
            ]
          : [];
      const { code, output } = await apply();
      expect(code).toBe(1);
      expect(output).toContain('InvalidBucket: no such bucket');
      expect(output).toContain('in resource.aws_lb.lb.access_logs[0]:');
      expect(output).toContain('https://a.example');
      expect(rehearsal.account.resources.map(({ type }) => type)).not.toContain('aws_lb');
    },
  );

  test('in an apply, a rule sees known references, and no invented values', async () => {
    await write(stack('one'));
    await run(terraform, ['init']);
    const seen: unknown[] = [];
    rehearsal.account.judge = ({ phase, type, after }) => {
      if (type === 'aws_lb' && phase === 'apply') seen.push([after?.name, after?.security_groups, after?.arn]);
      return [];
    };
    await apply();
    expect(seen).toEqual([['one', [expect.stringMatching(/^security-group-/)], unknown]]);
  });

  test('only what exists can be imported, and only a type of which it is known what AWS does not tell', async () => {
    await write({ resource: { aws_db_instance: { db: { instance_class: 'db.t4g.micro' } }, aws_vpc: { vpc: {} } } });
    await run(terraform, ['init']);
    const imported = (address: string) => run(terraform, ['import', address, 'name']);
    expect(await imported('aws_db_instance.db')).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no aws_db_instance name'),
    });
    expect(await imported('aws_vpc.vpc')).toMatchObject({
      code: 1,
      output: expect.stringContaining('A rehearsal cannot import aws_vpc'),
    });
  });

  test('any command can run in a rehearsal, with a log and a planned failure', async () => {
    await write({
      resource: { aws_vpc: { first: { cidr_block: '10.0.0.0/16' } }, aws_sns_topic: { second: { name: 'topic' } } },
    });
    const log = join(folder, 'log');
    const program = join(import.meta.dirname, '../with.ts');
    const shell = ['sh', '-c', 'terraform init && terraform apply -auto-approve'];
    const { code, output } = await run(process.execPath, [program, 'state', ...shell], {
      REHEARSAL_LOG: log,
      REHEARSAL_FAIL: 'aws_sns_topic',
    });
    expect([code, output]).toEqual([1, expect.stringContaining('rehearsed failure: create of aws_sns_topic')]);
    expect(readFileSync(log, 'utf8')).toBe('{"action":"create","type":"aws_vpc","name":""}\n');
    expect(events).toEqual([]);
  });

  test('in one run, a state is kept in a file, and another in the bucket', async () => {
    const backends = {
      file: { local: { path: 'own.tfstate' } },
      bucket: { s3: { bucket: 'state', key: 'key', region: 'us-east-1' } },
    };
    for (const [name, backend] of Object.entries(backends)) {
      await mkdir(join(folder, name));
      const stack = { terraform: { backend }, output: { text: { value: `kept in the ${name}` } } };
      await writeFile(join(folder, name, 'cdk.tf.json'), JSON.stringify(stack, null, 2));
    }
    const program = join(import.meta.dirname, '../with.ts');
    const keep = (name: string) =>
      ['init', 'apply -auto-approve', 'state pull'].map((args) => `terraform -chdir=${name} ${args}`);
    const commands = [...keep('file'), ...keep('bucket'), 'cd file', 'terraform init'].join(' && ');
    const { code, output } = await run(process.execPath, [program, 'state', 'sh', '-c', commands]);
    expect([code, output]).toEqual([0, expect.stringContaining('kept in the bucket')]);
    expect(readFileSync(join(folder, 'file/own.tfstate'), 'utf8')).toContain('kept in the file');
  });

  test('the schemas are renewed from what Terraform reads, and are served without loss', async () => {
    const versions = { aws: '6.25.0', helm: '3.1.1', kubernetes: '2.38.0' };
    const required = Object.entries(versions).map(([name, version]) => [
      name,
      { source: `hashicorp/${name}`, version },
    ]);
    await writeFile(
      join(folder, 'cdk.tf.json'),
      JSON.stringify({ terraform: { required_providers: Object.fromEntries(required) } }),
    );
    const program = join(import.meta.dirname, '../schemas/renew.ts');
    expect(await run(process.execPath, [program, folder, folder])).toMatchObject({ code: 0 });
    const written = (await readdir(folder)).filter((file) => file.endsWith('.gz'));
    expect(written).toHaveLength(3);
    for (const file of written) {
      const [renewed, original] = [folder, join(import.meta.dirname, '../schemas')].map((place) =>
        JSON.parse(gunzipSync(readFileSync(join(place, file))).toString(), withoutDefaults),
      );
      expect(JSON.stringify(renewed) === JSON.stringify(original)).toBe(true);
    }
  });
});

/** Without what Terraform does not write or writes as a default, and with sorted keys. */
function withoutDefaults(key: string, value: unknown): unknown {
  if (value === false || (key === 'version' && value === 0)) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
