/** Schemas of providers, in the form of `terraform providers schema -json`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A type in Terraform's JSON form. */
export type Type =
  | 'string'
  | 'number'
  | 'bool'
  | 'dynamic'
  | readonly ['list' | 'set' | 'map', Type]
  | readonly ['object', Readonly<Record<string, Type>>]
  | readonly ['tuple', readonly Type[]];

export type Nesting = 'single' | 'group' | 'list' | 'set' | 'map';

export interface Attribute {
  /** Missing if there is a `nested_type`. */
  readonly type?: Type;
  readonly nested_type?: { readonly attributes: Attributes; readonly nesting_mode: Nesting };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly deprecated?: boolean;
  readonly write_only?: boolean;
}

export type Attributes = Readonly<Record<string, Attribute>>;

export interface NestedBlock {
  readonly nesting_mode: Nesting;
  readonly block?: Block;
  readonly min_items?: number;
  readonly max_items?: number;
}

export interface Block {
  readonly attributes?: Attributes;
  readonly block_types?: Readonly<Record<string, NestedBlock>>;
  readonly deprecated?: boolean;
}

export interface Schema {
  readonly version?: number;
  readonly block?: Block;
}

/** A provider's schemas, by type. */
export interface ProviderSchema {
  readonly provider?: Schema;
  readonly resource_schemas?: Readonly<Record<string, Schema>>;
  readonly data_source_schemas?: Readonly<Record<string, Schema>>;
}

const folder = join(import.meta.dirname, '../schemas');
const fileName = /^(?<name>.+)-\d+\.\d+\.\d+\.json\.gz$/;

/** Reads the schemas of all providers, by the provider's name: the files `NAME-VERSION.json.gz`. */
export function readSchemas(): ReadonlyMap<string, ProviderSchema> {
  const files = readdirSync(folder).flatMap((file) => {
    const name = fileName.exec(file)?.groups?.name;
    return name === undefined ? [] : [[name, file] as const];
  });
  return new Map(
    files.map(([name, file]) => [name, JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString())]),
  );
}

const types = new WeakMap<Block, Type>();

/** The type of a block's values. */
export function typeOf(block: Block): Type {
  const known = types.get(block);
  if (known) return known;
  const type: Type = [
    'object',
    {
      ...mapValues(block.attributes ?? {}, typeOfAttribute),
      ...mapValues(block.block_types ?? {}, (nested) => nest(nested.nesting_mode, typeOf(nested.block ?? {}))),
    },
  ];
  types.set(block, type);
  return type;
}

function typeOfAttribute({ type, nested_type: nested }: Attribute): Type {
  if (!nested) return type ?? 'dynamic';
  return nest(nested.nesting_mode, ['object', mapValues(nested.attributes, typeOfAttribute)]);
}

function nest(nesting: Nesting, type: Type): Type {
  return nesting === 'single' || nesting === 'group' ? type : [nesting, type];
}

/** The object with each of its values changed. */
export function mapValues<T, U>(
  object: Readonly<Record<string, T>>,
  change: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}
