import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { GithubRefused } from '../github-api.ts';
import { supersede } from '../supersede.ts';
import { delivery } from './support/delivery.ts';
import { listFrom } from './support/github-lists.ts';
import { Programs } from './support/programs.ts';

beforeEach(() => {
  for (const method of ['log', 'error'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
  jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-28T01:15:30.000Z'));
});
afterEach(() => {
  jest.restoreAllMocks();
});

/**
 * @param statuses of runs 1, 2, … of the workflow, and how they change each time that this run waits
 * @param numbers of the runs, if they are others
 * @param refusal what GitHub says instead of ending an approval
 */
async function run(
  statuses: string[],
  { isToWait = false, later = [] as string[][], number = 4, numbers = [] as number[], refusal = '' } = {},
) {
  const cancelled: number[] = [];
  const paths = new Set<string>();
  const hasEnded = await supersede({
    repository: 'owner/name',
    workflow: 'infra-prd.yml',
    branch: 'main',
    number,
    isToWait,
    pause: async () => {
      const next = later.shift();
      if (next) statuses.splice(0, statuses.length, ...next);
      return next !== undefined;
    },
    api: (path, method) => {
      const [, id] = /^repos\/owner\/name\/actions\/runs\/(\d+)\/cancel$/.exec(path) ?? [];
      if (method !== 'POST' || refusal) throw new GithubRefused(`${method} ${path}: ${refusal}`);
      cancelled.push(Number(id));
    },
    list: listFrom((path) => {
      paths.add(path);
      const run_number = (index: number) => numbers[index] ?? index + 1;
      return {
        workflow_runs: statuses.map((status, index) => ({
          ...{ id: run_number(index) + 100, run_number: run_number(index), status },
        })),
      };
    }),
  });
  return { hasEnded, cancelled, paths: [...paths] };
}

test('ends the approvals for which earlier runs wait, and neither runs at work nor later ones', async () => {
  expect(await run(['completed', 'waiting', 'in_progress', 'in_progress', 'waiting'])).toEqual({
    hasEnded: true,
    cancelled: [102],
    paths: ['repos/owner/name/actions/workflows/infra-prd.yml/runs?branch=main&created=%3E%3D2026-09-29'],
  });
});

test('before a plan, waits for runs that have not begun, too', async () => {
  const later = [['completed', 'completed', 'completed', 'in_progress']];
  expect(await run(['completed', 'queued', 'pending', 'in_progress'], { isToWait: true, later })).toMatchObject({
    hasEnded: true,
    cancelled: [],
  });
  expect(later).toEqual([]);
});

// A run that is repeated keeps its number, so that newer ones are there, too.
test.each([1, 2, 9, 10, 11, 19, 20, 99, 100, 101])(
  'run %i ends the approvals of those before it and waits for them, whatever digits their numbers have',
  async (number) => {
    const numbers = [101, 100, 99, 20, 19, 11, 10, 9, 2, 1];
    const before = numbers.filter((other) => other < number);
    const { cancelled } = await run(
      numbers.map(() => 'waiting'),
      { number, numbers },
    );
    expect(cancelled).toEqual(before.map((other) => other + 100));
    const { hasEnded } = await run(
      numbers.map(() => 'in_progress'),
      { isToWait: true, number, numbers },
    );
    expect(hasEnded).toBe(before.length === 0);
  },
);

test('goes on where GitHub says that a run has ended since it was listed', async () => {
  const refusal = 'gh: Cannot cancel a workflow run that is completed. (HTTP 409)';
  expect(await run(['waiting', 'waiting'], { refusal })).toMatchObject({ hasEnded: true, cancelled: [] });
});

// The approval stays then, and who clicks on it deploys an old commit.
test.each([
  'gh: Bad credentials (HTTP 401)',
  'gh: Resource not accessible by integration (HTTP 403)',
  'gh: Not Found (HTTP 404)',
  'gh: Validation Failed (HTTP 422)',
  'gh: You have exceeded a secondary rate limit (HTTP 429)',
  'gh: Failed to cancel workflow run (HTTP 500)',
  'gh: Server Error (HTTP 502)',
  'gh: HTTP 503: Service Unavailable',
  'gh: HTTP 504',
  'error connecting to api.github.com',
])('fails if GitHub does not end an approval: %s', async (refusal) => {
  for (const isToWait of [false, true]) {
    await expect(run(['waiting'], { isToWait, refusal })).rejects.toThrow(refusal);
  }
});

// https://docs.github.com/en/rest/actions/workflow-runs
test.each(['queued', 'in_progress', 'requested', 'waiting', 'pending', 'action_required'])(
  'before a plan, waits for an earlier run that is %s, and ends it only if it waits for an approval',
  async (status) => {
    const cancelled = status === 'waiting' ? [101, 103] : [];
    const statuses = [status, 'in_progress', status];
    expect(await run(statuses, { isToWait: true })).toMatchObject({ hasEnded: false, cancelled });
    expect(await run(statuses)).toMatchObject({ hasEnded: true, cancelled });
  },
);

test('before a plan, waits for earlier runs, and ends their approvals when they ask for them', async () => {
  const later = [
    ['completed', 'in_progress', 'waiting', 'in_progress'],
    ['completed', 'completed', 'completed', 'in_progress'],
  ];
  const { cancelled, hasEnded } = await run(['in_progress', 'in_progress', 'queued', 'in_progress'], {
    isToWait: true,
    later,
  });
  expect([hasEnded, cancelled, later]).toEqual([true, [103], []]);
});

test('does not wait for ever', async () => {
  expect((await run(['in_progress'], { isToWait: true })).hasEnded).toBe(false);
});

test('the command counts runs as GitHub does, by their number within the workflow', async () => {
  const programs = new Programs();
  const runs = [3, 4, 5].map((number) => ({ id: number + 100, run_number: number, status: 'waiting' }));
  programs.shell(
    'gh',
    `echo "$*" >> '${programs.folder}/calls'
    case "$*" in *cancel*) ;; *) echo '${runs.map((run) => JSON.stringify(run)).join('\n')}' ;; esac`,
  );
  const { code } = await delivery(['supersede'], {
    ...programs.env,
    GITHUB_REPOSITORY: 'owner/name',
    GITHUB_REF_NAME: 'main',
    GITHUB_RUN_ID: '104',
    GITHUB_RUN_NUMBER: '4',
    GITHUB_WORKFLOW_REF: 'owner/name/.github/workflows/infra-prd.yml@refs/heads/main',
  });
  expect(code).toBe(0);
  const calls = programs.read('calls');
  expect(calls).toContain('actions/workflows/infra-prd.yml/runs');
  expect(calls.match(/runs\/\d+\/cancel/g)).toEqual(['runs/103/cancel']);
});

test('is refused outside a workflow', async () => {
  const env = { GITHUB_WORKFLOW_REF: '', ...new Programs().shell('gh', '').env };
  const { code, output } = await delivery(['supersede'], env);
  expect([code, output]).toEqual([2, expect.stringContaining('runs in a GitHub workflow')]);
});
