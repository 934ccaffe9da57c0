/** Readers of Terraform's values. They return only known values. */
import type { Value, Values } from './change.ts';

/** A known value and its path. */
export interface Found<T> {
  readonly path: string;
  readonly value: T;
}

/**
 * All known values at a path of names, such as `rule.statement.name`, through every block and list on the way.
 *
 * @example at({ rule: [{ name: 'a' }, { name: 'b' }] }, 'rule.name') // a at rule[0].name and b at rule[1].name
 */
export function at(values: Values | undefined, path: string): Found<string | number | boolean>[] {
  let found: Found<Value>[] = values === undefined ? [] : [{ path: '', value: values }];
  for (const name of path.split('.')) {
    found = found.flatMap(({ path: parent, value }) =>
      isBlock(value) ? elements(join(parent, name), value[name]) : [],
    );
  }
  return found.filter((one): one is Found<string | number | boolean> => isScalar(one.value));
}

/** The known strings at a path. */
export const texts = (values: Values | undefined, path: string): Found<string>[] =>
  at(values, path).filter((found): found is Found<string> => typeof found.value === 'string');

/** The known numbers at a path, including those that the provider has as strings. */
export const numbers = (values: Values | undefined, path: string): Found<number>[] =>
  at(values, path).flatMap(({ path, value }) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && !Number.isNaN(number) ? [{ path, value: number }] : [];
  });

/** The first known string at a path. */
export const text = (values: Values | undefined, path: string): string | undefined => texts(values, path)[0]?.value;

/** The first known number at a path. */
export const number = (values: Values | undefined, path: string): number | undefined => numbers(values, path)[0]?.value;

/** Whether the argument is set and true. */
export const isTrue = (values: Values | undefined, path: string): boolean => at(values, path)[0]?.value === true;

/** All blocks at a path. Their values can be unknown. */
export function blocks(values: Values | undefined, path: string): Found<Values>[] {
  let found: Found<Values>[] = values === undefined ? [] : [{ path: '', value: values }];
  for (const name of path.split('.')) {
    found = found.flatMap(({ path: parent, value }) =>
      elements(join(parent, name), value[name]).filter((one): one is Found<Values> => isBlock(one.value)),
    );
  }
  return found;
}

/** The known entries of a map of strings, such as tags. */
export function entries(values: Values | undefined, name: string): [string, string][] {
  const map = values?.[name];
  if (!isBlock(map)) return [];
  return Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}

export const isBlock = (value: Value | undefined): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isScalar = (value: Value | undefined): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

export const join = (parent: string, name: string): string => (parent === '' ? name : `${parent}.${name}`);

function elements(path: string, value: Value | undefined): Found<Value>[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ path, value }];
  return value.flatMap((element, index) => elements(`${path}[${index}]`, element));
}
