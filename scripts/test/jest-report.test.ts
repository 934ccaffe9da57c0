import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readJestReport } from '../../.ci/jest-report.ts';

test('a check counts a skipped test as a failure, unless its name says that it needs the network', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'report-'));
  const report = join(folder, 'report.json');
  const named = (fullName: string, status: string, ...failureMessages: string[]) => ({
    ...{ fullName, status, failureMessages },
  });
  const long = Array.from({ length: 20 }, (_, index) => `\u001B[31mline ${index + 1}\u001B[39m\n\n`).join('');
  const assertionResults = [
    named('adds', 'passed'),
    named('has a browser (needs chromium)', 'pending'),
    named('renders charts (needs the network: https://charts.example does not answer)', 'pending'),
    named('fails (needs the network: no)', 'failed', long, '    at x (/node_modules/jest/x.js:1)'),
    named('is to be written', 'todo'),
  ];
  const testResults = [{ name: join(process.cwd(), 'a.test.ts'), status: 'failed', message: '', assertionResults }];
  await writeFile(report, JSON.stringify({ testResults }));
  expect(await readJestReport(report)).toEqual({
    passed: 1,
    skipped: ['a.test.ts: renders charts (needs the network: https://charts.example does not answer)'],
    failures: [
      'a.test.ts: has a browser (needs chromium)\n    pending',
      [
        'a.test.ts: fails (needs the network: no)',
        ...Array.from({ length: 15 }, (_, index) => `    line ${index + 1}`),
      ].join('\n'),
      'a.test.ts: is to be written\n    todo',
    ],
  });
  await rm(folder, { recursive: true });
});
