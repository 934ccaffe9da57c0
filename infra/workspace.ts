import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Selects a stack's Terraform workspace, as `terraform workspace select` would: in the file that Terraform reads it from.
 * `cdktf deploy dev` knows no workspaces, and from a fresh clone would work in `default`. The workspace must exist in the
 * bucket, which the bootstrap sees to; TF_WORKSPACE does not do, because `terraform init` then asks questions.
 */
export function selectWorkspace(outdir: string, stack: string): void {
  const folder = join(outdir, 'stacks', stack, '.terraform');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'environment'), stack);
}
