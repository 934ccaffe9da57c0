import type { Values } from '../change.ts';
import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { eks } from '../sources.ts';
import { blocks, number, text, texts } from '../values.ts';
import { find } from '../world.ts';
import { minor } from './clusters.ts';

const code = 'InvalidParameterException';

/** The minimum is at most the desired size, which is at most the maximum. */
const sizes = valueRule({
  id: 'node-group-sizes',
  types: ['aws_eks_node_group'],
  source: `${eks('NodegroupScalingConfig')} and https://github.com/hashicorp/terraform-provider-aws/issues/18310`,
  check: (after) =>
    blocks(after, 'scaling_config').flatMap(({ path, value }): Problem[] => {
      const [minimum, wanted, maximum] = ['min_size', 'desired_size', 'max_size'].map((name) => number(value, name));
      if (minimum === undefined || wanted === undefined || maximum === undefined) return [];
      const at = (name: string, message: string) => ({ code, message, path: `${path}.${name}` });
      if (minimum > maximum) {
        return [at('min_size', `Minimum capacity ${minimum} can't be greater than maximum capacity ${maximum}`)];
      }
      if (minimum > wanted) {
        return [at('min_size', `Minimum capacity ${minimum} can't be greater than desired size ${wanted}`)];
      }
      return wanted > maximum
        ? [at('max_size', `desired capacity ${wanted} can't be greater than max size ${maximum}`)]
        : [];
    }),
});

/** At most 100 nodes can be unavailable during an update, given as a number or a percentage, not both. */
const updates = valueRule({
  id: 'node-group-update',
  types: ['aws_eks_node_group'],
  source: eks('NodegroupUpdateConfig'),
  check: (after) =>
    blocks(after, 'update_config').flatMap(({ path, value }) => {
      const nodes = number(value, 'max_unavailable') ?? 0;
      if (nodes > 100) {
        return [{ code, message: 'maxUnavailable can be at most 100', path: `${path}.max_unavailable` }];
      }
      const both = nodes > 0 && (number(value, 'max_unavailable_percentage') ?? 0) > 0;
      return both ? [{ code, message: 'maxUnavailable and maxUnavailablePercentage exclude each other', path }] : [];
    }),
});

/** Names have at most 63 characters. Terraform appends 26 to a prefix. */
const names = valueRule({
  id: 'node-group-name',
  types: ['aws_eks_node_group'],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/create-managed-node-group.html',
  check: (after) =>
    [...texts(after, 'node_group_name'), ...texts(after, 'node_group_name_prefix')].flatMap(({ path, value }) => {
      const most = path === 'node_group_name' ? 63 : 63 - 26;
      const isWrong = value.length > most || !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(value);
      const message = `The nodegroup name must begin with a letter or digit, and have letters, digits, hyphens and underscores, at most ${most}`;
      return isWrong ? [{ code, message, path }] : [];
    }),
});

/** Graviton families have a `g` after the generation: t4g, m7gd, c6gn. */
const isArm = (type: string): boolean => /^[a-z]+\d+g[a-z]*\./.test(type) || type.startsWith('a1.');

/** The AMI and the instance types have the same architecture. */
const architecture = valueRule({
  id: 'node-group-architecture',
  types: ['aws_eks_node_group'],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/eks-optimized-ami.html',
  check: (after) => {
    const image = text(after, 'ami_type');
    if (image === undefined || !/ARM_64|x86_64/.test(image)) return [];
    const wrong = texts(after, 'instance_types').filter(({ value }) => isArm(value) !== image.includes('ARM_64'));
    return wrong.map(({ path, value }) => ({
      code,
      message: `[${value}] is not a valid instance type for requested amiType ${image}`,
      path,
    }));
  },
});

/** A node group has at most 20 instance types. */
const instanceTypes = valueRule({
  id: 'node-group-instance-types',
  types: ['aws_eks_node_group'],
  source: eks('CreateNodegroup'),
  check: (after) => {
    const count = Array.isArray(after.instance_types) ? after.instance_types.length : 0;
    return count > 20 ? [{ code, message: 'instanceTypes can have at most 20 elements', path: 'instance_types' }] : [];
  },
});

