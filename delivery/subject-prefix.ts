import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readSettings, settingsFile } from '../infra/settings.ts';
import { texts } from './delivery-texts.ts';
import { gh } from './github-api.ts';

/**
 * Compares the prefix of GitHub's OIDC subjects with the settings, and writes it there. Subjects of repositories that
 * were created, renamed or moved after 15 July 2026 contain the ids of owner and repository:
 * https://docs.github.com/en/actions/reference/security/oidc
 *
 * @param apply whether to write the prefix to the file
 * @param path the settings file
 * @returns whether the settings had another one
 */
export function adoptSubjectPrefix(repository: string, apply: boolean, path = settingsFile): boolean {
  const answer = gh(`repos/${repository}/actions/oidc/customization/sub`) as { sub_claim_prefix?: string } | undefined;
  const wanted = answer?.sub_claim_prefix;
  const { subjectPrefix = `repo:${repository}` } = readSettings(path).github;
  if (wanted === undefined || wanted === subjectPrefix) return false;
  console.log(`~ ${texts.settings.subjectPrefix(wanted)}`);
  if (apply) {
    const given = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
    const github = { ...given.github, repository, subjectPrefix: wanted };
    writeFileSync(path, `${JSON.stringify({ ...given, github }, null, 2)}\n`);
  }
  return true;
}
