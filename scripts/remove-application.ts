/**
 * `pnpm run remove application NAME`: takes an application out of the repository, with all that `pnpm new application` made.
 * What runs of it on AWS goes with the next deploy of the infrastructure.
 */
import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { applications } from 'platform/applications';
import { parseDocument } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const [what, name, ...others] = process.argv.slice(2);
const application = applications.find((some) => some.name === name);
if (what !== 'application' || name === undefined || others.length > 0) {
  refuse('Uso: pnpm run remove application NOME', 'Usage: pnpm run remove application NAME');
}
if (application === undefined) {
  const known = applications.map((some) => some.name).join(', ');
  refuse(`Não há aplicação ${name}: só ${known}.`, `There is no application ${name}: only ${known}.`);
}

await rm(join(root, 'apps', name), { recursive: true });
const workflows = join(root, '.github/workflows');
for (const file of await readdir(workflows)) {
  if (file.endsWith(`-${name}.yml`)) await rm(join(workflows, file));
}
const compose = join(root, 'docker-compose.yml');
const document = parseDocument(await readFile(compose, 'utf8'));
document.deleteIn(['services', name]);
await writeFile(compose, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
const { status } = spawnSync('npx', ['--yes', 'pnpm@12', 'install', '--no-frozen-lockfile'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) refuse('A instalação falhou: rode pnpm install.', 'The installation failed: run pnpm install.');

function refuse(...sentences: readonly string[]): never {
  console.error(sentences.join('\n'));
  process.exit(2);
}
