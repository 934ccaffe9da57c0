/**
 * What each refusal depends on: the argument without which, or with another value of which, a planted fault is accepted, or
 * its valid neighbour refused. After a change that is meant, `pnpm test what-refusals-depend-on -u` writes the snapshot
 * again: read its diff like the code's.
 */
import { expect, test } from '@jest/globals';
import { type Change, type Resource, rules, unknown, type Value, type Values } from '../../rules/index.ts';
import type { Rule } from '../../rules/rule.ts';
import { isBlock } from '../../rules/values.ts';
import { plantedIn } from './faults/all.ts';

expect.addSnapshotSerializer({ test: () => true, serialize: (value) => String(value) });

const ruleOf = (id: string) => rules.find((rule) => rule.id === id);

interface Case {
  readonly change: Change;
  readonly world: readonly Resource[];
}

/** The value with a part of it changed, and what was changed. An undefined value is left out. */
type Changed = readonly [what: string, value: Value | undefined];

function changesOf(value: Value | undefined, path: string): Changed[] {
  const simple: Changed[] = [
    [`no ${path}`, undefined],
    [`null ${path}`, null],
    [`unknown ${path}`, unknown],
  ];
  if (typeof value === 'string') return [...simple, [`another ${path}`, `${value}-2`]];
  if (typeof value === 'number') return [...simple, [`less ${path}`, value - 1], [`more ${path}`, value + 1]];
  if (typeof value === 'boolean') return [...simple, [`${!value} ${path}`, !value]];
  if (Array.isArray(value)) {
    const list: readonly Value[] = value;
    // Of long lists the elements are alike.
    const inside = list
      .slice(0, 3)
      .flatMap((element, index) =>
        changesOf(element, `${path}[${index}]`).map(
          ([what, changed]): Changed => [
            what,
            list.flatMap((one, at) => (at === index ? (changed === undefined ? [] : [changed]) : [one])),
          ],
        ),
      );
    return [...simple, ...inside];
  }
  return isBlock(value) ? [...simple, ...changesWithin(value, path)] : [];
}

const changesWithin = (values: Values, path: string): Changed[] =>
  Object.entries(values).flatMap(([name, value]) =>
    changesOf(value, path === '' ? name : `${path}.${name}`).map(([what, changed]): Changed => {
      const { [name]: _, ...rest } = values;
      return [what, changed === undefined ? rest : { ...values, [name]: changed }];
    }),
  );

function variants({ change, world }: Case): [string, Case][] {
  const { after, before } = change;
  return [
    ...changesWithin(after ?? {}, '').map(([what, value]): [string, Case] => [
      what,
      { change: { ...change, after: value as Values }, world },
    ]),
    ...changesWithin(before ?? {}, '').map(([what, value]): [string, Case] => [
      `${what} before`,
      { change: { ...change, before: value as Values }, world },
    ]),
    ...world.flatMap(({ type, values }, index): [string, Case][] => [
      [`no live ${type}`, { change, world: world.toSpliced(index, 1) }],
      ...changesWithin(values, '').map(([what, value]): [string, Case] => [
        `${what} of ${type}`,
        { change, world: world.with(index, { type, values: value as Values }) },
      ]),
    ]),
  ];
}

/** What turns the outcome around. What is null or unknown is named only if it is not the same as what is left out. */
function turns(rule: Rule | undefined, one: Case): string {
  const isRefused = ({ change, world }: Case) => rule?.check(change, world).length !== 0;
  const outcome = isRefused(one);
  const whats = new Set(variants(one).flatMap(([what, variant]) => (isRefused(variant) === outcome ? [] : [what])));
  const shown = [...whats].flatMap((what) => {
    const [, kind, path = ''] = /^(no|null|unknown) (.*)/.exec(what) ?? [];
    if (kind === undefined || path.startsWith('live ')) return [what];
    if (kind !== 'no') return whats.has(`no ${path}`) ? [] : [what];
    return [
      what,
      ...['null', 'unknown'].filter((other) => !whats.has(`${other} ${path}`)).map((o) => `not ${o} ${path}`),
    ];
  });
  return shown.length === 0 ? 'nothing' : shown.join(', ');
}

test.each(Object.entries(plantedIn))('the refusals in %s depend on what the snapshot says', (_, planted) => {
  const lines = planted.flatMap(({ right, rule: id, wrong, ...fault }) => [
    `${id}: ${wrong}`,
    `  is accepted with ${turns(ruleOf(id), fault)}`,
    `  its neighbour is refused with ${turns(ruleOf(id), right)}`,
  ]);
  expect(planted.length).toBeGreaterThan(5);
  expect(lines.join('\n')).toMatchSnapshot();
});
