import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { Command } from '../command.ts';
import { texts } from '../delivery-texts.ts';
import { setOutputs } from '../github.ts';
import { parts, partsOf } from '../parts.ts';

export const command: Command = {
  usage: '--base COMMIT [--head COMMIT]   lists the parts that changed between two commits',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { base: { type: 'string', default: '' }, head: { type: 'string', default: 'HEAD' } },
    });
    const files = changedFiles(values.base, values.head);
    if (files === undefined) console.error(texts.changes.unknownBase(values.base));
    const changed = files ? partsOf(files) : Object.fromEntries(Object.keys(parts).map((name) => [name, true]));
    setOutputs(Object.fromEntries(Object.entries(changed).map(([name, isChanged]) => [name, String(isChanged)])));
    return 0;
  },
};

/** The changed files. Undefined if git does not know the commits, as in a shallow clone: anything may have changed. */
function changedFiles(base: string, head: string): string[] | undefined {
  try {
    // Three dots: only the branch's own changes since it left the base, and not those of the base.
    return execFileSync('git', ['diff', '--name-only', '--no-renames', `${base}...${head}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 2 ** 26,
    }).split('\n');
  } catch {
    return undefined;
  }
}
