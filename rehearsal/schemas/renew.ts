/**
 * Writes the schemas of the providers that a synthesised stack requires:
 *
 *     node rehearsal/schemas/renew.ts STACK [FOLDER]
 *
 * STACK is a folder such as cdktf.out/stacks/dev. FOLDER is where to write: by default, this script's.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { both } from 'command-line';

interface Stack {
  readonly terraform: { readonly required_providers: Readonly<Record<string, { readonly version: string }>> };
}

interface Schemas {
  readonly provider_schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Keys of a schema that a stand-in provider needs. The rest is documentation. */
const documentation = new Set(['description', 'description_kind', 'deprecation_message']);
const parts = ['data_source_schemas', 'provider', 'resource_schemas'] as const;

const [stack, folder = import.meta.dirname] = process.argv.slice(2);
if (stack === undefined) {
  console.error(
    both('Uso: node rehearsal/schemas/renew.ts STACK [PASTA]', 'Usage: node rehearsal/schemas/renew.ts STACK [FOLDER]'),
  );
  process.exit(2);
}
const { required_providers: required } = (JSON.parse(readFileSync(join(stack, 'cdk.tf.json'), 'utf8')) as Stack)
  .terraform;

const temporary = mkdtempSync(join(tmpdir(), 'schemas-'));
writeFileSync(join(temporary, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: required } }));
const terraform = (...args: string[]) =>
  execFileSync('terraform', args, { cwd: temporary, encoding: 'utf8', maxBuffer: 1024 ** 3 });
terraform('init', '-input=false');
const { provider_schemas: schemas } = JSON.parse(terraform('providers', 'schema', '-json')) as Schemas;
for (const [address, schema] of Object.entries(schemas)) {
  const name = address.split('/').at(-1) ?? address;
  const version = required[name]?.version;
  if (version === undefined) throw new Error(`${stack} requires no version of ${address}`);
  const kept = Object.fromEntries(parts.map((part) => [part, schema[part] ?? {}]));
  const json = JSON.stringify(kept, (key, value) => (isDocumentation(key, value) ? undefined : value));
  const file = join(folder, `${name}-${version}.json.gz`);
  writeFileSync(file, gzipSync(json, { level: 9 }));
  console.log(file);
}
rmSync(temporary, { recursive: true });

/** An attribute can also be named `description`: its value is then an object. */
function isDocumentation(key: string, value: unknown): boolean {
  return documentation.has(key) && typeof value === 'string';
}
