import type { EnvironmentName } from 'platform';
import { texts } from './delivery-texts.ts';

const text = texts.comment;

/** GitHub's own words for how a job ended. */
export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface CommentParts {
  /** The environment that merging would reach. */
  readonly environment: EnvironmentName;
  /** Each job by its name, as GitHub tells it. */
  readonly results: Readonly<Record<string, Result>>;
  /** Whether it is known that the infrastructure stays as it is. */
  readonly keepsInfrastructure: boolean;
  /** Page of the workflow's run. */
  readonly run: string;
  /** Markdown, where there is any. */
  readonly plan?: string | undefined;
  readonly costs?: string | undefined;
  readonly infracost?: string | undefined;
}

const marks: Readonly<Record<Result, string>> = { success: '✅', failure: '❌', cancelled: '⚠️', skipped: '➖' };

/** The one comment of a pull request: do the checks pass, what will change, what will it cost, and what to do next. */
export function renderComment(parts: CommentParts): string {
  const { costs, environment, infracost, plan, results, run } = parts;
  const entries = Object.entries(results);
  const hasFailed = entries.some(([, result]) => result === 'failure' || result === 'cancelled');
  const rows = entries.map(
    ([job, result]) => `| ${marks[result]} | ${text.jobs[job] ?? job} | ${text.results[result]} |`,
  );
  return [
    `## ${hasFailed ? text.failed : text.passed}`,
    hasFailed ? text.whatToMend(run) : text.whatFollows(environment),
    ['| | | |', '| --- | --- | --- |', ...rows].join('\n'),
    ...(plan
      ? [plan.trim()]
      : results.plan === 'skipped'
        ? [parts.keepsInfrastructure ? text.noPlan : text.notPlanned]
        : []),
    ...(costs ? [costs.trim()] : []),
    ...(infracost
      ? [`<details><summary>Infracost</summary>\n\n\`\`\`\n${infracost.trim()}\n\`\`\`\n\n</details>`]
      : []),
  ].join('\n\n');
}
