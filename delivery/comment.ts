import { inLanguage, type Language, type Text } from 'command-line';
import { type EnvironmentName, githubEnvironments } from 'platform';
import { applications } from 'platform/applications';
import type { FailedJob } from './github-run.ts';
import type { Result } from './needs.ts';
import { beginning, block, folded, inBoth, longestBody } from './report.ts';
import { reportTexts } from './report-texts.ts';
import { acceptedRisk } from './risks.ts';

const text = reportTexts.comment;

export interface CommentParts {
  /** The environment to which a merge would deploy. */
  readonly environment: EnvironmentName;
  /** Result of each job, by the job's name. */
  readonly results: Readonly<Record<string, Result>>;
  /** The parts that the pull request changes, such as `infra`. Undefined if they are not known. */
  readonly changed: readonly string[] | undefined;
  /** Whether the plan broke a policy. */
  readonly isRisky: boolean;
  /** Whether the cost rises above the limit. */
  readonly isAboveLimit: boolean;
  /** Who approves the jobs of a GitHub environment: logins. */
  readonly approversOf: (environment: string) => readonly string[];
  readonly failedJobs: readonly FailedJob[];
  /** URL of the workflow run. */
  readonly run: string;
  /** Markdown. */
  readonly plan?: Text | undefined;
  readonly costs?: Text | undefined;
}

const marks: Readonly<Record<Result, string>> = { success: '✅', failure: '❌', cancelled: '⚠️', skipped: '➖' };

/** First line of the comment, which people do not see. */
export const commentMark = '<!-- desafio-aws -->';

/**
 * The comment on a pull request: whether the checks pass, what a merge changes, what to do next and who has to do it,
 * the end of each failed job, the plan and the cost. Portuguese, with English folded below it.
 *
 * @returns at most `longestBody` characters. What does not fit is left out, beginning with the plan in English.
 */
export function renderComment(parts: CommentParts): string {
  const whole = inBoth((language) => inOneLanguage(parts, language, true));
  const short = inBoth((language) => inOneLanguage(parts, language, false));
  const comments = [whole, { ...whole, en: short.en }, short].map((each) => `${commentMark}\n${folded(each)}`);
  return comments.find(({ length }) => length <= longestBody) ?? `${commentMark}\n${beginning(short.pt, 60_000)}`;
}

/** @param isWhole whether it has the plan, the costs and the ends of failed jobs, which are not repeated in English */
function inOneLanguage(parts: CommentParts, language: Language, isWhole: boolean): string {
  const say = (given: Text) => inLanguage(given, language);
  const { costs, plan, results, run } = parts;
  const names = Object.values(results);
  const isBad = names.some((result) => result === 'failure' || result === 'cancelled');
  const isWaiting = parts.isAboveLimit || (parts.isRisky && results['risk-approval'] === 'failure');
  const isOnlyWaiting =
    isWaiting && Object.entries(results).every(([job, result]) => job === 'risk-approval' || isGood(result));
  const heading = isOnlyWaiting ? text.waits : isBad ? text.failed : text.passed;
  return [
    `## ${say(heading)}`,
    changes(parts, say),
    `**${say(text.next)}**\n\n${nextSteps(parts, say)
      .map((step, index) => `${index + 1}. ${step}`)
      .join('\n')}`,
    table(results, say),
    ...(isWhole && !isOnlyWaiting && language === 'pt' ? ends(parts.failedJobs, say) : []),
    ...[plan, costs].flatMap((report) => (isWhole && report ? [say(report)] : [])),
    ...(isWhole ? [] : [say(text.tooLong(run))]),
  ].join('\n\n');
}

const isGood = (result: Result) => result === 'success' || result === 'skipped';

/** What a merge changes, in words for the application's team. */
function changes({ changed, environment, plan }: CommentParts, say: (text: Text) => string): string {
  if (!changed) return say(text.unknown);
  const lines = [
    ...releasedOf(changed).map((name) => text.newVersion(name)),
    ...(changed.includes('infra') ? [plan ? text.infrastructure : text.unplanned] : []),
  ];
  if (lines.length === 0) return say(text.nothing(environment));
  return [say(text.changes(environment)), '', ...lines.map((line) => `- ${say(line)}`)].join('\n');
}

/** The applications among the changed parts. */
function releasedOf(changed: readonly string[]): string[] {
  return applications.map(({ name }) => name).filter((name) => changed.includes(name));
}

function nextSteps(parts: CommentParts, say: (text: Text) => string): string[] {
  const { changed = [], environment, isAboveLimit, isRisky, results, run } = parts;
  const checks = Object.entries(results).filter(([job]) => job !== 'risk-approval');
  const approvers = (name: string) => parts.approversOf(name).join(', ');
  const who = (logins: string) => (logins === '' ? text.somebody : text.oneOf(logins));
  // The job that applies the plan, and those of the applications, which wait for it.
  const delivered = [
    ...(changed.includes('infra') ? [githubEnvironments.infrastructure(environment)] : []),
    ...(releasedOf(changed).length > 0 ? [githubEnvironments.release(environment)] : []),
  ];
  const approved = Map.groupBy(
    delivered.filter((name) => approvers(name) !== ''),
    approvers,
  );
  return [
    ...(checks.some(([, result]) => result === 'failure') ? [text.fix(run)] : []),
    ...(checks.some(([, result]) => result === 'cancelled') ? [text.rerun(run)] : []),
    ...(isRisky && results['risk-approval'] !== 'success' ? [text.acceptRisk(acceptedRisk)] : []),
    ...(isAboveLimit ? [text.approveCosts(who(approvers(githubEnvironments.costs)), run)] : []),
    text.review,
    ...[...approved].map(([logins, names]) =>
      text.approveDeployment(who(logins), names.map((name) => `\`${name}\``).join(', '), run.replace(/\/runs\/.*/, '')),
    ),
  ].map(say);
}

/** The checks that ran. A risky change that nobody has accepted yet is no failure. */
function table(results: CommentParts['results'], say: (text: Text) => string): string {
  const rows = Object.entries(results)
    .filter(([, result]) => result !== 'skipped')
    .map(([job, result]) => {
      const isWaiting = job === 'risk-approval' && result === 'failure';
      const name = say(text.jobs[job] ?? { pt: job, en: job });
      return isWaiting
        ? `| ✋ | ${name} | ${say(text.waiting)} |`
        : `| ${marks[result]} | ${name} | ${say(text.results[result])} |`;
    });
  return [`| | ${say(text.checks)} | |`, '| --- | --- | --- |', ...rows].join('\n');
}

/** The last lines of each failed job, in a block of code that no line of theirs can end. */
function ends(jobs: readonly FailedJob[], say: (text: Text) => string): string[] {
  return jobs
    .filter(({ lines }) => lines.length > 0)
    .map(({ lines, name }) => `**${say(text.lastLines(portugueseOf(name)))}**\n\n${block(lines)}`);
}

/** The names of jobs are Portuguese and English, as in `Testes / Tests`. */
function portugueseOf(name: string): string {
  return name.split(' / ')[0] ?? name;
}
