import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget/index.js';
import { Construct } from 'constructs';
import type { EnvironmentName } from 'platform';
import type { CostChoices } from '../../environments/environment.ts';

export interface BudgetProps extends Pick<CostChoices, 'monthlyBudget'> {
  readonly prefix: string;
  readonly environment: EnvironmentName;
  /** Topic to notify. Its policy must allow budgets.amazonaws.com to publish. */
  readonly topicArn: string;
}

/**
 * Notifies when the month's forecast or actual cost is too high. It counts resources with the environment's tag. That
 * tag must be activated as a cost allocation tag (in Billing, by hand, a day after first use); until then it shows 0.
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
      // Only one tag: AWS joins several values of this filter with OR.
      costFilter: [{ name: 'TagKeyValue', values: [`user:environment$${environment}`] }],
      notification: [alert('FORECASTED', 80), alert('ACTUAL', 100)],
    });
  }
}
