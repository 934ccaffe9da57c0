import type { reportTexts } from './report-texts.ts';

/** What a resource belongs to, in words for people who do not read Terraform. */
export type Area = keyof typeof reportTexts.plan.areas;

/** The first pattern that matches a type decides. */
const areas: readonly (readonly [RegExp, Area])[] = [
  [/^aws_(iam|eks_access|eks_pod_identity|lambda_permission|ecr_repository_policy)/, 'permissions'],
  [/^aws_db_/, 'database'],
  [/^aws_(secretsmanager|kms|lambda)/, 'secrets'],
  [/^aws_(cloudfront|wafv2|acm)/, 'edge'],
  [/^aws_lb/, 'loadBalancer'],
  [/^aws_(cloudwatch_(metric_alarm|composite_alarm|dashboard|event)|sns|budgets|route53_health_check|ce_)/, 'alarms'],
  [/^aws_(cloudwatch_log|cloudwatch_query|s3|flow_log|athena|glue)/, 'logs'],
  [/^aws_route53/, 'addresses'],
  [/^aws_ecr/, 'images'],
  [/^aws_(eks|launch_template|autoscaling|scheduler|sqs)/, 'cluster'],
  [/^(helm|kubernetes)_/, 'inCluster'],
  [/^aws_(vpc|subnet|route|nat|internet|egress|security_group|default_|eip|network|ec2_|instance)/, 'network'],
];

export function areaOf(type: string): Area {
  return areas.find(([pattern]) => pattern.test(type))?.[1] ?? 'others';
}
