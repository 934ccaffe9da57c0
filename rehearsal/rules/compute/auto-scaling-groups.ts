import type { Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { blocks, number, text, texts } from '../values.ts';
import { find } from '../world.ts';

const source = 'https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html';

/**
 * A group whose launch template names an existing network interface names a zone instead of subnets. Only one instance
 * at a time can have the interface.
 */
const fixedInterface = valueRule({
  id: 'auto-scaling-group-interface',
  types: ['aws_autoscaling_group'],
  source,
  check: (after, world) => {
    const template = find(world, 'aws_launch_template', 'id', text(after, 'launch_template.id') ?? '');
    const isFixed = blocks(template, 'network_interfaces').some(({ value }) => text(value, 'network_interface_id'));
    if (!isFixed) return [];
    const problem = (path: string, message: string) => [{ code: 'ValidationError', message, path }];
    return [
      ...(texts(after, 'vpc_zone_identifier').length > 0
        ? problem('vpc_zone_identifier', 'Give the zone, not the subnet: the network interface is in one already')
        : []),
      ...((number(after, 'max_size') ?? 1) > 1
        ? problem('max_size', 'Only one instance at a time can have the network interface of the launch template')
        : []),
    ];
  },
});

/** In a launch template that names an existing interface, security groups belong to the interface. */
const securityGroups = valueRule({
  id: 'launch-template-security-groups',
  types: ['aws_launch_template'],
  source: 'https://github.com/hashicorp/terraform-provider-aws/issues/4570',
  check: (after) =>
    blocks(after, 'network_interfaces').length > 0 && texts(after, 'vpc_security_group_ids').length > 0
      ? [
          {
            code: 'ValidationError',
            message: 'When a network interface is provided, the security groups must be a part of it.',
            path: 'vpc_security_group_ids',
          },
        ]
      : [],
});

export const autoScalingRules: readonly Rule[] = [fixedInterface, securityGroups];
