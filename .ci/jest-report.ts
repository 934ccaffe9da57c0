import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export interface Outcome {
  passed: number;
  /** Tests that were allowed to be skipped, and why. */
  skipped: string[];
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

/** How the name of a test ends that was skipped because this machine cannot reach a server. */
const needsNetwork = /\(needs the network: .+\)$/;

/**
 * Reads jest's `--outputFile`. Every tool is installed, so that a skipped test counts as a failure. The only exception are
 * tests that need a server which no package registry is, because nobody promises a network that reaches it. They are named.
 */
export async function readJestReport(file: string): Promise<Outcome> {
  const { testResults }: JestReport = JSON.parse(await readFile(file, 'utf8'));
  let passed = 0;
  const skipped: string[] = [];
  const failures: string[] = [];
  for (const { name, status, message, assertionResults } of testResults) {
    const place = relative(process.cwd(), name);
    for (const test of assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'pending' && needsNetwork.test(test.fullName)) {
        skipped.push(`${place}: ${test.fullName}`);
      } else failures.push(failure(`${place}: ${test.fullName}`, test.failureMessages?.join('\n') || test.status));
    }
    // An error outside its tests, such as a failed import.
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
      failures.push(failure(place, message));
    }
  }
  return { passed, skipped, failures };
}

function failure(title: string, reason: string): string {
  const lines = stripVTControlCharacters(reason)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('/node_modules/'));
  return [title, ...lines.slice(0, shownLines).map((line) => `    ${line}`)].join('\n');
}
