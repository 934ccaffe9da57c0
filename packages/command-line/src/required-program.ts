import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { texts } from './texts.ts';

/** Path of a program on the PATH, or else in other folders. Undefined if there is none. */
export function findProgram(name: string, otherFolders: readonly string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...otherFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Checks that a program is installed, before a command begins. @throws Error that names it and says what to do */
export function requireProgram(name: string): void {
  if (findProgram(name) === undefined) throw new Error(texts.notOnPath(name));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
