import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * Makes a stand-in for Terraform or OpenTofu that leaves out the rehearsal's options of `init` where the state is in a
 * file, as the bootstrap's is at first: they are for a state in S3, and refused for any other.
 *
 * @param engine path of the program
 * @param folder where to put it. By default a new one
 * @returns the folder, which is to be the first in PATH
 */
export async function engineForBothStates(engine: string, folder?: string): Promise<string> {
  const own = folder ?? (await mkdtemp(join(tmpdir(), 'engine-')));
  const file = join(own, basename(engine));
  const script = `#!/bin/sh
case "$1" in -chdir=*) stack=\${1#-chdir=} ;; *) stack=. ;; esac
grep -Eqs '"local": ?\\{' "$stack/cdk.tf.json" && unset TF_CLI_ARGS_init
exec '${engine}' "$@"
`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return own;
}
