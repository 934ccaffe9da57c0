/** `pnpm infra crds`, with stand-ins for helm and kubectl. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { changedCharts, publishedCharts } from '../upgrade/crds.ts';
import { completeSettings } from './support/aws-answers.ts';
import { infra, node } from './support/command.ts';
import { root, synthesiseAll } from './support/program.ts';
import { expectTranscript } from './support/transcripts.ts';

let out: string;
let folder: string;
beforeAll(async () => {
  out = await synthesiseAll();
  folder = await mkdtemp(join(tmpdir(), 'crds-'));
});
afterAll(() => Promise.all([out, folder].map((each) => rm(each, { recursive: true }))));

test.each(['dev', 'prd'])('the charts of %s are all that it releases, and the dependencies of ours', (environment) => {
  const charts = publishedCharts(join(out, 'stacks', environment));
  // At each of these addresses its maker publishes it.
  expect(Object.fromEntries(charts.map(({ name, repository }) => [name, repository]))).toEqual({
    'aws-load-balancer-controller': 'https://aws.github.io/eks-charts',
    'cluster-autoscaler': 'https://kubernetes.github.io/autoscaler',
    'k8s-infra': 'https://charts.signoz.io',
    'metrics-server': 'https://kubernetes-sigs.github.io/metrics-server',
    signoz: 'https://charts.signoz.io',
  });
  const { dependencies } = parse(readFileSync(join(root, 'infra/charts/signoz/Chart.yaml'), 'utf8'));
  expect(charts).toEqual(expect.arrayContaining(dependencies));
  for (const { version } of charts) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

describe('of the charts that are deployed, a deployment changes', () => {
  const stack = () => join(out, 'stacks/prd');
  /** What Terraform's state has after a deployment. */
  const state = (edit: (release: Record<string, string>, name: string) => object = (release) => release) => {
    const releases: Record<string, Record<string, string>> = JSON.parse(
      readFileSync(join(stack(), 'cdk.tf.json'), 'utf8'),
    ).resource.helm_release;
    const resources = Object.entries(releases).map(([name, release]) => {
      // Also of a chart of ours, whose version Terraform reads from it. It writes null for what is not given.
      const values = { repository: null, version: '0.1.0', ...release, ...edit(release, name) };
      return { type: 'helm_release', name, values };
    });
    expect(resources.length).toBeGreaterThan(5);
    return { values: { root_module: { resources: [{ type: 'aws_vpc', name: 'vpc', values: {} }, ...resources] } } };
  };
  const changed = (...args: Parameters<typeof state>) =>
    changedCharts(state(...args), stack()).map(({ name, version }) => `${name} ${version}`);
  const versionOf = (chart: string) => publishedCharts(stack()).find(({ name }) => name === chart)?.version;

  test('none, if their versions stay', () => expect(changed()).toEqual([]));

  test.each([
    ['major', 0],
    ['minor', 1],
    ['patch', 2],
  ])('the one with another %s version, to that which it gets', (_, place) => {
    const old = ({ chart, version = '' }: Record<string, string>) => {
      const numbers = version.split('.').map((number, index) => Number(number) + (index === place ? 1 : 0));
      return chart === 'aws-load-balancer-controller' ? { version: numbers.join('.') } : {};
    };
    expect(changed(old)).toEqual([`aws-load-balancer-controller ${versionOf('aws-load-balancer-controller')}`]);
  });

  test('all of them, if all have other versions', () => {
    const others = changed(({ chart = '', repository }) =>
      repository ? { version: '0.0.1' } : { chart: `${chart}0` },
    );
    const all = publishedCharts(stack()).map(({ name, version }) => `${name} ${version}`);
    expect(all.length).toBeGreaterThan(4);
    expect(others).toEqual(all);
  });

  test('the dependency of one of ours, of which the copy has another name', () => {
    const old = ({ chart = '' }: Record<string, string>) => (chart.includes('_signoz_') ? { chart: `${chart}0` } : {});
    expect(changed(old)).toEqual([`signoz ${versionOf('signoz')}`]);
  });

  test('none that it removes, and none at all before the first deployment', () => {
    const { root_module } = state().values;
    const removed = { type: 'helm_release', name: 'old', values: { chart: 'old', version: '1.0.0' } };
    const resources = [...root_module.resources, removed];
    expect(changedCharts({ values: { root_module: { resources } } }, stack())).toEqual([]);
    expect(changedCharts({}, 'nowhere')).toEqual([]);
  });
});

