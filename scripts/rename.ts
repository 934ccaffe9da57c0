/**
 * `pnpm rename PROJECT`: renames the project in every file that contains its name. Rename before the first deployment:
 * the names of most resources contain it.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { project } from 'platform';
import { both, defineCommand, Refused, runCommand } from '../packages/command-line/src/index.ts';
import { root } from './repository.ts';

process.exitCode = await runCommand(
  'pnpm rename',
  defineCommand({
    description: { pt: 'renomeia o projeto', en: 'renames the project' },
    words: { name: { name: { pt: 'PROJETO', en: 'PROJECT' }, read: readName } },
    options: {},
    async run({ name }) {
      const args = ['grep', '--files-with-matches', '--fixed-strings', project];
      const files = execFileSync('git', args, { cwd: root, encoding: 'utf8' });
      for (const file of files.trim().split('\n')) {
        const path = join(root, file);
        await writeFile(path, (await readFile(path, 'utf8')).replaceAll(project, name));
        console.log(file);
      }
      // The new name has another length, so some lines break elsewhere.
      execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', '.'], { cwd: root, stdio: 'inherit' });
      return 0;
    },
  }),
);

/** Reads the new name. @throws {Refused} if it is the current one, or if AWS would refuse a name that contains it */
function readName(name: string): string {
  // Together with an environment, an application and a purpose it must fit into the 64 characters of an IAM role's name.
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length < 3 || name.length > 20) {
    throw new Refused(
      both(
        `${name}: use de 3 a 20 letras minúsculas, números e hífens, a começar por uma letra.`,
        `${name}: use 3 to 20 lower-case letters, digits and hyphens, and begin with a letter.`,
      ),
    );
  }
  if (name === project) {
    throw new Refused(both(`O projeto já se chama ${name}.`, `The project is already called ${name}.`));
  }
  return name;
}
