import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  type Change,
  quotaRules,
  type Resource,
  refusalsOf,
  rules,
  stateRules,
  unknown,
  type Value,
  type Values,
  valueRules,
} from '../../rules/index.ts';
import { registryRule } from '../../rules/registry/check.ts';
import { registry } from '../../rules/registry/constraints.ts';
import { isBlock } from '../../rules/values.ts';
import { planted } from './faults/all.ts';
import type { Fault } from './faults/fault.ts';

/** Live resources that no rule should react to. */
const bystanders = [
  { type: 'aws_cloudwatch_dashboard', values: { id: 'bystander' } },
  { type: 'aws_iam_role', values: { id: 'bystander', name: 'bystander' } },
];

/** The same names and ids at resources of another type, which are found first. */
const alike = (world: readonly Resource[]): Resource[] =>
  world.map(({ values }) => ({ type: 'aws_cloudwatch_dashboard', values }));
const among = (world: readonly Resource[], others = world): Resource[] => [...bystanders, ...alike(others), ...world];
const faults = planted.map(
  ({ right, world, ...fault }): Fault => ({
    ...fault,
    world: among(world),
    right: { ...right, world: among(right.world, [...world, ...right.world]) },
  }),
);

describe.each(faults.map((fault) => ({ ...fault, name: `${fault.wrong} (${fault.rule})` })))('$name', (fault) => {
  test('is refused', () => {
    const rule = rules.find(({ id }) => id === fault.rule);
    const [refusal] = refusalsOf(fault.change, fault.world).filter(({ source }) => source === rule?.source);
    expect(refusal).toEqual(expect.objectContaining({ code: expect.stringMatching(/^\w[\w.]+$/) }));
    expect(refusal?.message).not.toMatch(/undefined|NaN|\[object/);
    expect(refusal?.source).toMatch(/^(https:|CloudFormation registry)/);
    expect(rule?.check(fault.change, fault.world)).not.toEqual([]);
  });

  test('is accepted with a valid value', () => {
    expect(refusalsOf(fault.right.change, fault.right.world)).toEqual([]);
  });
});

test('each rule has a planted fault', () => {
  const seen = new Set(faults.map(({ rule }) => rule));
  expect(rules.length).toBeGreaterThan(120);
  expect(rules.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
});

test('each refusal is in the words of the snapshot, and about the argument in it', () => {
  const lines = faults.flatMap(({ change, rule, world, wrong }) => [
    `${rule}: ${wrong}`,
    ...(rules.find(({ id }) => id === rule)?.check(change, world) ?? []).map(
      ({ code, message, path = '(no argument)' }) => `  ${path}: ${code}: ${message.slice(0, 300)}`,
    ),
  ]);
  expect(lines.join('\n')).toMatchSnapshot();
});

test('the README counts the rules of each kind, and the faults planted for them', () => {
  const faultsOf = (kind: typeof rules) => faults.filter(({ rule }) => kind.some(({ id }) => id === rule)).length;
  const constraints = Object.values(registry.types).reduce(
    (sum, properties) => sum + Object.keys(properties).length,
    0,
  );
  const readme = readFileSync(join(import.meta.dirname, '../../rules/README.md'), 'utf8');
  const counts = [...readme.matchAll(/^\| `(\w+)\/`.*\| (\d+) [a-z]+ \| (\d+)[a-z ]* \|$/gm)].map((row) =>
    row.slice(1),
  );
  expect(counts).toEqual(
    [
      ['registry', constraints, faultsOf([registryRule])],
      ['network', valueRules.length, faultsOf(valueRules)],
      ['state', stateRules.length, faultsOf(stateRules)],
      ['quotas', quotaRules.length, quotaRules.length],
    ].map((row) => row.map(String)),
  );
});

test('each rule is about the types in the snapshot', () => {
  const lines = [...rules, ...quotaRules].map(({ id, types }) => `${id}: ${[types].flat().join(' ')}`);
  expect(lines.join('\n')).toMatchSnapshot();
});

test('rules have distinct identifiers', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

test('an update in place is not refused because of its own name', () => {
  // An update can also add an alias that another distribution has.
  const taken = faults.filter(({ rule }) => rule.startsWith('taken-') && rule !== 'taken-distribution-alias');
  expect(taken.length).toBeGreaterThan(20);
  for (const { change, world } of taken) {
    const before = { ...change.after, id: 'old' };
    expect(refusalsOf({ ...change, action: 'update', before }, world)).toEqual([]);
  }
});

/**
 * Faults that another change of the same plan may remove, as action and rule, so that a plan cannot judge them. The same is
 * true of names that are taken, and of resources in use.
 */
const removable = [
  ...['update node-group-version', 'update addon-kube-proxy-version', 'update cluster-version-of-nodes'],
  ...['create secret-scheduled-for-deletion', 'create access-entry-missing', 'delete final-snapshot'],
  ...['delete role-with-inline-policy', 'delete role-with-attached-policy', 'delete role-in-instance-profile'],
  ...['delete event-rule-with-target', 'delete bucket-not-empty', 'delete zone-not-empty'],
  'delete repository-not-empty',
];

test('a plan is refused for each fault, except those that its other changes may remove', () => {
  const accepted = faults.filter(({ change, world }) => refusalsOf({ ...change, phase: 'plan' }, world).length === 0);
  const excused = faults.filter(
    ({ change: { action }, rule }) =>
      /^taken-|^(?!vpc-origin-update).*-in-use$/.test(rule) || removable.includes(`${action} ${rule}`),
  );
  expect(excused.length).toBeGreaterThan(60);
  expect(accepted.map(({ wrong }) => wrong)).toEqual(excused.map(({ wrong }) => wrong));
});

test('the same resources of another environment in the account are no reason to refuse anything', () => {
  const named = /(^|_)(ids?|names?|arns?|identifier|alias|aliases|bucket|role|boundary|groups?|subnets|instance|rule)$/;
  const ofAnother = (value: Value, key = ''): Value => {
    if (typeof value === 'string') return named.test(key) ? `${value}-2` : value;
    if (isBlock(value)) return valuesOfAnother(value);
    return Array.isArray(value) ? value.map((each) => ofAnother(each, key)) : value;
  };
  const valuesOfAnother = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).map(([key, value = null]) => [key, ofAnother(value, key)]));
  const withWorld = planted.filter(({ world }) => world.length > 0);
  expect(withWorld.length).toBeGreaterThan(80);
  const refused = withWorld.filter(({ change, world }) => {
    const others = world.map(({ type, values }) => ({ type, values: valuesOfAnother(values) }));
    return refusalsOf(change, others).length > 0;
  });
  // An account has one provider for an address.
  expect(refused.map(({ rule }) => rule)).toEqual(['taken-iam-openid-connect-provider']);
});

test('no rule refuses unknown values', () => {
  // These react to which arguments are set, whatever their values.
  const bySight = [
    'access-entry-missing',
    'alarm-statistic',
    'dns-record',
    'event-rule-schedule',
    'final-snapshot',
    'firewall-actions',
    'security-group-rule-source',
  ];
  const refused = faults
    .filter(({ rule }) => !bySight.includes(rule))
    .filter(
      ({ change, rule, world }) => rules.find(({ id }) => id === rule)?.check(hidden(change), world).length !== 0,
    );
  expect(refused.map(({ wrong }) => wrong)).toEqual([]);
});

/** The change with every value unknown; only which arguments are set remains visible. */
function hidden({ after, before, ...change }: Change): Change {
  const hide = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === null ? null : unknown]));
  return { ...change, ...(after && { after: hide(after) }), ...(before && { before: hide(before) }) };
}