/** With a launch template, disk size and SSH access belong in the template. */
const launchTemplate = valueRule({
  id: 'node-group-launch-template',
  types: ['aws_eks_node_group'],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html',
  check: (after) => {
    if (blocks(after, 'launch_template').length === 0) return [];
    return [
      ...(number(after, 'disk_size') === undefined
        ? []
        : [{ code, message: 'Disk size must be specified within the launch template.', path: 'disk_size' }]),
      ...(blocks(after, 'remote_access').length === 0
        ? []
        : [
            {
              code,
              message: 'Remote access configuration cannot be specified with a launch template.',
              path: 'remote_access',
            },
          ]),
    ];
  },
});

/** A new node group has the Kubernetes version of its cluster, and one that is upgraded goes after it. */
const version = valueRule({
  id: 'node-group-version',
  types: ['aws_eks_node_group'],
  source: `${eks('CreateNodegroup')} and https://docs.aws.amazon.com/eks/latest/userguide/update-managed-node-group.html`,
  check: (after, world, { action, before, phase }) => {
    const [wanted, name] = [text(after, 'version'), text(after, 'cluster_name')];
    const cluster = name === undefined ? undefined : find(world, 'aws_eks_cluster', 'name', name);
    const existing = text(cluster, 'version');
    if (wanted === undefined || existing === undefined) return [];
    // A plan may upgrade both.
    const isUpgraded = action === 'update' && phase === 'apply' && wanted !== text(before, 'version');
    const isWrong = isUpgraded
      ? Number(minor(wanted)) > Number(minor(existing))
      : action === 'create' && wanted !== existing;
    if (!isWrong) return [];
    const message = `Nodegroup Kubernetes version should be equal to Cluster kubernetes version ${existing}`;
    return [{ code, message, path: 'version' }];
  },
});

/** The root volume is at least as large as the snapshot of Amazon Linux's AMI: 20 GiB. */
const disk = valueRule({
  id: 'node-group-disk',
  types: ['aws_eks_node_group'],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html',
  check: (after, world) => {
    const template = find(world, 'aws_launch_template', 'id', text(after, 'launch_template.id') ?? '');
    if (!text(after, 'ami_type')?.startsWith('AL2')) return [];
    return blocks(template, 'block_device_mappings')
      .filter(({ value }) => text(value, 'device_name') === '/dev/xvda')
      .flatMap(({ value }) => number(value, 'ebs.volume_size') ?? [])
      .filter((size) => size < 20)
      .map((size) => ({
        code: 'InvalidRequestException',
        message: `Volume of size ${size}GB is smaller than snapshot, expect size >= 20GB`,
        path: 'launch_template',
      }));
  },
});

export const nodeGroupRules: readonly Rule[] = [
  sizes,
  updates,
  names,
  architecture,
  instanceTypes,
  launchTemplate,
  disk,
  version,
];

/** Checks the sizes of a scheduled action. -1 leaves a size unchanged. */
export function sizesInDisorder(values: Values): Problem[] {
  const [minimum, wanted, maximum] = ['min_size', 'desired_capacity', 'max_size'].map((name) => {
    const size = number(values, name);
    return size === -1 ? undefined : size;
  });
  const problem = (message: string, path: string) => [{ code: 'ValidationError', message, path }];
  if ((minimum ?? 0) > (maximum ?? Infinity)) {
    return problem(`Min size ${minimum} cannot be greater than max size ${maximum}`, 'min_size');
  }
  if ((wanted ?? Infinity) < (minimum ?? 0) || (wanted ?? 0) > (maximum ?? Infinity)) {
    const message = `Desired capacity:${wanted} must be between the specified min size:${minimum} and max size:${maximum}`;
    return problem(message, 'desired_capacity');
  }
  return [];
}
