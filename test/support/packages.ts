import { existsSync } from 'node:fs';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const original = join(import.meta.dirname, '../..');

/** Links the installed packages of this repository into a copy of it, or of parts of it. */
export async function linkPackages(copy: string): Promise<void> {
  const groups = ['apps', 'packages'].map(async (group) =>
    (await readdir(join(original, group))).map((name) => join(group, name)),
  );
  for (const workspace of ['.', 'infra', 'delivery', 'rehearsal', ...(await Promise.all(groups)).flat()]) {
    const installed = join(original, workspace, 'node_modules');
    if (existsSync(installed) && existsSync(join(copy, workspace))) {
      await symlink(installed, join(copy, workspace, 'node_modules'));
    }
  }
}
