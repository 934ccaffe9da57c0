import { readFile } from 'node:fs/promises';

export interface Counts {
  passed: number;
  failed: number;
}

/** What of jest's JSON report is counted. */
interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}

/** Counts tests from the file that jest's `--outputFile` wrote. A skipped test has failed: every tool is here. */
export async function readJestReport(file: string): Promise<Counts> {
  const report: JestReport = JSON.parse(await readFile(file, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numPendingTests + report.numTodoTests + report.numRuntimeErrorTestSuites,
  };
}
