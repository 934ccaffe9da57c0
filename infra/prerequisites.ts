import { spawnSync } from 'node:child_process';
import { findProgram, Refused } from 'command-line';
import { texts } from './command-texts.ts';
import { engineProgram, findEngine } from './engine.ts';
import { checkEnvironments } from './environments/all.ts';
import { readSettings } from './settings.ts';

/** Variables that give credentials to Terraform without the AWS CLI. */
const credentialVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
] as const;

/**
 * Checks in a second what Terraform would miss only after the synthesis, which takes half a minute: valid settings and
 * environment files, a new enough Terraform or OpenTofu, and AWS credentials.
 *
 * @throws Error that says what is missing
 */
export function checkPrerequisites(): void {
  checkEnvironments(readSettings());
  const missing = [...missingEngine(), ...missingCredentials()];
  if (missing.length > 0) throw new Error(missing.join('\n\n'));
}

/** What to do about Terraform or OpenTofu. Empty if it is right. */
export function missingEngine(): string[] {
  const engine = findEngine();
  if (engine === undefined) return [texts.doctor.noEngine(engineProgram())];
  return engine.isOld ? [texts.doctor.oldEngine(engine.name, engine.version)] : [];
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

/** @throws {Refused} if the AWS CLI has no credentials, or if they have expired */
export function requireCaller(): Caller {
  const caller = callerIdentity();
  if (!caller) throw new Refused(texts.doctor.noCredentials);
  return caller;
}

function isCaller(answer: unknown): answer is Caller {
  return typeof answer === 'object' && answer !== null && 'Account' in answer && 'Arn' in answer;
}

/** What a program prints, as JSON. Undefined if it fails or prints something else. */
function readJson(command: string, args: readonly string[]): unknown {
  const { stdout } = spawnSync(command, args, { encoding: 'utf8', env: process.env, timeout: 20_000 });
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
