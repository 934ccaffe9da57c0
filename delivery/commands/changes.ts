import { execFileSync } from 'node:child_process';
import { defineCommand } from 'command-line';
import { texts } from '../delivery-texts.ts';
import { setOutputs } from '../github.ts';
import { parts, partsOf } from '../parts.ts';

export const command = defineCommand({
  description: {
    pt: 'lista as partes que mudaram entre dois commits',
    en: 'lists the parts that changed between two commits',
  },
  words: {},
  options: {
    base: {
      value: 'COMMIT',
      required: true,
      description: { pt: 'de onde o branch saiu', en: 'where the branch began' },
    },
    head: {
      value: 'COMMIT',
      default: 'HEAD',
      description: { pt: 'o fim do branch; sem a opção, HEAD', en: 'the end of the branch; HEAD by default' },
    },
  },
  run(_, { base, head }) {
    const files = changedFiles(base, head);
    if (files === undefined) console.error(texts.changes.unknownBase(base));
    const changed = files ? partsOf(files) : Object.fromEntries(Object.keys(parts).map((name) => [name, true]));
    const names = Object.keys(changed).filter((name) => changed[name]);
    const each = Object.entries(changed).map(([name, isChanged]) => [name, String(isChanged)]);
    setOutputs({ ...Object.fromEntries(each), parts: names.join(',') });
    return 0;
  },
});

/** The changed files. Undefined if git does not know the commits, as in a shallow clone: anything may have changed. */
function changedFiles(base: string, head: string): string[] | undefined {
  try {
    // Three dots: only the branch's own changes since it left the base, and not those of the base. Without -z, git puts
    // names that are not ASCII in quotes.
    return execFileSync('git', ['diff', '--name-only', '--no-renames', '-z', `${base}...${head}`], {
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 2 ** 26,
    }).split('\0');
  } catch {
    return undefined;
  }
}
