/**
 * `pnpm run remove application NAME`: removes an application from the repository, with everything that
 * `pnpm new application` created. The next deployment of the infrastructure deletes its resources on AWS, but not its
 * pods: a release created them.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentNames } from 'platform';
import { applications } from 'platform/applications';
import { both, defineCommand, exactly, Refused, runCommand } from '../packages/command-line/src/index.ts';
import { composeDatabase, editCompose, install, root } from './repository.ts';

process.exitCode = await runCommand(
  'pnpm run remove',
  defineCommand({
    description: { pt: 'remove uma aplicação do repositório', en: 'removes an application from the repository' },
    words: { kind: exactly('application'), name: { name: { pt: 'NOME', en: 'NAME' }, read: readName } },
    options: {},
    async run({ name }) {
      await rm(join(root, 'apps', name), { recursive: true });
      const workflows = join(root, '.github/workflows');
      for (const file of await readdir(workflows)) {
        // The name of another application may end the same.
        const isOwn = environmentNames.some((environment) => file.endsWith(`-${environment}-${name}.yml`));
        if (isOwn) await rm(join(workflows, file));
      }
      await editCompose((services, volumes) => {
        const { server, volume } = composeDatabase(name);
        for (const service of [name, server]) services.delete(service);
        volumes.delete(volume);
      });
      install();
      console.log(both(`${name} foi removida do repositório.`, `${name} was removed from the repository.`));
      return 0;
    },
  }),
);

function readName(name: string): string {
  if (!applications.some((application) => application.name === name)) {
    const known = applications.map((application) => application.name).join(', ');
    throw new Refused(
      both(`A aplicação ${name} não existe. Use ${known}.`, `There is no application ${name}. Use ${known}.`),
    );
  }
  return name;
}
