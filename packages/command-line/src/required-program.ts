import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { texts } from './texts.ts';

/** Checks that a program is installed, before a command begins. @throws Error that names it and says what to do */
export function requireProgram(name: string): void {
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (!folders.some((folder) => isExecutable(join(folder, name)))) throw new Error(texts.notOnPath(name));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
