/** Shared code of the scripts that change the repository. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isMap, parseDocument, type YAMLMap } from 'yaml';
import { both } from '../packages/command-line/src/index.ts';

export const root = resolve(import.meta.dirname, '..');

/** Edits the services in docker-compose.yml. Its comments and formatting stay. */
export async function editServices(edit: (services: YAMLMap) => void): Promise<void> {
  const file = join(root, 'docker-compose.yml');
  const document = parseDocument(await readFile(file, 'utf8'));
  const services = document.get('services');
  if (!isMap(services)) throw new Error('docker-compose.yml has no services');
  edit(services);
  await writeFile(file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
}

/** Updates the lockfile, which lists every package of the workspace. @throws Error if that fails */
export function install(): void {
  const { status } = spawnSync('npx', ['--yes', 'pnpm@12', 'install', '--no-frozen-lockfile'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) {
    throw new Error(both('A instalação falhou: rode pnpm install.', 'The installation failed: run pnpm install.'));
  }
}
