/** What happens when GitHub gives no answer, or earlier runs do not end. Only the pauses and GitHub's CLI are stand-ins. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as github from '../github-api.ts';
import { Programs } from './support/programs.ts';

const pauses: number[] = [];
const gh = jest.fn<(...args: readonly unknown[]) => unknown>();
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number, value: unknown) => {
    pauses.push(milliseconds);
    return value;
  },
}));
jest.unstable_mockModule('../github-api.ts', () => ({ ...github, gh, ghCommand: gh, ghList: gh, ghText: gh }));
const { command: waitForOthers } = await import('../commands/await.ts');
const { command: supersede } = await import('../commands/supersede.ts');

const before = { ...process.env };
beforeEach(() => {
  pauses.splice(0);
  gh.mockReset();
  process.env.PATH = new Programs().shell('gh', '').env.PATH;
  for (const method of ['log', 'error'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env.PATH = before.PATH;
});

const order = () => waitForOthers.run(['magic-calculator', 'prd', '--commit', 'c0ffee']);

test('a release asks GitHub again, and does not go on if it gets no answer', async () => {
  gh.mockImplementation(() => {
    throw new Error('HTTP 502');
  });
  await expect(order()).rejects.toThrow('HTTP 502');
  expect(pauses).toEqual([15_000, 15_000, 15_000, 15_000]);
});

test('a release goes on once GitHub answers again', async () => {
  gh.mockImplementationOnce(() => {
    throw new Error('HTTP 502');
  }).mockReturnValue('[{"status":"completed","conclusion":"success","url":"https://run"}]');
  expect(await order()).toBe(0);
  expect(pauses).toEqual([15_000]);
});

// https://docs.github.com/en/rest/actions/workflow-runs
test.each(['queued', 'in_progress', 'requested', 'waiting', 'pending'])(
  'a release waits for a run that is %s',
  async (status) => {
    // gh has no conclusion of such a run.
    gh.mockReturnValueOnce(JSON.stringify([{ status, conclusion: '', url: 'https://run' }])).mockReturnValue(
      '[{"status":"completed","conclusion":"success","url":"https://run"}]',
    );
    expect(await order()).toBe(0);
    expect(pauses).toEqual([15_000]);
  },
);

// Of these, gh tells the empty one of a run that has not ended.
test.each([
  ...['failure', 'cancelled', 'skipped', 'timed_out', 'startup_failure', 'action_required', 'neutral', 'stale', ''],
  ...['SUCCESS', 'unsuccessful'],
])('a release does not go on after a run with the conclusion %j', async (conclusion) => {
  gh.mockReturnValue(JSON.stringify([{ status: 'completed', conclusion, url: 'https://run' }]));
  expect(await order()).toBe(1);
});

test('a plan is not made while an earlier run does not end', async () => {
  Object.assign(process.env, {
    GITHUB_REPOSITORY: 'owner/name',
    GITHUB_REF_NAME: 'main',
    GITHUB_RUN_NUMBER: '4',
    GITHUB_WORKFLOW_REF: 'owner/name/.github/workflows/infra-prd.yml@refs/heads/main',
  });
  gh.mockReturnValue([{ id: 103, run_number: 3, status: 'in_progress' }]);
  // Each look takes an hour.
  let now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => {
    now += 3_600_000;
    return now;
  });
  expect(await supersede.run(['--wait'])).toBe(1);
  expect(pauses.length).toBeGreaterThan(0);
});
