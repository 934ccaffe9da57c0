import type { Synthesised } from '../../../infra/test/support/synthesised.ts';
import { readSchemas } from '../../provider/schema.ts';
import { arnOf } from '../../rights/targets.ts';
import { type Change, type Resource, refusalsOf, type Values } from '../../rules/index.ts';
import { valuesOf } from './stacks.ts';

/** A resource with unresolved references. */
interface Planned {
  readonly address: string;
  readonly type: string;
  readonly block: Record<string, unknown>;
  /** Addresses of the resources that it refers to. */
  readonly after: readonly string[];
}

/** A change, and the live resources before it. */
interface Step {
  readonly change: Change;
  readonly world: readonly Resource[];
}

/**
 * Creates and destroys a stack in Terraform's order: a resource is created after those that it refers to, and deleted before
 * them.
 */
export function* lifeOf(stack: Synthesised): Iterable<Step> {
  const order = ordered(resourcesOf(stack));
  const world = new Map<string, Resource>();
  const regions = new Map(
    stack.terraform.provider.aws?.map(({ alias, region }) => [alias ? `aws.${alias}` : 'aws', region]),
  );
  for (const { address, block, type } of order) {
    const region: string = regions.get(String(block.provider ?? 'aws'));
    const after = { ...valuesOf(resolved(block, world)), region };
    yield { change: { action: 'create', phase: 'apply', type, after }, world: [...world.values()] };
    world.set(address, { type, values: invented(type, address, after) });
  }
  for (const { address, type } of order.toReversed()) {
    const before = { ...world.get(address)?.values, ...unprotected };
    yield { change: { action: 'delete', phase: 'apply', type, before }, world: [...world.values()] };
    world.delete(address);
  }
}

/** What is refused of the life of a stack. */
export const refusedInLife = (stack: Synthesised): string[] =>
  [...lifeOf(stack)].flatMap(({ change, world }) =>
    refusalsOf(change, world).map(({ code, message }) => `${change.action} ${change.type}: ${code}: ${message}`),
  );

/** Protection is switched off before an environment is destroyed. */
const unprotected = { deletion_protection: false, enable_deletion_protection: false };

function resourcesOf(stack: Synthesised): Planned[] {
  return stack.types
    .filter((type) => type.startsWith('aws_'))
    .flatMap((type) =>
      stack.all(type).map(({ address, ...block }) => {
        const references = JSON.stringify(block).matchAll(/\b(aws_[a-z0-9_]+\.[A-Za-z0-9_-]+)/g);
        return { address, type, block, after: [...references].flatMap(([, name]) => name ?? []) };
      }),
    );
}

function ordered(resources: readonly Planned[]): Planned[] {
  const all = new Map(resources.map((resource) => [resource.address, resource]));
  const order = new Set<Planned>();
  const visit = (resource: Planned): void => {
    if (order.has(resource)) return;
    for (const address of resource.after) {
      const before = all.get(address);
      if (before && before !== resource) visit(before);
    }
    order.add(resource);
  };
  resources.forEach(visit);
  return [...order];
}

/** The block with each reference replaced by the live resource's value. */
function resolved(block: object, world: ReadonlyMap<string, Resource>): Record<string, unknown> {
  const text = JSON.stringify(block).replaceAll(/\$\{((?:[^{}]|\{[^}]*\})*)\}/g, (_, expression: string) => {
    const zone = /element\(.*, (\d+)\)/.exec(expression)?.[1];
    if (zone !== undefined) return `us-east-1${'abc'[Number(zone)]}`;
    const [, address = '', attribute = ''] = /^(aws_[a-z0-9_]+\.[A-Za-z0-9_-]+)\.([a-z0-9_]+)/.exec(expression) ?? [];
    const value = world.get(address)?.values[attribute];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : inventedText(expression);
  });
  return JSON.parse(text);
}

const schemas = readSchemas().get('aws')?.resource_schemas;
const attributesOf = (type: string) => schemas?.[type]?.block?.attributes;

/** What AWS would choose for a new resource. */
function invented(type: string, address: string, after: Values): Values {
  const name = `${type.replace('aws_', '')}-${address.split('_').at(-1)}`;
  const values = { id: name, zone_id: name, name, ...after };
  const arn = arnOf(type, values) ?? `arn:aws:made:us-east-1:123456789012:${name}`;
  return {
    ...(type === 'aws_subnet' && { availability_zone_id: 'use1-az1' }),
    ...(attributesOf(type)?.arn && { arn }),
    ...values,
  };
}

const inventedText = (expression: string): string =>
  expression.includes('account_id')
    ? '123456789012'
    : `made-${expression.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(-30)}`;
