import { spawnSync } from 'node:child_process';

/**
 * The first versions in which locks in S3 (`use_lockfile`) are not experimental:
 * https://github.com/hashicorp/terraform/blob/v1.11/CHANGELOG.md,
 * https://github.com/opentofu/opentofu/blob/v1.10/CHANGELOG.md
 */
export const minimumVersions = { Terraform: '1.11', OpenTofu: '1.10' } as const;

export type EngineName = keyof typeof minimumVersions;

/** The program that plans and applies. cdktf reads the same variable. */
export function engineProgram(): string {
  return process.env.TERRAFORM_BINARY_NAME || 'terraform';
}

export interface Engine {
  readonly name: EngineName;
  readonly version: string;
  readonly isOld: boolean;
}

/** Asks the program for its name and version. Undefined if it is missing, or neither Terraform nor OpenTofu. */
export function findEngine(): Engine | undefined {
  // Not as JSON, which does not tell the two apart.
  const { stdout } = spawnSync(engineProgram(), ['version'], {
    encoding: 'utf8',
    // Otherwise Terraform asks its maker for a newer version.
    env: { ...process.env, CHECKPOINT_DISABLE: '1' },
    timeout: 20_000,
  });
  const [, name, version] = /^(Terraform|OpenTofu) v(\S+)/m.exec(stdout ?? '') ?? [];
  if (name === undefined || version === undefined) return undefined;
  const isOld = compare(version, minimumVersions[name as EngineName]) < 0;
  return { name: name as EngineName, version, isOld };
}

/** Compares versions by their first two numbers. */
function compare(one: string, other: string): number {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}
