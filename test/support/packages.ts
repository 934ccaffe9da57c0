import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { root, workspaces } from './workspaces.ts';

/** Links the installed packages of this repository into a copy of it, or of parts of it. */
export async function linkPackages(copy: string): Promise<void> {
  for (const workspace of ['.', ...workspaces]) {
    const installed = join(root, workspace, 'node_modules');
    if (existsSync(installed) && existsSync(join(copy, workspace))) {
      await symlink(installed, join(copy, workspace, 'node_modules'));
    }
  }
}
