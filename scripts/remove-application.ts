/**
 * `pnpm run remove application NAME`: takes an application out of the repository, with all that `pnpm new application` made.
 * What runs of it on AWS goes with the next deploy of the infrastructure.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { applications } from 'platform/applications';
import { parseDocument } from 'yaml';
import { argumentsOf, both, exactly, Refused } from '../packages/command-line/src/index.ts';
import { install } from './install.ts';

const root = resolve(import.meta.dirname, '..');
const {
  words: { name },
} = await argumentsOf('pnpm run remove', {
  description: { pt: 'tira uma aplicação do repositório', en: 'takes an application out of the repository' },
  words: { kind: exactly('application'), name: { name: { pt: 'NOME', en: 'NAME' }, read: readName } },
  options: {},
});

await rm(join(root, 'apps', name), { recursive: true });
const workflows = join(root, '.github/workflows');
for (const file of await readdir(workflows)) {
  if (file.endsWith(`-${name}.yml`)) await rm(join(workflows, file));
}
const compose = join(root, 'docker-compose.yml');
const document = parseDocument(await readFile(compose, 'utf8'));
document.deleteIn(['services', name]);
await writeFile(compose, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
install(root);
console.log(both(`${name} foi removida do repositório.`, `${name} was removed from the repository.`));

function readName(name: string): string {
  if (!applications.some((application) => application.name === name)) {
    const known = applications.map((application) => application.name).join(', ');
    throw new Refused(
      both(`Não há aplicação ${name}: só ${known}.`, `There is no application ${name}: only ${known}.`),
    );
  }
  return name;
}
