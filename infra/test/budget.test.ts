import { expect, test } from '@jest/globals';
import { Budget } from '../constructs/alerting/budget.ts';
import { alone } from './support/terraform.ts';

test.each([
  [250, '250.0'],
  [149.5, '149.5'],
])('a budget of %d counts only its own environment, and alerts on the forecast before it is spent', (amount, limit) => {
  const budget = alone((scope) => {
    new Budget(scope, 'budget', {
      prefix: 'desafio-aws-dev',
      environment: 'dev',
      monthlyBudget: amount,
      topicArn: 'arn:aws:sns:us-east-1:123456789012:infrastructure',
    });
  }).one('aws_budgets_budget');
  expect(budget).toMatchObject({
    limit_amount: limit,
    time_unit: 'MONTHLY',
    cost_filter: [{ name: 'TagKeyValue', values: ['user:environment$dev'] }],
  });
  expect(budget.notification).toEqual([
    expect.objectContaining({ notification_type: 'FORECASTED', threshold: 80 }),
    expect.objectContaining({ notification_type: 'ACTUAL', threshold: 100 }),
  ]);
});
