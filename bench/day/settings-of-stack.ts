import { applications } from 'platform/applications';
import type { Synthesised } from '../../infra/test/support/synthesised.ts';
import type { Group, LoadBalancerSettings } from './load-balancer.ts';

/** The load balancer that Terraform creates: its health checks and delays. @param lag see there */
export function settingsOf(stack: Synthesised, lag: number): LoadBalancerSettings {
  const groups = applications.map(({ name, path }): Group => {
    const group = stack.one('aws_lb_target_group', name);
    const {
      healthy_threshold: healthy,
      interval,
      path: healthPath,
      timeout,
      unhealthy_threshold: unhealthy,
    } = group.health_check;
    return {
      path,
      healthPath,
      check: { interval: interval * 1000, timeout: timeout * 1000, healthy, unhealthy },
      deregistrationDelay: Number(group.deregistration_delay) * 1000,
    };
  });
  // Without it in the stack, the load balancer's own default would be 60 s.
  return { groups, lag, idleTimeout: stack.one('aws_lb').idle_timeout * 1000 };
}
