/** Shared code of the scripts that change the repository. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isMap, parseDocument, type YAMLMap } from 'yaml';
import { both } from '../packages/command-line/src/index.ts';

export const root = resolve(import.meta.dirname, '..');

/** Edits the services and volumes in docker-compose.yml. Its comments and formatting stay. */
export async function editCompose(edit: (services: YAMLMap, volumes: YAMLMap) => void): Promise<void> {
  const file = join(root, 'docker-compose.yml');
  const document = parseDocument(await readFile(file, 'utf8'));
  const [services, volumes] = [document.get('services'), document.get('volumes')];
  if (!isMap(services) || !isMap(volumes)) throw new Error('docker-compose.yml lacks services or volumes');
  edit(services, volumes);
  await writeFile(file, document.toString({ lineWidth: 0, flowCollectionPadding: false, nullStr: '' }));
}

/** Names in docker-compose.yml of a new application's MySQL. */
export function composeDatabase(application: string): { readonly server: string; readonly volume: string } {
  return { server: `${application}-mysql`, volume: `${application}-mysql-data` };
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
