import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { elb } from '../sources.ts';
import { blocks, number, text, texts } from '../values.ts';

/** Names have at most 32 letters, digits and hyphens, with no hyphen at either end. The schemas lack this. */
const names = valueRule({
  id: 'load-balancer-name',
  types: ['aws_lb', 'aws_lb_target_group'],
  source: `${elb('CreateLoadBalancer')} and ${elb('CreateTargetGroup')}`,
  check: (after, _, { type }) =>
    texts(after, 'name').flatMap(({ value }) => {
      const kind = type === 'aws_lb' ? 'load balancer' : 'target group';
      const wrong = wrongName(value, kind);
      return wrong === undefined ? [] : [{ code: 'ValidationError', message: wrong, path: 'name' }];
    }),
});

/** The idle timeout is 1 to 4000 seconds, the deregistration delay 0 to 3600. */
const timeouts = valueRule({
  id: 'load-balancer-timeouts',
  types: ['aws_lb', 'aws_lb_target_group'],
  source:
    'https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html and https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html',
  check: (after) => [
    ...outside(after, 'idle_timeout', 1, 4000, 'idle_timeout.timeout_seconds'),
    ...outside(after, 'deregistration_delay', 0, 3600, 'deregistration_delay.timeout_seconds'),
  ],
});

/** The health check interval is greater than the timeout. */
const healthChecks = valueRule({
  id: 'health-check-timeout',
  types: ['aws_lb_target_group'],
  source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html',
  check: (after) =>
    blocks(after, 'health_check').flatMap(({ path, value }) => {
      const [interval, timeout] = [number(value, 'interval'), number(value, 'timeout')];
      if (interval === undefined || timeout === undefined || timeout < interval) return [];
      const message = 'Health check interval must be greater than the timeout.';
      return [{ code: 'ValidationError', message, path: `${path}.timeout` }];
    }),
});

/** HTTPS listeners need a certificate, and HTTP listeners take none. */
const certificates = valueRule({
  id: 'listener-certificate',
  types: ['aws_lb_listener'],
  source: elb('CreateListener'),
  check: (after) => {
    const protocol = text(after, 'protocol');
    const isGiven = after.certificate_arn !== undefined && after.certificate_arn !== null;
    if (protocol === 'HTTPS' && !isGiven) {
      return [{ code: 'ValidationError', message: 'A certificate must be specified for HTTPS listeners' }];
    }
    const message = 'A certificate cannot be specified for HTTP listeners';
    return protocol === 'HTTP' && isGiven ? [{ code: 'ValidationError', message, path: 'certificate_arn' }] : [];
  },
});

/** A rule has at most five condition values of at most 128 characters. */
const conditions = valueRule({
  id: 'listener-rule-conditions',
  types: ['aws_lb_listener_rule'],
  source: `${elb('RuleCondition')} and https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html`,
  check: (after) => {
    const fields = ['path_pattern', 'host_header'].flatMap((name) => texts(after, `condition.${name}.values`));
    const long = fields.filter(({ value }) => value.length > 128);
    const message = 'A condition value cannot be longer than 128 characters';
    return [
      ...long.map(({ path }) => ({ code: 'ValidationError', message, path })),
      ...(fields.length > 5
        ? [{ code: 'ValidationError', message: 'A rule can only have 5 condition values', path: 'condition' }]
        : []),
    ];
  },
});

export const loadBalancingRules: readonly Rule[] = [names, timeouts, healthChecks, certificates, conditions];

function wrongName(name: string, kind: string): string | undefined {
  const what = `The ${kind} name '${name}'`;
  if (name.length > 32) return `${what} cannot be longer than '32' characters`;
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    return `${what} can only contain characters that are alphanumeric characters and hyphens(-)`;
  }
  if (name.startsWith('-') || name.endsWith('-')) return `${what} cannot begin or end with a hyphen(-)`;
  return kind === 'load balancer' && name.startsWith('internal-') ? `${what} cannot begin with 'internal-'` : undefined;
}

function outside(
  after: Parameters<typeof number>[0],
  path: string,
  least: number,
  most: number,
  attribute: string,
): Problem[] {
  const value = number(after, path);
  if (value === undefined || (value >= least && value <= most)) return [];
  const message = `'${attribute}' must be between '${least}' and '${most}', but '${value}' was specified`;
  return [{ code: 'ValidationError', message, path }];
}
