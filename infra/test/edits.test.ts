import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { names } from 'platform';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { engineProgram } from '../engine.ts';
import { checkEnvironment } from '../environments/check.ts';
import { dev } from '../environments/dev.ts';
import { addons } from '../environments/environment.ts';
import { raises, withRaised } from '../upgrade/versions.ts';
import { answering } from './support/aws-answers.ts';
import { node } from './support/command.ts';
import {
  type Deployed,
  deployed,
  environmentEdits,
  type Fixed,
  rounds,
  type Step,
  set,
  settingsEdits,
  steps,
} from './support/edits.ts';
import { root } from './support/program.ts';
import { type Edited, Rehearsal } from './support/rehearsal.ts';

const isFixed = (step: Step): step is readonly [string, Fixed] => 'fixed' in step[1];
const all = [...steps({ environment: environmentEdits }), ...steps({ settings: settingsEdits })];
const edits = rounds(all.filter((step) => !isFixed(step)));
const apply = (values: Deployed, steps: readonly Step[]): Deployed =>
  steps.reduce((result, [path, edit]) => {
    const others = 'with' in edit ? Object.entries(edit.with ?? {}) : [];
    return [[path, edit.to] as const, ...others].reduce((next, [at, value]) => set(next, at, value), result);
  }, values);

const previous = `1.${Number(deployed.environment.cluster.version.split('.')[1]) - 1}`;
const afterNext = `1.${Number(deployed.environment.cluster.version.split('.')[1]) + 1}`;

/** The same with the pins of another version of Kubernetes. */
function at(version: string, { environment, settings }: Deployed = deployed): Deployed {
  const addons = {
    ...environment.cluster.addons,
    coredns: 'v1.1.1-eksbuild.1',
    'kube-proxy': `v${version}.0-eksbuild.1`,
  };
  const pins = { version, addons, nodeRelease: `${version}.0-20250101`, autoscaler: `v${version}.0` };
  return { environment: { ...environment, cluster: { ...environment.cluster, ...pins } }, settings };
}

/** What `pnpm infra upgrade dev VERSION --write` makes of dev's file with other pins, if AWS recommends those of dev. */
function upgradedFile(from: Deployed): { readonly before: string; readonly after: string } {
  const { cluster } = dev;
  const folder = mkdtempSync(join(tmpdir(), 'environments-'));
  const file = join(folder, 'dev.ts');
  const before = withRaised(
    readFileSync(join(root, 'infra/environments/dev.ts'), 'utf8'),
    raises(cluster, from.environment.cluster),
  );
  writeFileSync(file, before);
  const recommended = addons.map((name) => {
    const compatibilities = [{ clusterVersion: cluster.version, defaultVersion: true }];
    return [
      `--kubernetes-version ${cluster.version} --addon-name ${name} `,
      { addons: [{ addonVersions: [{ addonVersion: cluster.addons[name], compatibilities }] }] },
    ] as const;
  });
  const script = `import { environments } from './infra/environments/all.ts';
import { upgrade } from './infra/commands/upgrade.ts';
Object.assign(environments.dev.cluster, ${JSON.stringify(from.environment.cluster)});
process.exitCode = await upgrade('dev', '${cluster.version}', { writes: true, skipsCluster: true }, '${folder}');`;
  const aws = answering({
    [`/${cluster.version}/amazon-linux-2023/`]: { Parameter: { Value: cluster.nodeRelease } },
    ...Object.fromEntries(recommended),
  });
  const result = node(
    ['--input-type=module', '--eval', script],
    { TEST_AUTOSCALER_IMAGES: cluster.autoscaler },
    { aws },
  );
  expect([result.status, result.output]).toEqual([
    0,
    expect.stringContaining(`${from.environment.cluster.version} → `),
  ]);
  return { before, after: readFileSync(file, 'utf8') };
}

