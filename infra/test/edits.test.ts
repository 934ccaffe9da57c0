import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { names } from 'platform';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { engineProgram } from '../engine.ts';
import { checkEnvironment } from '../environments/check.ts';
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
import { type Edited, Rehearsal } from './support/rehearsal.ts';

const isFixed = (step: Step): step is readonly [string, Fixed] => 'fixed' in step[1];
const all = [...steps({ environment: environmentEdits }), ...steps({ settings: settingsEdits })];
const edits = rounds(all.filter((step) => !isFixed(step)));
const apply = (values: Deployed, steps: readonly Step[]): Deployed =>
  steps.reduce((result, [path, edit]) => {
    const others = 'with' in edit ? Object.entries(edit.with ?? {}) : [];
    return [[path, edit.to] as const, ...others].reduce((next, [at, value]) => set(next, at, value), result);
  }, values);

// The tests run in order, on one environment: each begins with what the one before has left.
describeWith(engineProgram(), findTool(engineProgram()), 'each field of an environment and of the settings', () => {
  let stage: Rehearsal;
  let current: Deployed = deployed;

  beforeAll(async () => {
    stage = await Rehearsal.start();
    await stage.bootstrap(['dev'], current.settings);
    expectSuccess(await stage.edit(current));
  });
  afterAll(() => stage?.stop());

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
