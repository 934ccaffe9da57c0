import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Selects a stack's Terraform workspace like `terraform workspace select`, by writing the file that Terraform reads.
 * `cdktf deploy dev` does not know workspaces and would use `default` in a fresh clone. The workspace must exist in the
 * bucket; the bootstrap creates it. TF_WORKSPACE is no alternative, because `terraform init` then prompts.
 */
export function selectWorkspace(outdir: string, stack: string): void {
  const folder = join(outdir, 'stacks', stack, '.terraform');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'environment'), stack);
}
