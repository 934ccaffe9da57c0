import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { delivery } from './support/delivery.ts';
import { Programs } from './support/programs.ts';

/** Fake `gh` with at most one open issue, number 7. It writes down how it was called. */
const github = `
const { appendFileSync, readFileSync } = require('node:fs');
const folder = __dirname;
const args = process.argv.slice(2);
if (args.slice(0, 2).join(' ') === 'issue list') {
  const isOpen = readFileSync(folder + '/open', 'utf8') === args.find((arg) => arg.startsWith('--label=')).slice(8);
  // A closed issue of an earlier week, number 6, is not asked for.
  console.log(args.includes('--state=open') ? (isOpen ? '[{"number":7}]' : '[]') : '[{"number":6}]');
} else {
  const input = args.includes('--body-file=-') ? [readFileSync(0, 'utf8')] : [];
  appendFileSync(folder + '/calls', JSON.stringify([...args, ...input]) + '\\n');
  console.log('https://github.example/issues/8');
}
`;

describe('the weekly comparison with the code', () => {
  let programs: Programs;
  let plan: string;

  beforeEach(async () => {
    programs = new Programs().node('gh', github);
    plan = join(programs.folder, 'plan.json');
    await writeFile(plan, JSON.stringify({ pt: 'Um banco muda.', en: 'A database changes.' }));
    await writeFile(join(programs.folder, 'calls'), '');
  });

  /** @param open label of the open issue, if there is one */
  async function drift(environment: string, drifted: string, open = '') {
    await writeFile(join(programs.folder, 'open'), open);
    const run = 'https://github.example/run/1';
    const args = ['drift', environment, '--drifted', drifted, '--plan', plan, '--run', run];
    const outcome = await delivery(args, programs.env);
    const calls = programs.read('calls').split('\n').filter(Boolean);
    return { ...outcome, calls: calls.map((line) => JSON.parse(line) as string[]) };
  }

  test('opens an issue with the plan for an environment that differs', async () => {
    const { calls, code, output } = await drift('prd', 'true');
    expect(code).toBe(0);
    expect(calls.map(([, action]) => action)).toEqual(['create', 'create']);
    // The label may exist since an earlier issue.
    expect(calls[0]).toEqual(expect.arrayContaining(['label', 'create', 'drift-prd', '--force']));
    expect(calls[1]).toEqual(
      expect.arrayContaining([
        'issue',
        '--label=drift-prd',
        expect.stringMatching(/^Um banco muda\.[\s\S]*A database changes\./),
      ]),
    );
    expect(output).toContain('Issue opened: https://github.example/issues/8');
  });

  test('updates the open issue, and opens no second one', async () => {
    const { calls } = await drift('dev', 'true', 'drift-dev');
    expect(calls.map(([, action, issue]) => [action, issue])).toEqual([
      ['edit', '7'],
      ['comment', '7'],
    ]);
  });

  test('leaves the issue of the other environment alone', async () => {
    expect((await drift('dev', 'false', 'drift-prd')).calls).toEqual([]);
  });

  test('closes the issue when the environment matches the code again', async () => {
    const { calls, output } = await drift('dev', 'false', 'drift-dev');
    expect(calls).toEqual([['issue', 'close', '7', expect.stringContaining('https://github.example/run/1')]]);
    expect(output).toContain('Issue closed: #7');
  });

  test('is refused without the plan, and writes no empty issue', async () => {
    await writeFile(plan, '');
    const { calls, code, output } = await drift('dev', 'true');
    expect([code, calls]).toEqual([2, []]);
    expect(output).toContain('is not the output of the command plan');
  });

  test.each(['unknown', ''])('is refused if the plan did not say whether it differs (%j)', async (drifted) => {
    const { calls, code, output } = await drift('dev', drifted, 'drift-dev');
    expect([code, calls]).toEqual([2, []]);
    expect(output).toContain('Pass --drifted true or false.');
  });
});
