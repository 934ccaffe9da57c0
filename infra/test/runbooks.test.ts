/**
 * The names in the runbooks are those of the environments. `test/cluster/runbooks.test.ts` runs the commands of kubectl, and
 * `interrupted-release.test.ts` those of Helm.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { namespaces } from 'platform';
import { applications } from 'platform/applications';
import { commands, marked } from '../../test/support/runbooks.ts';
import { dev } from '../environments/dev.ts';
import { prd } from '../environments/prd.ts';
import { rulesOf } from '../signoz/rules.ts';
import { type Block, synthesise } from './support/synthesised.ts';

const stacks = [
  synthesise('dev', { environment: { network: { ...dev.network, nat: 'instance' } } }),
  synthesise('prd', { environment: { network: { ...prd.network, nat: 'instance-per-zone' } } }),
];
const [stack] = stacks;
if (stack === undefined) throw new Error('There is no stack');
const api = 'calculadora-api';

/** What the placeholders stand for. Another one fails the tests, until it is listed here. */
const examples: Readonly<Record<string, string>> = {
  ambiente: 'dev',
  antigo: 'desafio-old',
  cópia: 'copy',
  grupo: 'sg-0123456789abcdef0',
  instante: '2026-01-31T12:00:00Z',
  parâmetros: 'parameters',
  arquivo: 'drill.json',
  associação: 'aclassoc-0123456789abcdef0',
  lista: 'acl-0123456789abcdef0',
  lock: '00000000-0000-0000-0000-000000000000',
  env: 'dev',
  aplicação: api,
  bucket: 'a-bucket',
  instância: 'i-0123456789abcdef0',
  máquina: 'node-1',
  pod: 'pod-1',
  região: 'us-west-2',
  revisão: '1',
  segredo: `desafio-aws/dev/${api}/database`,
  zona: '1',
};
const filled = (text: string): string =>
  text.replaceAll(/<([^>]+)>/g, (_, name: string) => {
    const example = examples[name];
    if (example === undefined) throw new Error(`The runbooks' placeholder <${name}> is unknown`);
    return example;
  });

const allOf = (program: string) => {
  const found = commands.filter((command) => command.startsWith(`${program} `)).map(filled);
  expect(found.length).toBeGreaterThan(0);
  return found;
};

test('kubectl is asked for a namespace and for deployments that exist', () => {
  for (const command of allOf('kubectl')) {
    const [, namespace] = / -n (\S+)/.exec(command) ?? [];
    if (namespace !== undefined)
      expect([command, Object.values(namespaces)]).toEqual([command, expect.arrayContaining([namespace])]);
    const [, deployment] = / deployment\/(\S+)/.exec(command) ?? [];
    const known = namespace === namespaces.applications ? applications.map(({ name }) => name) : charts();
    if (deployment !== undefined) expect(known).toContain(deployment);
    const [, label] = / -l (\S+)/.exec(command) ?? [];
    if (label !== undefined) expect(labels()).toContain(label);
  }
});

/** Charts whose deployment is named like their release. */
const charts = (): string[] => stack.some('helm_release').map(({ name }) => name);
const labels = (): string[] =>
  stack
    .some('aws_eks_node_group')
    .flatMap((group: Block) => Object.entries(group.labels ?? {}).map((label) => label.join('=')));

test('Helm is asked for releases that exist, and where its provider keeps them', () => {
  const ofHelm = allOf(`HELM_DRIVER=${stack.terraform.provider.helm?.[0]?.helm_driver} helm`);
  expect(ofHelm).toEqual(commands.filter((command) => /\bhelm /.test(command)).map(filled));
  const known = stack.some('helm_release').map(({ name, namespace }) => `${namespace}/${name}`);
  const named = ofHelm.flatMap((command) => {
    const [, namespace, name] = / -n (\S+) \w+ (\S+)/.exec(command) ?? [];
    return namespace === undefined ? [] : [`${namespace}/${name}`];
  });
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

test('each resource that a command of AWS names is in the stack', () => {
  const names = JSON.stringify(stack.terraform);
  const named = allOf('aws').flatMap((command) => command.match(/\/?[\w/-]*desafio-aws[\w/-]*/g) ?? []);
  expect(named.length).toBeGreaterThan(2);
  for (const name of named) expect([name, names.includes(`"${name}"`)]).toEqual([name, true]);
});

test('each command of this repository exists', () => {
  for (const command of allOf('pnpm')) {
    const [, name] = /^pnpm infra (\w+)/.exec(command) ?? [];
    expect([command, existsSync(resolve(import.meta.dirname, `../commands/${name}.ts`))]).toEqual([command, true]);
  }
});

test('each setting of an environment exists', () => {
  const paths = marked.flatMap(
    ({ text }) => /^(?:network|cluster|database|edge|observability|costs)\.[\w.]+/.exec(text) ?? [],
  );
  expect(paths.length).toBeGreaterThan(5);
  for (const path of paths) {
    const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], prd);
    expect([path, value]).toEqual([path, expect.anything()]);
  }
});

test('each alarm, dashboard, output, metric, health path and log that they name exists', () => {
  const alarms = stacks.flatMap((each) => each.some('aws_cloudwatch_metric_alarm'));
  const rules = rulesOf({ applications, runbooks: 'https://example.com/runbooks' });
  const known = new Set([
    ...alarms.map(({ alarm_name }) => alarm_name.replace(/^desafio-aws-(dev|prd)-/, '')),
    ...alarms.map(({ metric_name }) => metric_name),
    ...rules.map(({ labels: { rule } }) => rule),
    ...stacks.map((each) => each.one('aws_cloudwatch_dashboard').dashboard_name),
    ...Object.keys(stack.terraform.output),
    ...applications.map(({ healthPath }) => healthPath),
    ...stack.one('aws_db_instance').enabled_cloudwatch_logs_exports,
  ]);
  const named = marked
    .map(({ text }) => filled(text))
    .filter((text) =>
      /-(missing|errors|slow|down|unreachable|chamar)$|^[a-z]+_(address|command)$|health|query$/.test(text),
    )
    // A part of a name: `-down`.
    .filter((text) => !text.startsWith('-') && !text.includes(' '));
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((text) => !known.has(text))).toEqual([]);
});
