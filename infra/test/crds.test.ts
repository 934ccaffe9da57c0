/** `pnpm infra crds`, with stand-ins for helm and kubectl. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { publishedCharts } from '../upgrade/crds.ts';
import { completeSettings } from './support/aws-answers.ts';
import { infra, node } from './support/command.ts';
import { root, synthesiseAll } from './support/program.ts';

let out: string;
let folder: string;
beforeAll(async () => {
  out = await synthesiseAll();
  folder = await mkdtemp(join(tmpdir(), 'crds-'));
});
afterAll(() => Promise.all([out, folder].map((each) => rm(each, { recursive: true }))));

test.each(['dev', 'prd'])('the charts of %s are all that it releases, and the dependencies of ours', (environment) => {
  const charts = publishedCharts(join(out, 'stacks', environment));
  expect(charts.map(({ name }) => name).toSorted()).toEqual([
    'aws-load-balancer-controller',
    'cluster-autoscaler',
    'k8s-infra',
    'metrics-server',
    'signoz',
  ]);
  const { dependencies } = parse(readFileSync(join(root, 'infra/charts/signoz/Chart.yaml'), 'utf8'));
  expect(charts).toEqual(expect.arrayContaining(dependencies));
  for (const { repository, version } of charts) {
    expect(repository).toMatch(/^https:\/\//);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

/** Updates the definitions of two charts, of which one brings two. */
function update(kubectl: string) {
  const charts = ['with', 'without'].map((name) => ({ name, repository: 'https://charts.example', version: '1.2.3' }));
  const definitions = ['one', 'two'].map(
    (name) => `---\\nkind: CustomResourceDefinition\\nmetadata: {name: ${name}}\\n`,
  );
  const asked = join(folder, 'asked');
  const module = pathToFileURL(join(root, 'infra/upgrade/crds.ts'));
  const script = `import { updateDefinitions } from '${module}';
await updateDefinitions(${JSON.stringify(charts)}, 'own-kubeconfig');`;
  const result = node(
    ['--input-type=module', '--eval', script],
    {},
    {
      helm: `echo "helm $*" >>'${asked}'\ncase "$*" in *" with "*) printf '%b' '${definitions.join('')}';; esac`,
      kubectl: `{ echo "kubectl $*"; while read -r line; do echo "$line"; done; } >>'${asked}'\n${kubectl}`,
    },
  );
  const calls = readFileSync(asked, 'utf8');
  return rm(asked).then(() => ({ ...result, calls }));
}

test('definitions are applied by the server, and a chart without any changes nothing', async () => {
  const { calls, output, status } = await update('exit 0');
  expect([status, calls.split('\n')]).toEqual([
    0,
    [
      'helm show crds with --repo https://charts.example --version 1.2.3',
      'kubectl apply --server-side --force-conflicts --field-manager=infra-crds --kubeconfig=own-kubeconfig --filename=-',
      ...['---', 'kind: CustomResourceDefinition', 'metadata: {name: one}'],
      ...['---', 'kind: CustomResourceDefinition', 'metadata: {name: two}'],
      'helm show crds without --repo https://charts.example --version 1.2.3',
      '',
    ],
  ]);
  expect(output).toContain('with 1.2.3: applied 2 definitions (one, two).');
  expect(output).toContain('without 1.2.3: the chart brings no definitions.');
});

test('what the cluster refuses ends it, with the reason', async () => {
  const { calls, output, status } = await update("echo 'The CustomResourceDefinition is invalid' >&2; exit 1");
  expect([status, output]).toEqual([1, expect.stringContaining('The CustomResourceDefinition is invalid')]);
  expect(calls).not.toContain('without');
});

test.each(['aws', 'helm', 'kubectl'])('%s must be installed', (missing) => {
  const programs = Object.fromEntries(
    ['aws', 'helm', 'kubectl', 'sh'].filter((name) => name !== missing).map((name) => [name, 'exit 0']),
  );
  const { output, status } = infra(['crds', 'dev'], completeSettings, programs);
  expect([status, output]).toEqual([1, expect.stringContaining(missing)]);
});
