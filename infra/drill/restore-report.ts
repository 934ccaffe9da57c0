/** A restore drill's report for people. */
import { duration } from 'command-line';
import { texts } from '../command-texts.ts';
import type { Report } from './restore-drill.ts';

const text = texts.drill;

/** Whether it passed, and why not. */
export function summaryOf({ comparisons, environment, passed, problem, restoredTo, steps }: Report): string {
  const total = duration(steps.reduce((sum, { seconds }) => sum + seconds, 0));
  if (problem !== undefined) return text.failed(environment, problem);
  const differences = comparisons.flatMap(({ differences }) => differences);
  if (!passed) return text.differs(environment, restoredTo, differences);
  const rows = comparisons.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.rows, 0);
  return text.passed(environment, restoredTo, rows, total);
}
