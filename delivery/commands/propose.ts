import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { defineCommand, fileForm, requireProgram } from 'command-line';
import { branches } from 'platform';
import { texts } from '../delivery-texts.ts';
import { ghList } from '../github-api.ts';
import { runOption } from '../github-run.ts';
import { keepIssue } from '../open-issue.ts';

const text = texts.propose;

/** The branch that the proposal is pushed to, over the one before. */
const branch = 'propose/versions';

/**
 * A pull request that a workflow opens with its own token starts no other workflow, so it would have no checks, and
 * workflows would have to be allowed to approve pull requests. So a person opens it, with one click in an issue.
 * https://docs.github.com/en/actions/concepts/security/github_token
 */
export const command = defineCommand({
  description: {
    pt: 'publica as versões que subiram em um branch, com uma issue que leva ao pull request',
    en: 'publishes raised versions on a branch, with an issue that leads to the pull request',
  },
  words: {},
  options: {
    report: {
      value: fileForm,
      required: true,
      description: { pt: 'o que pnpm infra upgrade mostrou', en: 'what pnpm infra upgrade printed' },
    },
    run: runOption,
  },
  run(_, { report, run }) {
    requireProgram('gh');
    requireProgram('git');
    const isChanged = git('status', '--porcelain', '--', folder) !== '';
    if (isChanged) push();
    const repository = run.replace(/\/actions\/.*/, '');
    const printed = readFileSync(report, 'utf8').trim();
    // Something in the way of an upgrade is told, too, although nothing was raised.
    const isWorthTelling = isChanged || /^✗/m.test(printed);
    const body = text.body(
      printed,
      repository,
      isChanged ? addressOf(repository) : undefined,
      isChanged ? securityFixes(printed) : [],
    );
    const kept = keepIssue({
      label: 'versions',
      description: text.label,
      title: text.title,
      body: isWorthTelling ? body : undefined,
      still: text.still(run),
      gone: text.gone(run),
    });
    console.log(kept.state === 'none' ? text.none : text[kept.state](String(kept.issue)));
    return 0;
  },
});

/** Where `pnpm infra upgrade --write` writes. */
const folder = 'infra/environments';

function push(): void {
  git('switch', '--force-create', branch);
  git('add', '--', folder);
  const author = [
    '-c',
    'user.name=github-actions[bot]',
    '-c',
    'user.email=github-actions[bot]@users.noreply.github.com',
  ];
  git(...author, 'commit', '--quiet', `--message=${text.commit}`);
  git('push', '--quiet', '--force', 'origin', branch);
}

const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' });

/** The page of GitHub that opens the pull request. */
const addressOf = (repository: string): string =>
  `${repository}/compare/${branches.dev}...${branch}?expand=1&title=${encodeURIComponent(text.commit)}`;

/**
 * The advisories that the notes of the raised images name, from the first image after the pinned one.
 *
 * @param printed what `pnpm infra upgrade` printed
 * @returns undefined if GitHub does not show the notes
 */
function securityFixes(printed: string): string[] | undefined {
  const raised = [...printed.matchAll(/^ +nodeRelease +\S+-(\d{8}) → \S+-(\d{8})$/gm)];
  if (raised.length === 0) return [];
  const isNew = (day: string) => raised.some(([, from = '', to = '']) => from < day && day <= to);
  try {
    const releases = ghList<Release>('repos/awslabs/amazon-eks-ami/releases');
    const notes = (releases ?? []).flatMap(({ body, tag_name: tag }) =>
      isNew(tag.replace(/^v/, '')) ? [body ?? ''] : [],
    );
    // No release lies in between: the notes are not those of the image.
    if (notes.length === 0) return undefined;
    return [...new Set(notes.join('\n').match(/\bCVE-\d{4}-\d{4,}/g))].toSorted();
  } catch {
    return undefined;
  }
}

interface Release {
  /** Such as `v20260714`. */
  readonly tag_name: string;
  readonly body: string | null;
}
