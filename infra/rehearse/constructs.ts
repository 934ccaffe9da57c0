import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../terraform.ts';

/** Where a resource or data source of a synthesised stack comes from. */
interface Construct {
  /** Path of its construct, without the environment's name. Its first word is the part that it belongs to. */
  readonly path: string;
  /** Where it was created, innermost call first: `infra/constructs/edge/load-balancer.ts:89`. */
  readonly calls: readonly string[];
}

/** The constructs of a stack that was synthesised with `traces.ts`, by Terraform's address. */
export class Constructs {
  readonly #byAddress: ReadonlyMap<string, Construct>;
  readonly #lines: readonly string[];

  private constructor(byAddress: ReadonlyMap<string, Construct>, lines: readonly string[]) {
    this.#byAddress = byAddress;
    this.#lines = lines;
  }

  /** @param folder the stack's folder, with `cdk.tf.json` */
  static async read(folder: string): Promise<Constructs> {
    const json = await readFile(join(folder, 'cdk.tf.json'), 'utf8');
    const { resource, data = {} } = JSON.parse(json) as Synthesised;
    const found = new Map<string, Construct>();
    for (const [section, prefix] of [
      [resource, ''],
      [data, 'data.'],
    ] as const) {
      for (const [type, blocks] of Object.entries(section)) {
        for (const [name, { '//': comment }] of Object.entries(blocks)) {
          const { path, stackTrace = [] } = comment.metadata;
          const calls = stackTrace.flatMap((frame) => ownCall(frame) ?? []);
          found.set(`${prefix}${type}.${name}`, { path: path.slice(path.indexOf('/') + 1), calls });
        }
      }
    }
    return new Constructs(found, json.split('\n'));
  }

  get(address: string): Construct | undefined {
    return this.#byAddress.get(address);
  }

  /** The address of the resource or data source around a line of `cdk.tf.json`, counted from 1. Empty if there is none. */
  addressAt(line: number): string {
    const keys: string[] = [];
    for (let index = line - 1, indent = 6; index >= 0 && indent > 0; index -= 1) {
      const key = new RegExp(`^ {${indent}}"(.*)": {$`).exec(this.#lines[index] ?? '')?.[1];
      if (key === undefined) continue;
      keys.unshift(key);
      indent -= 2;
    }
    const [section, type, name] = keys;
    const address = `${section === 'data' ? 'data.' : ''}${type}.${name}`;
    return this.#byAddress.has(address) ? address : '';
  }
}

interface Synthesised {
  readonly resource: Section;
  readonly data?: Section;
}

type Section = Readonly<Record<string, Readonly<Record<string, { readonly '//': Comment }>>>>;

interface Comment {
  readonly metadata: { readonly path: string; readonly stackTrace?: readonly string[] };
}

/** File and line of a call in a construct or stack, relative to the repository. Undefined for calls of packages. */
function ownCall(frame: string): string | undefined {
  const [, url, line] = /(file:\/\/[^ ]*\/infra\/(?:constructs|stacks)\/[^ ]*\.ts):(\d+):\d+\)?$/.exec(frame) ?? [];
  return url === undefined ? undefined : `${relative(root, fileURLToPath(url))}:${line}`;
}
