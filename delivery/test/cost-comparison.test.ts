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

test('less than a cent is no saving, as where the same parts are summed up in another order', () => {
  const [one, other] = [0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1];
  expect(other).toBeLessThan(one);
  const { parts } = before.dev;
  const estimate = (total: number, more: number): typeof before => ({
    ...before,
    dev: { ...before.dev, total, parts: { ...parts, database: more, wayOut: -more } },
  });
  const { report, rise } = compareCosts(estimate(one, 1), estimate(other, 2), 'dev');
  expect(Math.abs(rise ?? Number.NaN)).toBe(0);
  expect(report.en).toContain('| **Total** | US$ 0.60 | US$ 0.60 | +US$ 0.00 |');
});
