import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type EnvironmentName, teamsOf } from 'platform';
import { applications } from 'platform/applications';
import { texts } from '../command-texts.ts';
import { readSettings, type Settings } from '../settings.ts';
import { blocksBootstrap, blocksDeployment, type Finding, note } from './finding.ts';

const text = texts.doctor;
const exampleFile = resolve(import.meta.dirname, '../settings.example.json');
/** Settings of the example that are not placeholders: anybody may choose the same. */
const choices = /^(region|bootstrapState|imageRegistry|domain\.subdomains\.)/;

/** Settings that are fine for tests, or in the example, but not for a deployment. */
export function checkSettings(settings: Settings): Finding[] {
  const defaults = readSettings('', {});
  const { accountId, accounts, github, stateBucket } = settings;
  const placeholders = unchanged(settings);
  return [
    ...(placeholders.length > 0 ? [text.placeholders(placeholders)] : []),
    ...(accountId || accounts ? [] : [text.noAccount]),
    ...(stateBucket === defaults.stateBucket ? [text.defaultBucket(stateBucket)] : []),
    ...checkRepository(github, defaults.github.repository),
  ].map(blocksBootstrap);
}

/** Teams that nobody listens for. One address is enough to deploy. */
export function checkRecipients({ alerts }: Settings): Finding[] {
  const teams = teamsOf(applications, Object.keys(alerts));
  const deaf = teams.filter((team) => !alerts[team]?.length);
  return deaf.length === teams.length ? [blocksDeployment(text.nobodyAlerted)] : deaf.map(text.noAddresses).map(note);
}

/** A private API is right for a deployment from inside the VPC, and not from outside. */
export function checkApiBlocks({ clusterApiCidrs }: Settings, asked: readonly EnvironmentName[]): Finding[] {
  return asked.filter((name) => clusterApiCidrs[name].length === 0).map((name) => note(text.noApiCidrs(name)));
}

/** Settings that still have the example's value. */
function unchanged(settings: Settings): string[] {
  const example = leaves(JSON.parse(readFileSync(exampleFile, 'utf8'))).filter(([path]) => !choices.test(path));
  const placeholders = new Set(example.map(String));
  const found = leaves(settings).filter((leaf) => placeholders.has(String(leaf)));
  return [...new Set(found.map(([path]) => path))];
}

/** All texts with the path of their setting. Elements of a list have the path of the list. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((element) => leaves(element, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

/** What is wrong with the repository that the bootstrap would trust. */
function checkRepository({ repository, subjectPrefix }: Settings['github'], unset: string): string[] {
  if (repository === unset) return [text.noRepository];
  // The same without GitHub's numbers.
  const isOther = subjectPrefix !== undefined && subjectPrefix.replaceAll(/@\d+/g, '') !== `repo:${repository}`;
  return isOther ? [text.otherRepository(subjectPrefix, repository)] : [];
}
