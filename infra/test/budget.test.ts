import { expect, test } from '@jest/globals';
import { Budget } from '../constructs/alerting/budget.ts';
import { alone } from './support/terraform.ts';

test('a budget counts only its own environment, and alerts on the forecast before it is spent', () => {
  const budget = alone((scope) => {
    new Budget(scope, 'budget', {
      prefix: 'desafio-aws-dev',
      environment: 'dev',
      monthlyBudget: 250,
      topicArn: 'arn:aws:sns:us-east-1:123456789012:infrastructure',
    });
  }).one('aws_budgets_budget');
  expect(budget).toMatchObject({
    limit_amount: '250.0',
    time_unit: 'MONTHLY',
    cost_filter: [{ name: 'TagKeyValue', values: ['user:environment$dev'] }],
  });
  expect(budget.notification).toEqual([
    expect.objectContaining({ notification_type: 'FORECASTED', threshold: 80 }),
    expect.objectContaining({ notification_type: 'ACTUAL', threshold: 100 }),
  ]);
});