// The tests run in order, on one environment: each begins with what the one before has left.
describeWith(engineProgram(), findTool(engineProgram()), 'each field of an environment and of the settings', () => {
  let stage: Rehearsal;
  let current: Deployed = at(previous);

  beforeAll(async () => {
    stage = await Rehearsal.start();
    await stage.bootstrap(['dev'], current.settings);
    expectSuccess(await stage.edit(current));
  });
  afterAll(() => stage?.stop());

  test('a version of Kubernetes is raised to what the upgrade writes: first the cluster, then what runs in it', async () => {
    const { after, before } = upgradedFile(current);
    expect(before).toContain(`version: '${previous}'`);
    expect(after).toBe(readFileSync(join(root, 'infra/environments/dev.ts'), 'utf8'));
    const tooFar = await stage.edit(at(afterNext), 'plan');
    const refusal = (from: string, to: string) => `Unsupported Kubernetes minor version update from ${from} to ${to}`;
    expect([tooFar.code, tooFar.errors]).toEqual([1, [expect.stringContaining(refusal(previous, afterNext))]]);

    current = deployed;
    const edited = await stage.edit(current);
    expectSuccess(edited);
    expect(new Set(edited.planned.map(({ action }) => action))).toEqual(new Set(['update']));
    const changed = (part: string) =>
      edited.planned.map(({ address }) => address).filter((address) => address.includes(part));
    const steps = [
      changed('aws_eks_cluster.'),
      changed('aws_eks_addon.cluster_kube-proxy'),
      changed('aws_eks_node_group.'),
      changed('aws_eks_addon.cluster_coredns'),
      changed('helm_release.cluster-services_cluster-autoscaler'),
    ];
    // The nodes are spot nodes, a base and SigNoz's.
    expect(steps.map(({ length }) => length)).toEqual([1, 1, 3, 1, 1]);
    for (const [index, step] of steps.entries()) {
      const ends = step.map((address) => edited.order.indexOf(`ends ${address}`));
      const begin = (steps[index + 1] ?? []).map((address) => edited.order.indexOf(`begins ${address}`));
      expect([step, ends.every((at) => at >= 0), Math.max(...ends) < Math.min(...begin)]).toEqual([step, true, true]);
    }

    expect(await stage.edit(current, 'plan')).toMatchObject({ code: 0, planned: [] });
    const back = await stage.edit(at(previous), 'plan');
    expect([back.code, back.errors]).toEqual([
      1,
      [expect.stringContaining(refusal(current.environment.cluster.version, previous))],
    ]);
  });

  test('a restored database that has the name of the old one is told to Terraform, and is not replaced', async () => {
    const { database } = names('dev');
    const deleteOld = stage.swapDatabase(database, `${database}-old`);
    // Terraform would give the old one its name back.
    const untold = await stage.edit(current);
    expect([untold.code, untold.errors]).toEqual([1, [expect.stringContaining('DBInstanceAlreadyExists')]]);

    const runbook = readFileSync(join(root, 'docs/runbooks/restore.en.md'), 'utf8');
    expect(runbook).toMatch(
      /`state list` shows .*`aws_db_instance\.…`, then `state rm` and `import` with it and `desafio-aws-<environment>-mysql`/,
    );
    const { output } = await stage.terraform('dev', 'state', 'list');
    const [address = ''] = output.split('\n').filter((line) => line.startsWith('aws_db_instance.'));
    expect(await stage.terraform('dev', 'state', 'rm', address)).toMatchObject({ code: 0 });
    expect(await stage.terraform('dev', 'import', address, database)).toMatchObject({ code: 0 });

    const told = await stage.edit(current);
    expectSuccess(told);
    expect(told.planned).toContainEqual({ action: 'update', type: 'aws_db_instance', address });
    expect(new Set(told.planned.map(({ action }) => action))).toEqual(new Set(['update']));
    expect(await stage.edit(current, 'plan')).toMatchObject({ code: 0, planned: [] });
    deleteOld();
  });

  test.each(edits.map((round, index) => [index + 1, round] as const))('can be edited: part %i', async (_, round) => {
    const removed = [...new Set(round.flatMap(([, edit]) => ('without' in edit && edit.without) || []))];
    if (removed.length > 0) {
      const without = removed.reduce((next, name) => set(next, `settings.${name}`, undefined), current);
      expectSuccess(await stage.edit(without));
    }
    const isInBootstrap = round.some(([path]) => path.startsWith('settings.'));
    current = apply(current, round);
    const { environment, settings } = current;
    checkEnvironment(environment, settings);
    if (isInBootstrap) expectSuccess(await stage.editBootstrap(settings));
    const { cluster } = names('dev');
    const { baseNodes, nodes, storageNodes } = environment.cluster;
    // As the autoscaler does, or a person with the command of the doctor.
    stage.scale(`${cluster}-spot-`, nodes.minimum);
    stage.scale(`${cluster}-base-`, baseNodes?.minimum ?? 0);
    stage.scale(`${cluster}-storage-`, storageNodes.minimum);
    const edited = await stage.edit(current);
    expectSuccess(edited);
    report(round, edited);
    const expected = round.flatMap(([, edit]) => ('replaces' in edit && edit.replaces) || []);
    expect(replacedBy(edited)).toEqual(new Set(expected));
  });

  test('nothing is left to change', async () => {
    expect(await stage.edit(current)).toMatchObject({ code: 0, planned: [] });
  });

  const refused = all.filter(isFixed).flatMap(([path, { error, to }]) => (error ? [[path, to, error] as const] : []));
  test.each(refused)('%s stays', async (path, to, error) => {
    const { code, output } = await stage.edit(set(current, path, to), 'plan');
    expect([code, output]).toEqual([1, expect.stringContaining(error)]);
  });

  test('can be taken back, and every optional part left out', async () => {
    const { baseNodes, ...cluster } = deployed.environment.cluster;
    const { domain, ...settings } = deployed.settings;
    expect([baseNodes, domain]).toEqual([expect.anything(), expect.anything()]);
    const { database, cluster: upgraded } = current.environment;
    const kept = { 'kube-proxy': upgraded.addons['kube-proxy'] };
    current = {
      environment: {
        ...deployed.environment,
        // MySQL and Kubernetes cannot be downgraded, and storage cannot shrink.
        cluster: {
          ...cluster,
          addons: { ...cluster.addons, ...kept },
          nodeRelease: upgraded.nodeRelease,
          autoscaler: upgraded.autoscaler,
          version: upgraded.version,
        },
        database: { ...deployed.environment.database, version: database.version, storage: database.storage },
        observability: { ...deployed.environment.observability, storage: current.environment.observability.storage },
      },
      settings: { ...settings, alerts: {} },
    };
    expectSuccess(await stage.edit(current));
  });
});

const replacedBy = ({ planned }: Edited): ReadonlySet<string> =>
  new Set(planned.flatMap(({ action, type }) => (action === 'replace' ? type : [])));

function expectSuccess({ code, errors, output }: Edited): void {
  expect([code, errors, code === 0 || errors.length > 0 ? '' : output]).toEqual([0, [], '']);
}

function report(round: readonly Step[], { planned }: Edited): void {
  const counts = Map.groupBy(planned, ({ action, type }) => `${action} ${type}`);
  const lines = [...counts].map(([change, { length }]) => (length > 1 ? `${change} (${length})` : change));
  const changed = round.map(([path, { to }]) => `${path}: ${JSON.stringify(to)}`);
  console.log(`${changed.join('\n')}\n  ${lines.toSorted().join('\n  ') || 'no change'}`);
}
