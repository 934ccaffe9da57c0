/** What `pnpm infra rehearse` reads, refuses and prints, without a rehearsal, which takes a minute. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { App, TerraformStack } from 'cdktf';
import type { Changed, Failure, Progress, Stack } from 'rehearsal';
import { command } from '../commands/rehearse.ts';
import { monthlyCosts } from '../costs/estimate.ts';
import { Constructs } from '../rehearse/constructs.ts';
import type { Findings } from '../rehearse/stage.ts';
import { summaryOf } from '../rehearse/summary.ts';
import { change, reasonsOf, StepRefused, step } from '../rehearse/terminal.ts';
import { root } from './support/program.ts';

const printed: string[] = [];
beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'log').mockImplementation((line) => void printed.push(line));
});

const at = (file: string) => `at Balancer (${pathToFileURL(join(root, file))})`;
const stack = {
  data: {
    aws_region: { current: { '//': { metadata: { path: 'dev/network/region', uniqueId: 'x' } } } },
  },
  resource: {
    aws_lb: {
      edge_balancer: {
        '//': {
          metadata: {
            path: 'dev/edge/balancer',
            stackTrace: [
              at('infra/constructs/edge/balancer.ts:89:5'),
              at('node_modules/cdktf/lib/resource.ts:1:2'),
              // So Node writes a call in a function without a name.
              `at ${pathToFileURL(join(root, 'infra/constructs/edge/edge.ts:34:7'))}`,
              `at Array.map (<anonymous>)`,
              at('infra/stacks/environment.ts:12:3'),
            ],
          },
        },
        name: 'balancer',
      },
      edge_other: { '//': { metadata: { path: 'dev/edge/other' } } },
    },
    aws_vpc: { network_vpc: { '//': { metadata: { path: 'dev/network/vpc' } }, cidr_block: '10.0.0.0/16' } },
  },
};
const json = JSON.stringify(stack, null, 2);
const lineOf = (text: string) => json.split('\n').findIndex((line) => line.includes(text)) + 1;
let constructs: Constructs;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stack-'));
  writeFileSync(join(folder, 'cdk.tf.json'), json);
  constructs = await Constructs.read(folder);
});

const calls = [
  'infra/constructs/edge/balancer.ts:89',
  'infra/constructs/edge/edge.ts:34',
  'infra/stacks/environment.ts:12',
];
const failure = (given: Partial<Failure>): Failure => ({ summary: 'Error', detail: 'no', address: '', ...given });

test('a resource has the path of its construct and the lines of the repository that created it', () => {
  expect(constructs.get('aws_lb.edge_balancer')).toEqual({ path: 'edge/balancer', calls });
  expect(constructs.get('data.aws_region.current')).toEqual({ path: 'network/region', calls: [] });
  expect(constructs.get('aws_region.current')).toBeUndefined();
});

test('a line of the configuration belongs to the resource or data source around it', () => {
  expect(constructs.addressAt(lineOf('"name": "balancer"'))).toBe('aws_lb.edge_balancer');
  expect(constructs.addressAt(lineOf('"cidr_block"'))).toBe('aws_vpc.network_vpc');
  expect(constructs.addressAt(lineOf('"uniqueId"'))).toBe('data.aws_region.current');
  // Terraform names the first line of a block that misses an argument.
  expect(constructs.addressAt(lineOf('"edge_balancer": {'))).toBe('aws_lb.edge_balancer');
  expect(constructs.addressAt(lineOf('"edge_other": {'))).toBe('aws_lb.edge_other');
  expect(constructs.addressAt(lineOf('"current": {'))).toBe('data.aws_region.current');
  expect(constructs.addressAt(1)).toBe('');
});

test('each refusal is shown once, with its resource, what was wrong, and the lines that created it', () => {
  const refused = failure({ address: 'aws_lb.edge_balancer', summary: 'AccessDenied', detail: 'elb:Create' });
  const byLine = failure({ line: lineOf('"name": "balancer"'), summary: 'Reference', detail: 'undeclared' });
  const elsewhere = failure({ summary: 'No provider', detail: '' });
  // Terraform names the line of the block that a provider complains about, which may be that of another resource.
  const both = failure({ address: 'aws_vpc.network_vpc', line: lineOf('"name": "balancer"'), summary: 'Conflict' });
  expect(reasonsOf([refused, refused, byLine, elsewhere, both], constructs).split('\n')).toEqual([
    '  aws_lb.edge_balancer: AccessDenied: elb:Create',
    ...calls.map((call) => `    ${call}`),
    '  aws_lb.edge_balancer: Reference: undeclared',
    ...calls.map((call) => `    ${call}`),
    '  No provider',
    '  aws_vpc.network_vpc: Conflict: no',
  ]);
});

describe('A step', () => {
  const text = { pt: 'plano', en: 'plan' };
  const stackThat = (changed: Partial<Changed>) =>
    ({ change: async () => ({ code: 0, stdout: '', stderr: '', errors: [], ...changed }) }) as unknown as Stack;

  test('prints one line once it is done, with its time, and none if it fails', async () => {
    expect(await step(text, async () => 7)).toBe(7);
    expect(printed).toEqual([expect.stringMatching(/^✓ plano \/ plan \(\d+\.\d s\)$/)]);
    await expect(step(text, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(printed).toHaveLength(1);
  });

  test('that Terraform refuses is an error with the reasons, or with all that Terraform said', async () => {
    await change(text, stackThat({}), constructs, ['apply']);
    const refused = await change(text, stackThat({ code: 1, errors: [failure({})] }), constructs, ['apply']).catch(
      (error) => error,
    );
    expect(refused).toBeInstanceOf(StepRefused);
    expect(refused.message).toContain('plano / plan" falhou:\n  Error: no\n');
    expect(refused.step).toContain('the step "plan" failed');
    expect(refused.reasons).toBe('  Error: no');
    const silent = stackThat({ code: 1, stdout: 'said one, ', stderr: 'said two' });
    await expect(change(text, silent, constructs, ['apply'])).rejects.toThrow('said one, said two');
  });

  test('on a terminal, is one line, which says how far it is, is cut to the width, and stays once it is done', async () => {
    const { columns, isTTY } = process.stdout;
    const written: string[] = [];
    Object.assign(process.stdout, { columns: 35, isTTY: true });
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => {
      written.push(String(line));
      return true;
    });
    const changing = {
      async change(_: unknown, observe: (progress: Progress) => void) {
        observe({ done: 0, address: 'aws_vpc.one' });
        observe({ done: 11, address: 'aws_lb.one' });
        return { code: 0, stdout: '', stderr: '', errors: [] };
      },
    } as unknown as Stack;
    try {
      await change(text, changing, constructs, ['apply'], 12);
      await change(text, changing, constructs, ['apply']);
    } finally {
      write.mockRestore();
      Object.assign(process.stdout, { columns, isTTY });
    }
    const done = expect.stringMatching(/✓ plano \/ plan \(\d+\.\d s\)\n$/);
    expect(written).toEqual([
      ...['  plano / plan', '  plano / plan: [  0/12] aws_vpc.on', '  plano / plan: [ 11/12] aws_lb.one'].map(
        (line) => `\r\x1b[K${line}`,
      ),
      done,
      ...['  plano / plan', '  plano / plan: aws_vpc.one', '  plano / plan: aws_lb.one'].map(
        (line) => `\r\x1b[K${line}`,
      ),
      done,
    ]);
    // Each begins where the one before began, and takes its place.
    for (const line of written) expect(line.startsWith('\r\x1b[K')).toBe(true);
    expect(printed).toEqual([]);
  });
});

const balancer = { address: 'aws_lb.edge_balancer', type: 'aws_lb', dependsOn: [] };
const vpc = { address: 'aws_vpc.network_vpc', type: 'aws_vpc', dependsOn: [] };
const other = { address: 'aws_lb.edge_other', type: 'aws_lb', dependsOn: [] };
const taken = (node: typeof vpc, start: number, end: number) => ({ node, start, end, isMaximum: false });
const nothingAsked = {
  requests: 0,
  actions: new Set(['a:B']),
  undecided: new Set(['x', 'z']),
  unknownTypes: new Set(['w', 'y']),
};
const findings: Findings = {
  nodes: [vpc, balancer, other],
  creation: {
    seconds: 185,
    steps: [],
    criticalPath: [taken(vpc, 0, 5), taken(other, 5, 5), taken(balancer, 5, 185)],
    unknownTypes: { aws_vpc: 2 },
  },
  destruction: { seconds: 65, steps: [], criticalPath: [], unknownTypes: { aws_lb: 1, aws_eip: 3 } },
  failures: [],
  warnings: [],
  asked: { ...nothingAsked, actions: new Set(), undecided: new Set(), unknownTypes: new Set() },
};

test('a summary counts the resources of each part, and says how long a deployment takes, why, and what it costs', () => {
  const lines = summaryOf('dev', findings, constructs).split('\n');
  expect(lines.slice(0, 3)).toEqual(['dev: 3 recursos / resources', '             2  edge', '             1  network']);
  expect(lines).toContain('     3 min 5 s  primeiro deploy / first deployment');
  expect(lines).toContain('     1 min 5 s  destroy');
  const path = lines.indexOf('Caminho crítico / Critical path: primeiro deploy / first deployment');
  expect(lines.slice(path + 1, path + 4)).toEqual([
    '           5 s  aws_vpc network/vpc',
    '     3 min 0 s  aws_lb edge/balancer',
    '',
  ]);
  expect(lines).toContain('  primeiro deploy / first deployment  aws_vpc (2)');
  expect(lines.at(-1)).toBe(`Custo mensal / Monthly cost: US$ ${monthlyCosts().dev.total.toFixed(2)}`);
  // Whatever no construct has made counts by its own address.
  const foreign = { address: 'aws_lb.by_hand', type: 'aws_lb', dependsOn: [] };
  const withForeign = summaryOf('dev', { ...findings, nodes: [...findings.nodes, foreign] }, constructs).split('\n');
  expect(withForeign.slice(1, 4).map((line) => line.trim())).toEqual(['2  edge', '1  network', '1  aws_lb.by_hand']);
  const ofPrd = summaryOf('prd', findings, constructs);
  expect(ofPrd).toContain(`Monthly cost: US$ ${monthlyCosts().prd.total.toFixed(2)}`);
});

test('a summary says what a new account refuses, which permissions were checked, and what failed', () => {
  const text = summaryOf(
    'dev',
    {
      ...findings,
      warnings: [
        { code: 'Quota', message: 'too many', source: 'https://example.com' },
      ] as unknown as Findings['warnings'],
      asked: { ...nothingAsked, requests: 12, actions: new Set(['a:B', 'c:D', 'e:F', 'g:H']) },
      failures: [failure({ address: 'aws_lb.edge_balancer', summary: 'rehearsed failure' })],
    },
    constructs,
  );
  expect(text).toContain('does not allow\n  Quota: too many (https://example.com)\n');
  expect(text).toContain('Permissions checked: 12 requisições à AWS, de 4 ações / 12 requests to AWS, of 4 actions\n');
  expect(text).toMatch(/not known: w, y\n/);
  expect(text).toMatch(/Not decided by the simulator:\n {2}x\n {2}z\n/);
  expect(text).toMatch(/Rehearsed failure \(.*\):\n {2}aws_lb\.edge_balancer: rehearsed failure: no\n/);
  expect(text).toMatchSnapshot();
  // Each is said only if there is any.
  for (const [unknown, undecided] of [
    [['y'], []],
    [[], ['x']],
  ] as const) {
    const asked = { ...findings.asked, requests: 1, undecided: new Set(undecided), unknownTypes: new Set(unknown) };
    const said = summaryOf('dev', { ...findings, asked }, constructs);
    expect([/permissions not known/.test(said), /Not decided/.test(said)]).toEqual([
      unknown.length > 0,
      undecided.length > 0,
    ]);
  }
  const without = summaryOf('dev', findings, constructs);
  for (const part of ['does not allow', 'Permissions checked', 'Rehearsed failure'])
    expect(without).not.toContain(part);
});

test('with traces, a stack says of each element where it was created', async () => {
  await import('../rehearse/traces.ts');
  const stack = new TerraformStack(new App({ outdir: mkdtempSync(join(tmpdir(), 'traced-')) }), 'traced');
  new Vpc(stack, 'network', { cidrBlock: '10.0.0.0/16' });
  const { resource } = stack.toTerraform();
  expect(resource.aws_vpc.network['//'].metadata.stackTrace.join()).toContain('what-a-rehearsal-shows');
});

test.each([
  [['--role', 'deploy'], 'deploy: use one of these roles: plan, apply'],
  [['--role', 'PLAN'], 'PLAN: use one of these roles'],
  [['--fail', 'the cluster'], 'the cluster: use a type of Terraform'],
  [['--fail', 'helm_release/read'], 'helm_release/read: use a type of Terraform'],
  [['--fail', 'helm_release/delete/x'], 'helm_release/delete/x: use a type of Terraform'],
])('rehearse %j is refused before anything begins', async (args, message) => {
  // Without an engine, what is not refused does not begin either.
  process.env.TERRAFORM_BINARY_NAME = 'no-such-engine';
  try {
    await expect(command.run(['dev', ...args])).rejects.toThrow(message);
  } finally {
    delete process.env.TERRAFORM_BINARY_NAME;
  }
});
