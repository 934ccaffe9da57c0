import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export interface Counts {
  passed: number;
  failed: number;
}

export interface Report extends Counts {
  /** One text for each failed or skipped test and each file that could not run: what it is, and why. */
  failures: string[];
}

/** The fields of jest's JSON report that are read. */
interface JestReport {
  testResults: {
    name: string;
    status: string;
    /** Why the file could not run. */
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

/** Lines of each failure that are repeated at the end. */
const shownLines = 15;

/** Reads jest's `--outputFile`. Every tool is installed, so that a skipped test counts as a failure. */
export async function readJestReport(file: string): Promise<Report> {
  const { testResults }: JestReport = JSON.parse(await readFile(file, 'utf8'));
  let passed = 0;
  const failures: string[] = [];
  for (const { name, status, message, assertionResults } of testResults) {
    const place = relative(process.cwd(), name);
    for (const test of assertionResults) {
      if (test.status === 'passed') passed += 1;
      else failures.push(failure(`${place}: ${test.fullName}`, test.failureMessages?.join('\n') || test.status));
    }
    // Not even its tests are known, for example because an import failed.
    if (status === 'failed' && assertionResults.length === 0) failures.push(failure(place, message));
  }
  return { passed, failed: failures.length, failures };
}

function failure(title: string, reason: string): string {
  const lines = stripVTControlCharacters(reason)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('/node_modules/'));
  return [title, ...lines.slice(0, shownLines).map((line) => `    ${line}`)].join('\n');
}
