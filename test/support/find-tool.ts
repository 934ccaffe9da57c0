import { findProgram } from '../../packages/command-line/src/required-program.ts';

/** Path of the first of these programs found on PATH or where Debian puts servers. Undefined if there is none. */
export function findTool(...names: string[]): string | undefined {
  for (const name of names) {
    const found = findProgram(name, ['/usr/sbin', '/usr/local/sbin']);
    if (found !== undefined) return found;
  }
  return undefined;
}
