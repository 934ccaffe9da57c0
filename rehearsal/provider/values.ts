/** What a provider does with a resource's values: mark those that it will compute, and then compute them. */
import { unknown, type Value, type Values } from '../rules/index.ts';
import { isBlock } from '../rules/values.ts';
import { type Attributes, type Block, mapValues, type Nesting, type Type } from './schema.ts';

/** The values with every computed attribute that is not given marked as unknown, as in a provider's plan. */
export function markComputed(block: Block, value: Value): Value {
  if (!isBlock(value)) return value;
  const nested = mapValues(block.block_types ?? {}, ({ nesting_mode, block = {} }, name) =>
    changeElements(nesting_mode, value[name] ?? null, (element) => markComputed(block, element)),
  );
  return { ...value, ...markAttributes(block.attributes ?? {}, value), ...nested };
}

function markAttributes(attributes: Attributes, values: Values): Values {
  return mapValues(attributes, ({ computed, nested_type: nested }, name) => {
    const value = values[name] ?? null;
    if (value === null && computed) return unknown;
    if (!nested) return value;
    return changeElements(nested.nesting_mode, value, (element) =>
      isBlock(element) ? markAttributes(nested.attributes, element) : element,
    );
  });
}

/** The values as a provider may return them: without write-only attributes, which are in no plan and no state. */
export function dropWriteOnly(block: Block, value: Value): Value {
  if (!isBlock(value)) return value;
  const nested = mapValues(block.block_types ?? {}, ({ nesting_mode, block = {} }, name) =>
    changeElements(nesting_mode, value[name] ?? null, (element) => dropWriteOnly(block, element)),
  );
  const attributes = mapValues(block.attributes ?? {}, ({ write_only }, name) =>
    write_only ? null : (value[name] ?? null),
  );
  return { ...value, ...attributes, ...nested };
}

/** Changes each element of a list, set or map, or a single object itself. */
function changeElements(nesting: Nesting, value: Value, change: (element: Value) => Value): Value {
  if (nesting === 'single' || nesting === 'group') return change(value);
  if (isList(value)) return value.map(change);
  return isBlock(value) ? mapValues(defined(value), change) : value;
}

/** The value with an invented one in every unknown place. */
export function fillUnknown(
  type: Type,
  value: Value,
  invent: (attribute: string, type: Type) => Value,
  attribute = '',
): Value {
  if (value === unknown) return invent(attribute, type);
  if (typeof type === 'string') return value;
  const fill = (inner: Type, element: Value, name = attribute) => fillUnknown(inner, element, invent, name);
  if (type[0] === 'object') {
    const [, attributes] = type;
    return isBlock(value) ? mapValues(attributes, (inner, name) => fill(inner, value[name] ?? null, name)) : value;
  }
  if (type[0] === 'tuple') {
    const [, elements] = type;
    return isList(value) ? value.map((element, index) => fill(elements[index] ?? 'dynamic', element)) : value;
  }
  const [, inner] = type;
  if (isList(value)) return value.map((element) => fill(inner, element));
  return isBlock(value) ? mapValues(defined(value), (element) => fill(inner, element)) : value;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function defined(values: Values): Record<string, Value> {
  return mapValues(values as Record<string, Value | undefined>, (value) => value ?? null);
}
