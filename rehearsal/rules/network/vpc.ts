import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { ec2 } from '../sources.ts';
import { text, texts } from '../values.ts';
import { find, others } from '../world.ts';
import { type Block, contains, overlap, parseBlock } from './address.ts';

/** A VPC is between /16 and /28. */
const vpcBlock = valueRule({
  id: 'vpc-block',
  types: ['aws_vpc'],
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html',
  check: (after) => wrongSize(after.cidr_block, 'InvalidVpc.Range'),
});

/** A subnet is between /16 and /28. */
const subnetBlock = valueRule({
  id: 'subnet-block',
  types: ['aws_subnet'],
  source: ec2('CreateSubnet'),
  check: (after) => wrongSize(after.cidr_block, 'InvalidSubnet.Range'),
});

/** A subnet is inside its VPC and does not overlap another. */
const subnetPlace = valueRule({
  id: 'subnet-place',
  types: ['aws_subnet'],
  source: ec2('CreateSubnet'),
  check: (after, world, change) => {
    const vpcId = text(after, 'vpc_id');
    const cidr = text(after, 'cidr_block') ?? '';
    const block = parseBlock(cidr);
    if (vpcId === undefined || !block) return [];
    const vpc = parseBlock(text(find(world, 'aws_vpc', 'id', vpcId), 'cidr_block') ?? '');
    if (vpc && !contains(vpc, block)) return [range(cidr, 'InvalidSubnet.Range')];
    const taken = others(world, 'aws_subnet', change).some(
      (other) => other.vpc_id === vpcId && overlaps(block, text(other, 'cidr_block')),
    );
    const message = `The CIDR '${cidr}' conflicts with another subnet`;
    return taken ? [{ code: 'InvalidSubnet.Conflict', message, path: 'cidr_block' }] : [];
  },
});

/** A route table has one route per destination. */
const routeOnce = valueRule({
  id: 'route-once',
  types: ['aws_route'],
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#RouteAlreadyExists',
  check: (after, world, change) => {
    const [table, cidr] = [text(after, 'route_table_id'), text(after, 'destination_cidr_block')];
    if (change.action !== 'create' || table === undefined || cidr === undefined) return [];
    const taken = others(world, 'aws_route', change).some(
      (route) => route.route_table_id === table && route.destination_cidr_block === cidr,
    );
    const message = `The route identified by ${cidr} already exists.`;
    return taken ? [{ code: 'RouteAlreadyExists', message, path: 'destination_cidr_block' }] : [];
  },
});

/** A subnet has one route table. */
const associatedOnce = valueRule({
  id: 'route-table-association-once',
  types: ['aws_route_table_association'],
  source: ec2('AssociateRouteTable'),
  check: (after, world, change) => {
    const [subnet] = texts(after, 'subnet_id');
    if (change.action !== 'create' || !subnet) return [];
    const taken = others(world, 'aws_route_table_association', change).some((one) => one.subnet_id === subnet.value);
    const message = `the specified association for route table ${text(after, 'route_table_id')} conflicts with an existing association`;
    return taken ? [{ code: 'Resource.AlreadyAssociated', message, path: 'subnet_id' }] : [];
  },
});

export const vpcRules: readonly Rule[] = [vpcBlock, subnetBlock, subnetPlace, routeOnce, associatedOnce];

function wrongSize(cidr: unknown, code: string): Problem[] {
  const block = typeof cidr === 'string' ? parseBlock(cidr) : undefined;
  return block && (block.prefix < 16 || block.prefix > 28) ? [range(String(cidr), code)] : [];
}

const range = (cidr: string, code: string): Problem => ({
  code,
  message: `The CIDR '${cidr}' is invalid.`,
  path: 'cidr_block',
});

function overlaps(block: Block, cidr: string | undefined): boolean {
  const other = parseBlock(cidr ?? '');
  return other !== undefined && overlap(block, other);
}
