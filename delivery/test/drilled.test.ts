import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { delivery } from './support/delivery.ts';
import { Programs } from './support/programs.ts';

/** Fake `gh` with the runs in `runs.json`, of which it filters as GitHub does. It writes down what it was asked. */
const github = `
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const [area, path] = process.argv.slice(2);
if (area === 'issue') {
  if (path === 'list') console.log('[]');
  process.exit();
}
if (area === 'label') process.exit();
writeFileSync(__dirname + '/path', path);
if (!existsSync(__dirname + '/runs.json')) {
  console.error('gh: Not Found (HTTP 404)');
  process.exit(1);
}
const query = new URL(path, 'https://github.example').searchParams;
const since = query.get('created').slice(2);
const runs = JSON.parse(readFileSync(__dirname + '/runs.json', 'utf8'));
const workflow_runs = runs.filter((run) => run.conclusion === query.get('status') && run.created_at >= since);
for (const run of workflow_runs) console.log(JSON.stringify(run));
`;

const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 60 * 60_000).toISOString();
const run = (days: number, environment = 'prd', conclusion = 'success') => ({
  display_title: `Restore drill: ${environment}`,
  conclusion,
  created_at: daysAgo(days),
  updated_at: daysAgo(days),
});

describe('the question whether a restore was tried', () => {
  let programs: Programs;
  beforeEach(() => {
    programs = new Programs().node('gh', github);
  });

  const writeRuns = (runs: readonly object[]) =>
    writeFileSync(join(programs.folder, 'runs.json'), JSON.stringify(runs));

  test('is answered with the last drill that passed', async () => {
    const [last, earlier] = [run(20), run(41)];
    writeRuns([last, earlier]);
    const { code, output } = await delivery(['drilled', 'prd', '--run', 'https://github.example/run'], programs.env);
    expect([code, output]).toEqual([
      0,
      expect.stringContaining(`The last restore drill of prd passed at ${last.updated_at}.`),
    ]);
    expect(programs.read('path')).toMatch(
      /^repos\/\{owner\}\/\{repo\}\/actions\/workflows\/restore-drill\.yml\/runs\?/,
    );
  });

  test.each([
    ['none passed for six weeks', [run(43)]],
    ['the last ones failed', [run(3, 'prd', 'failure'), run(33, 'prd', 'cancelled')]],
    ['only the other environment was restored', [run(3, 'dev')]],
    ['there was none', []],
    ['the workflow does not exist yet', undefined],
  ])('fails with a sentence if %s', async (_, runs) => {
    if (runs) writeRuns(runs);
    const { code, output } = await delivery(['drilled', 'prd', '--run', 'https://github.example/run'], programs.env);
    expect([code, output]).toEqual([
      1,
      expect.stringContaining(
        'No restore drill of prd passed in the last 6 weeks: nobody knows whether the backups work.',
      ),
    ]);
  });
});
