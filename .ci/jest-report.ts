import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export interface Outcome {
  passed: number;
  /** What failed, and why: one text for each. */
  failures: string[];
}

/** The fields of jest's JSON report that are read. */
interface JestReport {
  testResults: {
    name: string;
    status: string;
    /** Why the file failed. */
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

/** Lines of each failure that are repeated at the end. */
const shownLines = 15;

/** Reads jest's `--outputFile`. Every tool is installed, so that a skipped test counts as a failure. */
export async function readJestReport(file: string): Promise<Outcome> {
  const { testResults }: JestReport = JSON.parse(await readFile(file, 'utf8'));
  let passed = 0;
  const failures: string[] = [];
  for (const { name, status, message, assertionResults } of testResults) {
    const place = relative(process.cwd(), name);
    for (const test of assertionResults) {
      if (test.status === 'passed') passed += 1;
      else failures.push(failure(`${place}: ${test.fullName}`, test.failureMessages?.join('\n') || test.status));
    }
    // An error outside its tests, such as a failed import.
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
      failures.push(failure(place, message));
    }
  }
  return { passed, failures };
}

function failure(title: string, reason: string): string {
  const lines = stripVTControlCharacters(reason)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('/node_modules/'));
  return [title, ...lines.slice(0, shownLines).map((line) => `    ${line}`)].join('\n');
}
