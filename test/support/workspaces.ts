import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '../..');

/** Folders of this repository's packages, from its root, as pnpm-workspace.yaml lists them. */
export const workspaces: readonly string[] = globSync(
  parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')).packages as string[],
  { cwd: root },
)
  .filter((folder) => existsSync(join(root, folder, 'package.json')))
  .toSorted();
