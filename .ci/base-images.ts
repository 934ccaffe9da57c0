import { copyFile, cp, mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findTool } from '../test/support/find-tool.ts';
import type { Engine } from './docker-engine.ts';
import { run } from './processes.ts';

/** How a Dockerfile names a base image, without its digest. */
const base = /^FROM (?:--platform=\S+ )?([^\s@]+:[^\s@]+)/gm;

/** Files that name base images, and the pattern that finds them. */
const sources: [file: string, pattern: RegExp][] = [
  ['apps/calculadora-api/Dockerfile', base],
  ['apps/magic-calculator/Dockerfile', base],
  ['docker-compose.yml', /^ +image: (\S+:\S+)/gm],
];

/** Dockerfile that builds the stand-in for each image. The key is the image's name without its tag. */
const standIns: Record<string, string> = {
  node: 'node.Dockerfile',
  'nginxinc/nginx-unprivileged': 'nginx.Dockerfile',
  mysql: 'mysql.Dockerfile',
};

const recipes = join(import.meta.dirname, 'base-images');
const authorities = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Builds stand-ins for the repository's base images from Debian packages, under the same names and tags. For machines
 * that reach package registries but no image registry.
 *
 * @param folder working folder, where Debian is unpacked
 */
export async function makeBaseImages(engine: Engine, folder: string): Promise<void> {
  const context = join(folder, 'context');
  await mkdir(context, { recursive: true });
  await copyFile(process.execPath, join(context, 'node'));
  const npm = await realpath(findTool('npm') ?? 'npm');
  await cp(dirname(dirname(npm)), join(context, 'npm'), { recursive: true });
  await copyFile(join(recipes, 'mysql-entrypoint'), join(context, 'mysql-entrypoint'));

  await makeDebian(engine, join(folder, 'debian'));
  for (const image of await baseImages()) {
    const recipe = standIns[image.slice(0, image.lastIndexOf(':'))];
    if (recipe === undefined) throw new Error(`There is no stand-in for the base image ${image}`);
    const options = ['--network=host', `--file=${join(recipes, recipe)}`, `--tag=${image}`];
    await run('docker', ['build', ...options, context], { env: engine.env });
  }
}

async function makeDebian(engine: Engine, root: string): Promise<void> {
  // sid (unstable), because no other suite has MySQL.
  await run('debootstrap', ['--variant=minbase', 'sid', root]);
  // The machine's certificate authorities, for package registries behind a company's proxy.
  await mkdir(join(root, dirname(authorities)), { recursive: true });
  await copyFile(authorities, join(root, authorities));
  const archive = `${root}.tar`;
  await run('tar', ['--directory', root, '--create', '--file', archive, '.']);
  const settings = [`ENV NODE_EXTRA_CA_CERTS=${authorities}`, 'ENV DEBIAN_FRONTEND=noninteractive'];
  const changes = settings.map((setting) => `--change=${setting}`);
  await run('docker', ['import', ...changes, archive, 'debian-stand-in'], { env: engine.env });
}

async function baseImages(): Promise<Set<string>> {
  const names = new Set<string>();
  for (const [file, pattern] of sources) {
    for (const [, name = ''] of (await readFile(file, 'utf8')).matchAll(pattern)) names.add(name);
  }
  return names;
}
