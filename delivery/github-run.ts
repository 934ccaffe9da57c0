import type { Api, List } from './github-api.ts';
import { beginning } from './report.ts';

/** The job of pull-request.yml that passes only if no other job failed. */
export const requiredCheck = 'result';

/** The option `--run`. */
export const runOption = {
  value: 'URL',
  required: true,
  description: { pt: 'a página da execução do workflow', en: 'the page of the workflow run' },
} as const;

/** A run of a workflow. */
export interface Run {
  /** `OWNER/NAME`. */
  readonly repository: string;
  readonly id: string;
}

/** A failed job, and the last lines that its failed step printed. */
export interface FailedJob {
  /** Name that people see. */
  readonly name: string;
  readonly lines: readonly string[];
  /** All that it printed. */
  readonly log: string;
}

/** Reads the run from the address of its page. */
export function runOf(page: string): Run | undefined {
  const [, repository = '', id = ''] = /([^/]+\/[^/]+)\/actions\/runs\/(\d+)/.exec(page) ?? [];
  return id ? { repository, id } : undefined;
}

/**
 * The failed jobs of a run, without the one that only repeats the results of others. A job without a log, such as one
 * that never started, has no lines.
 */
export function failedJobs({ id, repository }: Run, list: List, readText: (path: string) => string): FailedJob[] {
  return jobsOf(`repos/${repository}/actions/runs/${id}/jobs`, list)
    .filter(
      ({ conclusion, name }) => (conclusion === 'failure' || conclusion === 'timed_out') && name !== requiredCheck,
    )
    .map(({ id, name }) => {
      try {
        const log = readText(`repos/${repository}/actions/jobs/${id}/logs`);
        return { name, lines: lastLines(log), log };
      } catch {
        return { name, lines: [], log: '' };
      }
    });
}

/** Empty if GitHub refuses: the rest of a comment is worth writing. */
function jobsOf(path: string, list: List): readonly { id: number; name: string; conclusion: string | null }[] {
  try {
    return list(path, 'jobs') ?? [];
  } catch {
    return [];
  }
}

/** Lines, and characters of a line. */
const [longestEnd, longestLine] = [15, 200];

/**
 * The end of a failed step in the log of a job. After it GitHub prints the steps that clean up. Each line begins with
 * its time.
 */
export function lastLines(log: string): string[] {
  const lines = log.split(/\r?\n/).map((line) =>
    line
      .replace(/^\uFEFF?\d{4}-\d\d-\d\dT[\d:.]+Z ?/, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of terminals begin with one
      .replaceAll(/\u001B\[[\d;]*[A-Za-z]/g, '')
      .trimEnd(),
  );
  const end = lines.findLastIndex((line) => line.startsWith('##[error]'));
  return lines
    .slice(0, end < 0 ? lines.length : end + 1)
    .filter((line) => line !== '' && !/^##\[(group|endgroup)\]|^##\[error\]Process completed/.test(line))
    .slice(-longestEnd)
    .map((line) => (line.length > longestLine ? `${beginning(line, longestLine)}…` : line));
}

/** Logins of the people, or names of the teams, who approve the jobs of an environment. Empty if GitHub does not say. */
export function approversOf(environment: string, repository: string, api: Api): string[] {
  try {
    const found = api(`repos/${repository}/environments/${environment}`) as
      | { protection_rules?: { reviewers?: { reviewer: { login?: string; name?: string } }[] }[] }
      | undefined;
    const reviewers = found?.protection_rules?.flatMap(({ reviewers = [] }) => reviewers) ?? [];
    return reviewers.map(({ reviewer }) => reviewer.login ?? reviewer.name ?? '').filter(Boolean);
  } catch {
    return [];
  }
}
