import type { EnvironmentName } from 'platform';
import { texts } from './delivery-texts.ts';

const text = texts.comment;

/** GitHub's names for the result of a job. */
export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface CommentParts {
  /** The environment to which a merge would deploy. */
  readonly environment: EnvironmentName;
  /** Result of each job, by the job's name. */
  readonly results: Readonly<Record<string, Result>>;
  /** Whether the infrastructure is known to be unchanged. */
  readonly keepsInfrastructure: boolean;
  /** URL of the workflow run. */
  readonly run: string;
  /** Markdown. */
  readonly plan?: string | undefined;
  readonly costs?: string | undefined;
}

const marks: Readonly<Record<Result, string>> = { success: '✅', failure: '❌', cancelled: '⚠️', skipped: '➖' };

/** The comment on a pull request: whether the checks pass, what will change, what it will cost, and what to do next. */
export function renderComment(parts: CommentParts): string {
  const { costs, environment, plan, results, run } = parts;
  const entries = Object.entries(results);
  const hasFailed = entries.some(([, result]) => result === 'failure' || result === 'cancelled');
  const rows = entries.map(
    ([job, result]) => `| ${marks[result]} | ${text.jobs[job] ?? job} | ${text.results[result]} |`,
  );
  return [
    `## ${hasFailed ? text.failed : text.passed}`,
    hasFailed ? text.whatToFix(run) : text.whatFollows(environment),
    ['| | | |', '| --- | --- | --- |', ...rows].join('\n'),
    ...(plan
      ? [plan.trim()]
      : results.plan === 'skipped'
        ? [parts.keepsInfrastructure ? text.noPlan : text.notPlanned]
        : []),
    ...(costs ? [costs.trim()] : []),
  ].join('\n\n');
}
