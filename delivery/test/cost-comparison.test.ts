import { expect, test } from '@jest/globals';
import { monthlyCosts } from '../../infra/costs/estimate.ts';
import { compareCosts } from '../cost-comparison.ts';

const before = monthlyCosts();
const withDatabase = (more: number): typeof before => {
  const { parts, total } = before.dev;
  return {
    ...before,
    dev: { ...before.dev, parts: { ...parts, database: (parts.database ?? 0) + more }, total: total + more },
  };
};

test.each([
  ['rise', 5, '+US$ 5.00'],
  ['saving', -5, '−US$ 5.00'],
])('a %s is shown with its sign, for the part and in total', (_, more, difference) => {
  const { report, rise } = compareCosts(before, withDatabase(more), 'dev');
  expect(rise).toBe(more);
  for (const text of [report.pt, report.en]) {
    expect(text.split('\n').filter((line) => line.endsWith(`| ${difference} |`))).toHaveLength(2);
  }
});
