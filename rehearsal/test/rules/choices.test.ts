/** What AWS would refuse of an environment, for each choice that its file or the settings offer. */
import { describe, expect, test } from '@jest/globals';
import { environments } from '../../../infra/environments/all.ts';
import { type Choice, environmentChoices, settingsChoices } from '../../../infra/test/support/choices.ts';
import { synthesise } from '../../../infra/test/support/synthesised.ts';
import { refusalsOf } from '../../rules/index.ts';
import { refusedInLife } from './life.ts';
import { creations } from './stacks.ts';

const choices: readonly Choice[] = [...settingsChoices, ...environmentChoices];

/** Numbers, names and lists of types, which a test of their own goes through one by one. */
const values =
  /^(name|network\.cidr|cluster\.(version|nodeRelease|addons|autoscaler|nodes|baseNodes|storageNodes|nodeProvisionMinutes)|database\.(version|instanceClass|storage)|edge\.hstsDays|observability|costs)\b/;

test('every choice of an environment file occurs with each of its values', () => {
  const found = new Map<string, Set<string>>();
  for (const [, name, { environment }] of choices) {
    for (const [path, value] of leaves({ ...environments[name], ...environment })) {
      found.set(path, (found.get(path) ?? new Set()).add(JSON.stringify(value)));
    }
  }
  const offered = [...found].filter(([path]) => !values.test(path));
  expect(offered.length).toBeGreaterThan(8);
  expect(offered.filter(([, each]) => each.size < 2)).toEqual([]);
  expect(found.get('network.nat')?.size).toBe(4);
});

describe.each(choices)('%s', (_, name, changes) => {
  test('is created and destroyed without refusals', () => {
    const stack = synthesise(name, changes);
    const planned = creations(stack);
    expect(planned.length).toBeGreaterThan(100);
    expect(planned.flatMap((change) => refusalsOf(change, []).map(({ message }) => [change.type, message]))).toEqual(
      [],
    );
    expect(refusedInLife(stack)).toEqual([]);
  });
});

/** Paths and values of an object. Lists are values. */
function leaves(object: object, prefix = ''): [path: string, value: unknown][] {
  return Object.entries(object).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leaves(value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value] as [string, unknown]],
  );
}
