/** Terraform's plugin protocol: the service, and the form of values and schemas on the wire. */
import { join } from 'node:path';
import { loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ExtensionCodec, encode as pack, decode as unpack } from '@msgpack/msgpack';
import { unknown, type Value } from '../rules/index.ts';
import type { Attributes, Block, Nesting, ProviderSchema, Schema } from './schema.ts';

/** Only one of the two is set. */
export interface DynamicValue {
  readonly msgpack?: Uint8Array;
  /** In the form of a state file. */
  readonly json?: Uint8Array;
}

export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  readonly summary: string;
  readonly detail?: string;
  readonly attribute?: { readonly steps: readonly PathStep[] };
}

export type PathStep = { readonly attribute_name: string } | { readonly element_key_int: number };

/** The definition of the service `tfplugin6.Provider`. */
export function loadService(): ServiceDefinition {
  const loaded = loadSync(join(import.meta.dirname, 'tfplugin6.proto'), { keepCase: true, longs: Number });
  const { tfplugin6 } = loadPackageDefinition(loaded) as unknown as {
    tfplugin6: { Provider: { service: ServiceDefinition } };
  };
  return tfplugin6.Provider.service;
}

/** Terraform's msgpack has two extensions, for unknown values: 0, and 12 with hints about the value, which are ignored. */
const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: 0,
  encode: (value) => (value === unknown ? new Uint8Array([0]) : null),
  decode: () => unknown,
});
extensionCodec.register({ type: 12, encode: () => null, decode: () => unknown });

export function encode(value: Value): DynamicValue {
  return { msgpack: pack(value, { extensionCodec }) };
}

export function decode({ msgpack }: DynamicValue = {}): Value {
  return msgpack?.length ? (unpack(msgpack, { extensionCodec }) as Value) : null;
}

/** A path such as `scaling_config[0].min_size` as the protocol has it. */
export function pathSteps(path: string): PathStep[] {
  return [...path.matchAll(/\[(?<index>\d+)\]|(?<name>[^.[\]]+)/g)].map(({ groups = {} }) =>
    groups.index === undefined ? { attribute_name: String(groups.name) } : { element_key_int: Number(groups.index) },
  );
}

/** The answer to `GetProviderSchema`. */
export function providerSchemaMessage({
  provider = {},
  resource_schemas,
  data_source_schemas,
}: ProviderSchema): object {
  const all = (schemas: Readonly<Record<string, Schema>> = {}) =>
    Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, schemaMessage(schema)]));
  return {
    provider: schemaMessage(provider),
    resource_schemas: all(resource_schemas),
    data_source_schemas: all(data_source_schemas),
    server_capabilities: { get_provider_schema_optional: true },
  };
}

function schemaMessage({ version = 0, block = {} }: Schema): object {
  return { version, block: blockMessage(block) };
}

function blockMessage({ attributes = {}, block_types = {}, deprecated }: Block): object {
  return {
    deprecated,
    attributes: attributeMessages(attributes),
    block_types: Object.entries(block_types).map(([type_name, { nesting_mode, block = {}, min_items, max_items }]) => ({
      type_name,
      block: blockMessage(block),
      nesting: nestingName(nesting_mode),
      min_items,
      max_items,
    })),
  };
}

function attributeMessages(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([name, { type, nested_type: nested, ...flags }]) => ({
    name,
    ...flags,
    ...(nested
      ? { nested_type: { attributes: attributeMessages(nested.attributes), nesting: nestingName(nested.nesting_mode) } }
      : { type: Buffer.from(JSON.stringify(type)) }),
  }));
}

function nestingName(nesting: Nesting): string {
  return nesting.toUpperCase();
}
