/** What programs print reaches their callers whole, in however many pieces it arrives. */
import childProcess, { type SpawnOptions } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';

/** Too long to be read at once. Each letter has three bytes, so that the end of a piece divides a letter. */
const [output, errors] = ['€'.repeat(100_000), '₿'.repeat(100_000)];
let folder: string;
/** What runs in place of each program. */
let script = '';
jest.unstable_mockModule('node:child_process', () => ({
  ...childProcess,
  spawn: (_program: string, _args: readonly string[], options: SpawnOptions) =>
    childProcess.spawn('sh', ['-c', script], { ...options, cwd: folder }),
}));
const { run, showInBackground } = await import('../../.ci/processes.ts');
const { kubectl } = await import('../../delivery/kubectl.ts');
const { call } = await import('../../infra/drill/programs.ts');
const { Terraform } = await import('../../infra/terraform.ts');
const { Simulator } = await import('../../rehearsal/rights/simulator.ts');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pieces-'));
  writeFileSync(join(folder, 'output'), output);
  writeFileSync(join(folder, 'errors'), errors);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  jest.restoreAllMocks();
});

const why = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'nothing was thrown',
    ({ message }: Error) => message,
  );

/** What is written to the terminal meanwhile, without what the tests report there. */
async function shown(outcome: Promise<unknown>): Promise<string> {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      if (/[€₿\uFFFD]/.test(String(text))) written.push(String(text));
      return true;
    });
  }
  await outcome.catch(() => undefined);
  return written.join('');
}

/** How often each of the letters is there, and what else is. */
const count = (text: string) => ({
  output: text.split('€').length - 1,
  errors: text.split('₿').length - 1,
  others: [...new Set(text.replaceAll(/[€₿]/g, ''))].join(''),
});
const [isOutput, areErrors] = [
  { output: output.length, errors: 0, others: '' },
  { output: 0, errors: errors.length, others: expect.not.stringContaining('\uFFFD') },
];
const areBoth = { ...areErrors, output: output.length };

const both = 'cat output & cat errors >&2; wait';
test.each<[string, string, () => Promise<string>, object]>([
  ['the output of what a drill calls', both, () => call('aws', []), isOutput],
  ['why a call of a drill failed', `${both}; exit 1`, () => why(call('aws', [])), areErrors],
  ['the output of kubectl', both, () => kubectl(['get']), isOutput],
  ['why kubectl failed', `${both}; exit 1`, () => why(kubectl(['get'])), areErrors],
  ['what kubectl shows', both, () => shown(kubectl(['get'], { show: true })), areBoth],
  [
    'a plan of Terraform',
    `printf '"'; cat output; printf '"'`,
    async () => String(await new Terraform('dev').showPlan('plan')),
    isOutput,
  ],
  ['why a program of the pipeline failed', `${both}; exit 1`, () => why(run('pnpm', [])), areBoth],
  ['what a program of the pipeline shows', both, () => shown(showInBackground('pnpm', [])), areBoth],
  [
    'why the simulator of permissions ended',
    // Its output ends first.
    'exec >&-; cat errors >&2; exit 1',
    () => why(new Simulator().ask({ identityPolicies: [], requests: [] })),
    areErrors,
  ],
])('%s, with all of its pieces and letters', async (_, does, get, expected) => {
  script = does;
  expect(count(await get())).toEqual(expected);
});
