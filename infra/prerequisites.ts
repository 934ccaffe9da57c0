import { spawnSync } from 'node:child_process';
import { findProgram } from 'command-line';
import { texts } from './command-texts.ts';
import { readSettings } from './settings.ts';

const minimumTerraform = [1, 11] as const;
/** Variables that give credentials to Terraform without the AWS CLI. */
const credentialVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
] as const;

/**
 * Checks in a second what Terraform would miss only after the synthesis, which takes half a minute: valid settings, a
 * new enough Terraform, and AWS credentials.
 *
 * @throws Error that says what is missing
 */
export function checkPrerequisites(): void {
  readSettings();
  const missing = [...missingTerraform(), ...missingCredentials()];
  if (missing.length > 0) throw new Error(missing.join('\n\n'));
}

/** What to do about Terraform. Empty if it is right. */
export function missingTerraform(): string[] {
  const version = readJson('terraform', ['version', '-json']) as { terraform_version?: string } | undefined;
  if (!version?.terraform_version) return [texts.doctor.noTerraform];
  const [major = 0, minor = 0] = version.terraform_version.split('.').map(Number);
  const isOld = major < minimumTerraform[0] || (major === minimumTerraform[0] && minor < minimumTerraform[1]);
  return isOld ? [texts.doctor.oldTerraform(version.terraform_version)] : [];
}

function missingCredentials(): string[] {
  if (credentialVariables.some((name) => process.env[name])) return [];
  if (!hasAws()) return [texts.noCredentialsWithoutAws];
  return callerIdentity() === undefined ? [texts.doctor.noCredentials] : [];
}

/** Whether the AWS CLI is installed. */
export function hasAws(): boolean {
  return findProgram('aws') !== undefined;
}

export interface Caller {
  readonly Account: string;
  readonly Arn: string;
}

/** Whose credentials the AWS CLI has. Undefined if it has none, or if they have expired. */
export function callerIdentity(): Caller | undefined {
  const answer = readJson('aws', ['sts', 'get-caller-identity', '--output', 'json']);
  return isCaller(answer) ? answer : undefined;
}

function isCaller(answer: unknown): answer is Caller {
  return typeof answer === 'object' && answer !== null && 'Account' in answer && 'Arn' in answer;
}

/** What a program prints, as JSON. Undefined if it fails or prints something else. */
export function readJson(command: string, args: readonly string[]): unknown {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    // Otherwise Terraform asks its maker for a newer version.
    env: { ...process.env, CHECKPOINT_DISABLE: '1' },
    timeout: 20_000,
  });
  if (status !== 0) return undefined;
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
