import { existsSync } from 'node:fs';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const original = join(import.meta.dirname, '../..');

/** Gives a copy of the repository, or of parts of it, the packages that are installed in the original. */
export async function linkPackages(copy: string): Promise<void> {
  const groups = ['apps', 'packages'].map(async (group) =>
    (await readdir(join(original, group))).map((name) => join(group, name)),
  );
  for (const workspace of ['.', 'infra', 'delivery', ...(await Promise.all(groups)).flat()]) {
    const installed = join(original, workspace, 'node_modules');
    if (existsSync(installed) && existsSync(join(copy, workspace))) {
      await symlink(installed, join(copy, workspace, 'node_modules'));
    }
  }
}
