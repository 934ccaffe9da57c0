import type { Values } from '../change.ts';
import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { ec2 } from '../sources.ts';
import { blocks, number, numbers, text } from '../values.ts';

/** Minimum and maximum size in GiB, by volume type. */
const sizes: Readonly<Record<string, readonly [number, number]>> = {
  gp2: [1, 16_384],
  gp3: [1, 65_536],
  io1: [4, 16_384],
  io2: [4, 65_536],
  st1: [125, 16_384],
  sc1: [125, 16_384],
  standard: [1, 1024],
};
const types = ['aws_launch_template', 'aws_instance'];
const blocksOf: Readonly<Record<string, string>> = {
  aws_launch_template: 'block_device_mappings.ebs',
  aws_instance: 'root_block_device',
};

/** The volume size is within the limits of its type. */
const size = valueRule({
  id: 'volume-size',
  types,
  source: ec2('CreateVolume'),
  check: (after, _, { type }) =>
    volumes(after, type).flatMap(({ path, value }) => {
      const kind = text(value, 'volume_type') ?? 'gp2';
      const [least, most] = sizes[kind] ?? [0, Infinity];
      const wanted = number(value, 'volume_size');
      if (wanted === undefined || (wanted >= least && wanted <= most)) return [];
      const message = `Volume of ${wanted}GiB is invalid for volume type ${kind}; must be between ${least} and ${most}GiB`;
      return [{ code: 'InvalidParameterValue', message, path: `${path}.volume_size` }];
    }),
});

/** gp3 has 3,000 to 80,000 IOPS, at most 500 per GiB, and 125 to 2,000 MiB/s, at most 0.25 per IOPS. */
const gp3 = valueRule({
  id: 'volume-gp3',
  types,
  source: `${ec2('CreateVolume')} and https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html`,
  check: (after, _, { type }) =>
    volumes(after, type).flatMap(({ path, value }): Problem[] => {
      if (text(value, 'volume_type') !== 'gp3') return [];
      const iops = number(value, 'iops') ?? 3000;
      const throughput = number(value, 'throughput') ?? 125;
      const gib = number(value, 'volume_size');
      const problem = (name: string, message: string, code = 'InvalidParameterValue') => [
        { code, message, path: `${path}.${name}` },
      ];
      if (iops < 3000 || iops > 80_000) {
        return problem('iops', `Volume iops of ${iops} is invalid; must be between 3000 and 80000`);
      }
      // The baseline of 3,000 IOPS does not depend on the size.
      if (gib !== undefined && iops > Math.max(3000, 500 * gib)) {
        return problem(
          'iops',
          `Iops to volume size ratio of ${iops / gib} is too high; maximum is 500`,
          'InvalidParameterCombination',
        );
      }
      if (throughput < 125 || throughput > 2000) {
        return problem('throughput', `Throughput of ${throughput} MiB/s is invalid; must be between 125 and 2000`);
      }
      return throughput > iops / 4
        ? problem(
            'throughput',
            `Throughput (MiBps) to iops ratio of ${throughput / iops} is too high; maximum is 0.25`,
            'InvalidParameterCombination',
          )
        : [];
    }),
});

/** The hop limit of the metadata service is 1 to 64. */
const hops = valueRule({
  id: 'metadata-hop-limit',
  types,
  source: ec2('InstanceMetadataOptionsRequest'),
  check: (after) =>
    numbers(after, 'metadata_options.http_put_response_hop_limit')
      .filter(({ value }) => value < 1 || value > 64)
      .map(({ path, value }) => ({
        code: 'InvalidParameterValue',
        message: `The HttpPutResponseHopLimit ${value} is not valid. Specify a value between 1 and 64`,
        path,
      })),
});

/** Launch template names have 3 to 128 characters. */
const templateNames = valueRule({
  id: 'launch-template-name',
  types: ['aws_launch_template'],
  source: ec2('CreateLaunchTemplate'),
  check: (after) => {
    const name = text(after, 'name');
    const message =
      'A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _';
    return name === undefined || /^[a-zA-Z0-9().\-/_]{3,128}$/.test(name)
      ? []
      : [{ code: 'InvalidLaunchTemplateName.MalformedException', message, path: 'name' }];
  },
});

/** User data has at most 16 KiB before it is encoded. */
const userData = valueRule({
  id: 'user-data-size',
  types: ['aws_instance', 'aws_launch_template'],
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html',
  check: (after, _, { type }) => {
    const given = text(after, 'user_data') ?? '';
    const size = Buffer.byteLength(type === 'aws_launch_template' ? Buffer.from(given, 'base64') : given);
    const message = `User data is limited to 16384 bytes`;
    return size > 16_384 ? [{ code: 'InvalidParameterValue', message, path: 'user_data' }] : [];
  },
});

export const volumeRules: readonly Rule[] = [size, gp3, hops, templateNames, userData];

const volumes = (after: Values, type: string) => blocks(after, blocksOf[type] ?? '');
