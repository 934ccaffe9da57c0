/** What people and later steps get to read of a command, in a workflow and on a laptop. */
import * as real from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { addSummary, say, setOutputs } from '../github.ts';
import { Programs } from './support/programs.ts';

// jest gives a test a copy of the environment, which programs do not get by themselves.
jest.unstable_mockModule('node:child_process', () => ({
  ...real,
  execFileSync: (file: string, args: readonly string[], options: object) =>
    real.execFileSync(file, args, { ...options, env: process.env }),
}));
const { GithubRefused, gh, ghList, ghText } = await import('../github-api.ts');

const names = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'PATH'] as const;
const before = { ...process.env };
let folder: string;
let printed: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'github-'));
  printed = [];
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']) delete process.env[name];
  jest.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
  for (const name of names) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

test('on a laptop, a report, a message and outputs are printed', () => {
  addSummary('### Custo');
  say('Nada muda.');
  setOutputs({ above: 'true' });
  expect(printed).toEqual(['### Custo', 'Nada muda.', 'above=true']);
});

test('on the page of a workflow run, each line of a message stays a line of its own', () => {
  const page = join(folder, 'summary');
  process.env.GITHUB_STEP_SUMMARY = page;
  addSummary('### Custo');
  say('Nada muda.\nNothing changes.');
  // Two spaces: without them, Markdown joins the lines of a paragraph.
  expect(readFileSync(page, 'utf8')).toBe('### Custo\nNada muda.  \nNothing changes.\n');
  expect(printed).toEqual([expect.stringContaining('page of the workflow run'), 'Nada muda.\nNothing changes.']);
});

test.each(['a\nb=c', 'a\rb', 'a\r\n'])('%j is no output, because its end would be another one', (value) => {
  expect(() => setOutputs({ first: 'one', second: value })).toThrow('The output second has more than one line');
  expect(printed).toEqual([]);
});

/** GitHub's CLI, which prints the answer that GitHub gave, also of a refusal, and says on its standard error what is wrong. */
function cli(error: string, answer = '{"message":"It says why","status":"1"}'): void {
  const programs = new Programs();
  writeFileSync(join(programs.folder, 'error'), error);
  writeFileSync(join(programs.folder, 'answer'), answer);
  process.env.PATH = programs.shell(
    'gh',
    `cat '${programs.folder}/answer'; cat '${programs.folder}/error' >&2; exit 1`,
  ).env.PATH;
}
const advice = [
  'gh: This API operation needs the "admin:org" scope. To request it, run:  gh auth refresh -h github.com -s admin:org',
  'A new release of gh is available: 2.80.0 → 2.81.0\nhttps://github.com/cli/cli/releases/tag/v2.81.0',
];
const withAdvice = (message: string) => [message, ...advice.map((more) => `${message}\n${more}`)];

test.each(
  ['gh: Not Found (HTTP 404)', 'gh: Branch not found (HTTP 404)', 'gh: HTTP 404'].flatMap((message) => [
    ...withAdvice(message),
    `${advice[1]}\n\n${message}`,
  ]),
)('what GitHub does not find is nothing to read, and a failure to change: %j', (error) => {
  cli(`${error}\n`);
  expect(gh('repos/owner/name/labels/one')).toBeUndefined();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    expect(() => gh('repos/owner/name/labels/one', method, {})).toThrow(
      new GithubRefused(`${method} repos/owner/name/labels/one: ${error}`),
    );
  }
  expect(() => ghText('repos/owner/name/actions/jobs/1/logs')).toThrow(GithubRefused);
  expect(ghList('repos/owner/name/rulesets')).toBeUndefined();
});

test.each(
  [
    ...['gh: Bad credentials (HTTP 401)', 'gh: Resource not accessible by integration (HTTP 403)'],
    ...['gh: API rate limit exceeded (HTTP 403)', 'gh: Gone (HTTP 410)', 'gh: Validation Failed (HTTP 422)'],
    ...[
      'gh: Too Many Requests (HTTP 429)',
      'gh: HTTP 500',
      'gh: Server Error (HTTP 502)',
      'gh: HTTP 503',
      'gh: HTTP 504',
    ],
    ...['error connecting to api.github.com\ncheck your internet connection or https://githubstatus.com'],
    ...['gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.'],
  ].flatMap(withAdvice),
)('any other refusal of GitHub is a failure that says all that it says: %j', (error) => {
  cli(`${error}\n`);
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    expect(() => gh('user', method)).toThrow(new GithubRefused(`${method} user: ${error}`));
  }
  expect(() => ghList('repos/owner/name/rulesets')).toThrow(
    new GithubRefused(`GET repos/owner/name/rulesets: ${error}`),
  );
});

test.each([0, 1, 30, 31, 100, 101, 250])(
  'a list of %i is read to its end, of which GitHub answers a page at a time',
  (length) => {
    const items = Array.from({ length }, (_, id) => ({ id, body: `one\n"two"\u2028${id}`, more: [{ id }] }));
    const programs = new Programs();
    const lists = JSON.stringify(resolve(import.meta.dirname, 'support/github-lists.ts'));
    programs.node(
      'gh',
      `const { readFileSync } = require('node:fs');
    const { printed } = require(${lists});
    process.stdout.write(printed(process.argv.slice(2), readFileSync(__dirname + '/answer', 'utf8')));`,
    );
    process.env.PATH = programs.env.PATH;
    writeFileSync(join(programs.folder, 'answer'), JSON.stringify(items));
    expect(ghList('repos/owner/name/issues/7/comments')).toEqual(items);
    writeFileSync(join(programs.folder, 'answer'), JSON.stringify({ total_count: length, jobs: items }));
    expect(ghList('repos/owner/name/actions/runs/12/jobs', 'jobs')).toEqual(items);
  },
);

test('a warning of GitHub’s CLI is no part of the answer', () => {
  const programs = new Programs();
  process.env.PATH = programs.shell('gh', `echo '${advice[1]}' >&2; echo '{"id":1}'`).env.PATH;
  expect([gh('user'), ghText('user')]).toEqual([{ id: 1 }, '{"id":1}\n']);
});
