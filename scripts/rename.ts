/**
 * `pnpm rename PROJECT`: gives the project another name, in every file that says the present one. Rename before the first
 * deployment: the name is part of nearly every resource's.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { project } from 'platform';

const root = resolve(import.meta.dirname, '..');
const [name = '', ...others] = process.argv.slice(2);

if (others.length > 0 || name === '') refuse('Uso: pnpm rename PROJETO', 'Usage: pnpm rename PROJECT');
// Together with an environment, an application and a purpose it must fit into the 64 characters of an IAM role's name.
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length < 3 || name.length > 20) {
  refuse(
    `${name}: use de 3 a 20 letras minúsculas, números e hífens, a começar por uma letra.`,
    `${name}: use 3 to 20 lower-case letters, digits and hyphens, and begin with a letter.`,
  );
}
if (name === project) refuse(`O projeto já se chama ${name}.`, `The project is already called ${name}.`);

const files = execFileSync('git', ['grep', '--files-with-matches', '--fixed-strings', project], {
  cwd: root,
  encoding: 'utf8',
});
for (const file of files.trim().split('\n')) {
  const path = join(root, file);
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll(project, name));
  console.log(file);
}
// Lines are shorter or longer now.
execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', '.'], { cwd: root, stdio: 'inherit' });

function refuse(...sentences: readonly string[]): never {
  console.error(sentences.join('\n'));
  process.exit(2);
}