/** Updates the definitions of two charts, of which one brings two. */
function update(kubectl: string, { reads = true } = {}) {
  const charts = ['with', 'without'].map((name) => ({ name, repository: 'https://charts.example', version: '1.2.3' }));
  const definitions = ['one', 'two'].map(
    (name) => `---\\nkind: CustomResourceDefinition\\nmetadata: {name: ${name}}\\n`,
  );
  const asked = join(folder, 'asked');
  const module = pathToFileURL(join(root, 'infra/upgrade/crds.ts'));
  const script = `import { updateInCluster } from '${module}';
await updateInCluster('dev', ${JSON.stringify(charts)});`;
  const result = node(
    ['--input-type=module', '--eval', script],
    {},
    {
      aws: `echo "aws $*" >>'${asked}'`,
      // Helm writes a separator before each file, and many files begin with one. More than a pipe holds, if nobody reads it.
      helm: `echo "helm $*" >>'${asked}'\ncase "$*" in *" with "*) printf '%b' '---\\n${definitions.join('')}'; ${reads ? ':' : "printf '# %02000000d' 0"};; esac`,
      kubectl: `{ echo "kubectl $*"; ${reads ? 'while read -r line; do echo "$line"; done;' : ''} } >>'${asked}'\n${kubectl}`,
    },
  );
  const calls = readFileSync(asked, 'utf8').replaceAll(/[^\s=]+\/kubeconfig-\w+\/kubeconfig/g, 'own-kubeconfig');
  return rm(asked).then(() => ({ ...result, calls }));
}

test('definitions are applied by the server, and a chart without any changes nothing', async () => {
  const { calls, output, status } = await update('exit 0');
  expect([status, calls.split('\n')]).toEqual([
    0,
    [
      'aws eks update-kubeconfig --name desafio-aws-dev --region us-east-1 --kubeconfig own-kubeconfig',
      'helm show crds with --repo https://charts.example --version 1.2.3',
      'kubectl apply --server-side --force-conflicts --field-manager=infra-crds --kubeconfig=own-kubeconfig --filename=-',
      ...['---', '---', 'kind: CustomResourceDefinition', 'metadata: {name: one}'],
      ...['---', 'kind: CustomResourceDefinition', 'metadata: {name: two}'],
      'helm show crds without --repo https://charts.example --version 1.2.3',
      '',
    ],
  ]);
  expect(output).toContain('with 1.2.3: applied definitions: one, two.');
  expect(output).toContain('without 1.2.3: the chart brings no definitions.');
});

test.each([
  ['what the cluster refuses', true],
  ['a kubectl that does not even read definitions, which can be long,', false],
])('%s ends it, with the reason', async (_, reads) => {
  const kubectl = "echo 'The CustomResourceDefinition is invalid' >&2; exit 1";
  const { calls, output, status } = await update(kubectl, { reads });
  expect([status, output]).toEqual([1, expect.stringContaining('The CustomResourceDefinition is invalid')]);
  expect(output).not.toContain('EPIPE');
  expect(calls).not.toContain('without');
});

test.each(['dev', 'prd'])('the command brings the charts of %s to its own cluster', async (name) => {
  const calls = join(folder, `calls-${name}`);
  const synthesised = join(out, 'stacks');
  // The stacks are synthesised once, for all tests of this file, and known to the command once it has asked for them.
  const terraform = `let folder = '/not/synthesised';
    export const synthesise = async () => { folder = ${JSON.stringify(synthesised)}; };
    export const stackFolder = (stack) => folder + '/' + stack;`;
  const script = `import { registerHooks } from 'node:module';
    const url = 'data:text/javascript,' + encodeURIComponent(${JSON.stringify(terraform)});
    registerHooks({ resolve: (name, context, next) =>
      name.endsWith('/terraform.ts') ? { url, shortCircuit: true } : next(name, context) });
    const { command } = await import(${JSON.stringify(pathToFileURL(join(root, 'infra/commands/crds.ts')))});
    process.exitCode = await command.run(['${name}']);`;
  const recording = (program: string, then: string) => `echo "${program} $*" >>'${calls}'\n${then}`;
  const programs = {
    aws: recording('aws', ''),
    helm: recording('helm', "printf 'kind: CustomResourceDefinition\\nmetadata: {name: one}\\n'"),
    kubectl: recording('kubectl', 'while read -r line; do :; done'),
  };
  const { output, status } = node(['--input-type=module', '--eval', script], { INFRA_REGION: 'sa-east-1' }, programs);
  expect([status, output]).toEqual([0, expect.stringContaining('applied definitions: one.')]);
  if (name === 'dev') expectTranscript('pnpm infra crds dev', output);
  const [connect = '', ...rest] = readFileSync(calls, 'utf8').trim().split('\n');
  const call = `aws eks update-kubeconfig --name desafio-aws-${name} --region sa-east-1 --kubeconfig `;
  expect(connect.slice(0, call.length)).toBe(call);
  const options = `--server-side --force-conflicts --field-manager=infra-crds --kubeconfig=${connect.slice(call.length)}`;
  const charts = publishedCharts(join(synthesised, name));
  expect(charts.length).toBeGreaterThan(3);
  expect(rest).toEqual(
    charts.flatMap((chart) => [
      `helm show crds ${chart.name} --repo ${chart.repository} --version ${chart.version}`,
      `kubectl apply ${options} --filename=-`,
    ]),
  );
});

test.each(['aws', 'helm', 'kubectl'])('%s must be installed', (missing) => {
  const programs = Object.fromEntries(
    // The synthesis, which takes a while, runs in a shell.
    ['aws', 'helm', 'kubectl', 'sh'].filter((name) => name !== missing).map((name) => [name, `echo "${name} runs"`]),
  );
  const { stderr, status, stdout } = infra(['crds', 'dev'], completeSettings, programs);
  expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(`Install ${missing}: it is not on`)]);
});
