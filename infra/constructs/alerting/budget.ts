import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget/index.js';
import { Construct } from 'constructs';
import type { EnvironmentName } from 'platform';
import type { CostChoices } from '../../environments/environment.ts';

export interface BudgetProps extends Pick<CostChoices, 'monthlyBudget'> {
  readonly prefix: string;
  readonly environment: EnvironmentName;
  /** Who is told: the topic must admit budgets.amazonaws.com. */
  readonly topicArn: string;
}

/**
 * Tells when a month will cost too much, and when it did. It counts what carries the environment's tag, which AWS does
 * only for tags switched on as cost allocation tags (Billing, by hand, a day after their first use); until then it reads 0.
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { environment, monthlyBudget, prefix, topicArn }: BudgetProps) {
    super(scope, id);
    const alert = (notificationType: 'ACTUAL' | 'FORECASTED', percent: number) => ({
      notificationType,
      comparisonOperator: 'GREATER_THAN',
      threshold: percent,
      thresholdType: 'PERCENTAGE',
      subscriberSnsTopicArns: [topicArn],
    });
    new BudgetsBudget(this, 'monthly', {
      name: `${prefix}-monthly`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      limitAmount: monthlyBudget.toFixed(1),
      limitUnit: 'USD',
      // One tag alone: several values of this filter are joined by "or".
      costFilter: [{ name: 'TagKeyValue', values: [`user:environment$${environment}`] }],
      notification: [alert('FORECASTED', 80), alert('ACTUAL', 100)],
    });
  }
}
