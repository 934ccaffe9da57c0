import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../../test/support/tools.ts';

/** Options of BusyBox's programs, as far as the jobs in the cluster use them. This machine's programs know more. */
const options = {
  cut: ['-d', '-f'],
  head: ['-c'],
  sed: ['-n'],
  seq: [],
  sha256sum: [],
  sleep: [],
  tr: ['-dc'],
  wget: ['-q', '-O', '--header', '--post-data'],
};

/** Options of curl that name a file to write. */
const written = ['--output', '-o', '--dump-header', '-D', '--cookie-jar', '-c', '--trace', '--stderr'];

/**
 * Puts programs into a folder that behave as those of a job's image do, on its root file system, which is read-only.
 *
 * @returns the folder
 */
export function putPrograms(folder: string): string {
  const put = (name: string, checks: string) => {
    const tool = findTool(name);
    if (!tool) return;
    const file = join(folder, name);
    writeFileSync(
      file,
      `#!/bin/sh
refuse() { echo "${name}: $1" >&2; exit 1; }
# Where the output is a file, the shell could not even have made it.
if [ -f /dev/stdout ]; then refuse 'Read-only file system'; fi
${checks}
exec ${tool} "$@"
`,
    );
    chmodSync(file, 0o755);
  };
  for (const [name, known] of Object.entries(options)) {
    const allowed = [...known, '-'].join(' | ');
    put(name, `for word; do case $word in ${allowed}) ;; -*) refuse "unrecognized option: $word" ;; esac; done`);
  }
  put(
    'curl',
    `last=
for word; do
  case $last in ${written.join(' | ')}) [ "$word" = /dev/null ] || refuse 'Read-only file system' ;; esac
  last=$word
done`,
  );
  return folder;
}
