import { readFile } from 'node:fs/promises';

export interface Counts {
  passed: number;
  failed: number;
}

/** The fields of jest's JSON report that are counted. */
interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}

/** Counts the tests in jest's `--outputFile`. Every tool is installed, so that a skipped test counts as a failure. */
export async function readJestReport(file: string): Promise<Counts> {
  const report: JestReport = JSON.parse(await readFile(file, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numPendingTests + report.numTodoTests + report.numRuntimeErrorTestSuites,
  };
}
