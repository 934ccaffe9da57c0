import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentName } from 'platform';
import type { Stack } from 'rehearsal';

/** Options of `terraform init` of a bootstrap, whose state is local. */
export const localInit = { TF_CLI_ARGS_init: '-input=false' };

/** Keeps the state of a bootstrap in a file. The real one would read and write a state in the repository. */
export async function keepState(folder: string, file: string): Promise<void> {
  const backend = { terraform: { backend: { local: { path: file } } } };
  await writeFile(join(folder, 'rehearsal_override.tf.json'), JSON.stringify(backend));
}

/** Creates the workspace of an environment, in the folder of its stack, as the bootstrap does. */
export async function createWorkspace(stack: Stack, folder: string, name: EnvironmentName): Promise<void> {
  await rm(join(folder, '.terraform/environment'), { force: true });
  await stack.run('init');
  await stack.run('workspace', 'select', '-or-create', name);
}
