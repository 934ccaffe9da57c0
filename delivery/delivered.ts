import { inLanguage, type Text } from 'command-line';
import type { EnvironmentName } from 'platform';
import { commentMark } from './comment.ts';
import { texts } from './delivery-texts.ts';
import type { Api, List } from './github-api.ts';
import type { FailedJob } from './github-run.ts';
import type { Needs } from './needs.ts';
import { beginning, block, folded, inBoth, longestBody } from './report.ts';
import { reportTexts } from './report-texts.ts';

const text = reportTexts.delivered;

/** What became of one part of a pull request after its merge. */
export interface Delivered {
  /** An application, or `infra`. */
  readonly part: string;
  readonly environment: EnvironmentName;
  readonly outcome: 'served' | 'unchanged' | 'wentBack' | 'stuck' | 'notReleased' | 'applyFailed' | 'replaced';
  /** The job that failed, in the workflow. */
  readonly job?: string;
  /** The end of that job's log. */
  readonly lines: readonly string[];
  /** URL of the workflow run. */
  readonly run: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Reads from the results of a delivery's jobs what became of it. If several jobs failed, the first counts: both lists are
 * in the order of the workflow.
 */
export function outcomeOf(needs: Needs, failed: readonly FailedJob[]): Pick<Delivered, 'job' | 'lines' | 'outcome'> {
  const { lines = [], log = '' } = failed[0] ?? {};
  const names = Object.keys(needs);
  const job = names.find((name) => needs[name]?.result === 'failure');
  if (job === 'release') {
    // The rollback may be a later step than the one that failed, and it prints this.
    const isBack = log.includes(texts.release.isBack);
    return { outcome: isBack ? 'wentBack' : 'stuck', job, lines };
  }
  if (job === 'apply') return { outcome: 'applyFailed', job, lines };
  if (job !== undefined) return { outcome: 'notReleased', job, lines };
  if (names.some((name) => needs[name]?.result === 'cancelled')) return { outcome: 'replaced', lines: [] };
  if (needs.apply?.result === 'skipped') return { outcome: 'unchanged', lines: [] };
  return { outcome: 'served', lines: [] };
}

const [begin, end] = ['<!-- delivered ', '<!-- end of delivered -->'];

/**
 * Adds what became of a part to a comment, above the rest. The comment keeps what it says about other parts, as JSON
 * that people do not see.
 */
export function addToComment(comment: string, added: Delivered): string {
  const known = deliveredIn(comment).filter(({ environment, part }) => !isSame(added, { environment, part }));
  const all = [...known, added].toSorted((one, other) => one.part.localeCompare(other.part));
  // A comment that was edited on GitHub's page has the line ends of Windows.
  const rest = comment
    .replaceAll('\r\n', '\n')
    .replace(commentMark, '')
    .replace(section, '')
    .replace(fold, '$1')
    .trim();
  // A comment ends with `-->`, so that no `>` may stand in it.
  const json = JSON.stringify(all).replaceAll('>', '\\u003e');
  const top = `${commentMark}\n${begin}${json} -->\n${render(all)}\n${end}`;
  // A comment that is too long ends earlier, within its last list or table.
  const left = longestBody - top.length - opening.length - closing.length - 2;
  return rest === '' ? top : `${top}\n\n${opening}${beginning(rest, left)}${closing}`;
}

/** What the comment said before the merge is folded. */
const [opening, closing] = [`<details><summary>${text.before}</summary>\n\n`, '\n\n</details>'];
const fold = new RegExp(`^\\s*${opening}(.*)${closing}\\s*$`, 's');
const section = new RegExp(`${begin}.*?${end}`, 's');

/** What a comment says about the parts that were delivered. */
export function deliveredIn(comment: string): Delivered[] {
  // Not `.*`, which ends at a separator of lines of Unicode, which JSON leaves as it is.
  const [, json] = new RegExp(`^${begin}([^\\n]*) -->$`, 'm').exec(comment) ?? [];
  return json === undefined ? [] : JSON.parse(json);
}

const isSame = (one: Pick<Delivered, 'environment' | 'part'>, other: Pick<Delivered, 'environment' | 'part'>) =>
  one.part === other.part && one.environment === other.environment;

/** Page on what to do. */
const pages = { infra: 'terraform-state.md', application: 'release-rolled-back.md' } as const;

function render(all: readonly Delivered[]): string {
  return folded(
    inBoth((language) => {
      const say = (given: Text) => inLanguage(given, language);
      const items = all.flatMap((delivered) => {
        const { environment, lines, outcome, part, run } = delivered;
        const isGood = outcome === 'served' || outcome === 'unchanged';
        const [, repository = ''] = /^(https:\/\/[^/]+\/[^/]+\/[^/]+)\//.exec(run) ?? [];
        const page = `${repository}/blob/HEAD/docs/runbooks/${part === 'infra' ? pages.infra : pages.application}`;
        return [
          sentence(delivered, say),
          ...(lines.length > 0 && language === 'pt' ? [block(lines)] : []),
          ...(isGood || outcome === 'replaced' ? [] : [say(text.todo(page))]),
          ...(isGood || environment !== 'dev' ? [] : [say(text.doNotPromote)]),
        ];
      });
      return [`## ${say(text.title)}`, ...items].join('\n\n');
    }),
  );
}

function sentence({ at, environment, job = '', outcome, part, run }: Delivered, say: (text: Text) => string): string {
  const name = part === 'infra' ? say(text.infra) : part;
  const jobName = reportTexts.comment.jobs[job] ?? { pt: job, en: job };
  if (outcome === 'served') return say(text.served(name, environment, timeOf(at), run));
  if (outcome === 'notReleased') return say(text.notReleased(name, environment, jobName, run));
  return say(text[outcome](name, environment, run));
}

/** A time for people: in Portuguese that of Brasília, in English UTC. */
function timeOf(at: string): Text {
  const options = { dateStyle: 'short', timeStyle: 'short' } as const;
  const brazil = new Intl.DateTimeFormat('pt-BR', { ...options, timeZone: 'America/Sao_Paulo' });
  return { pt: `${brazil.format(new Date(at))} (Brasília)`, en: `${at.slice(0, 16).replace('T', ' ')} UTC` };
}

interface Comment {
  readonly id: number;
  readonly body: string;
  /** Null if the account is gone. */
  readonly user: { readonly login: string } | null;
}

/** The number of the merged pull request that brought a commit to a branch. Undefined if it was pushed otherwise. */
export function pullRequestOf(commit: string, branch: string, repository: string, list: List): number | undefined {
  const found = list<{ number: number; merged_at: string | null; base: { ref: string } }>(
    `repos/${repository}/commits/${commit}/pulls`,
  );
  return found?.find(({ base, merged_at }) => merged_at !== null && base.ref === branch)?.number;
}

/** Times that a comment is written again, if another run wrote it at the same moment. */
const attempts = 5;

/**
 * Writes to the comment of a pull request what became of it. Deliveries of several parts run at the same time and write
 * the same comment, so what was written is read again.
 */
export async function tell(
  number: number,
  added: Delivered,
  { api, list, pause, repository }: { api: Api; list: List; repository: string; pause: () => Promise<void> },
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const comments = list<Comment>(`repos/${repository}/issues/${number}/comments`);
    const known = comments?.find(
      ({ body, user }) => user?.login === 'github-actions[bot]' && body.includes(commentMark),
    );
    if (known && deliveredIn(known.body).some((delivered) => isSame(delivered, added) && delivered.at === added.at)) {
      return;
    }
    const body = addToComment(known?.body ?? '', added);
    if (known) api(`repos/${repository}/issues/comments/${known.id}`, 'PATCH', { body });
    else api(`repos/${repository}/issues/${number}/comments`, 'POST', { body });
    await pause();
  }
}
