import { Refused } from 'command-line';
import { environmentTag, names, project, tagsOf } from 'platform';
import { texts } from '../../command-texts.ts';
import { describe } from '../instances.ts';
import { drillTag, endMark, isOver, type Tag, tagOf } from '../marks.ts';
import type { Aws } from '../programs.ts';
import { waitFor } from '../steps.ts';
import { nodesIn } from './cluster.ts';
import { endOfDrill, type Fault, type Place } from './fault.ts';
import { hold } from './hold.ts';

const text = texts.faults.zone;

interface Subnet {
  readonly SubnetId: string;
  readonly VpcId: string;
  readonly AvailabilityZone: string;
}

interface Acl {
  readonly NetworkAclId: string;
  readonly Associations: readonly { readonly NetworkAclAssociationId: string; readonly SubnetId: string }[];
  readonly Tags?: readonly Tag[];
}

/** Seconds without the zone. Kubernetes gives up the pods of a lost node after five to six minutes, and a new node takes four. */
const away = 600;

/**
 * Everything of ours in one zone goes: its subnets get a network access list without rules, which lets nothing through
 * (https://docs.aws.amazon.com/vpc/latest/userguide/create-network-acl.html). What is there runs on, unreachable, as if the
 * zone had lost its network: nodes, SigNoz, NAT, the database, addresses of the load balancer. No other node can start there.
 */
export const zoneLost: Fault = {
  async prepare(place) {
    const { aws, environment } = place;
    const [nodes, subnets, database] = await Promise.all([
      nodesIn(place),
      subnetsOf(place),
      describe(aws, names(environment.name).database),
    ]);
    const zones = [...new Set(subnets.map(({ AvailabilityZone }) => AvailabilityZone))].sort();
    const nodesOf = (zone: string) => nodes.filter((node) => node.zone === zone);
    const hasDatabase = (zone: string) => database?.AvailabilityZone === zone;
    // What is there only once cannot survive. SigNoz's node is in the first zone, and so is a NAT of which there is one.
    const single = (zone: string) =>
      Number(hasDatabase(zone)) + Number(nodesOf(zone).some(({ kind }) => kind === 'storage'));
    const [best] = zones
      .filter((zone) => nodesOf(zone).some(({ kind }) => kind !== 'storage'))
      .toSorted((a, b) => single(a) - single(b));
    const zone = place.zone ?? best;
    const lost = subnets.filter(({ AvailabilityZone }) => AvailabilityZone === zone);
    const [first] = lost;
    if (zone === undefined || !first) throw new Refused(text.noZone(place.zone ?? '', zones));
    const original = await associations(aws, lost);
    return {
      target: zone,
      tells: text.tells(zone, away / 60, lost.length, nodesOf(zone).length, hasDatabase(zone)),
      async play({ signal }) {
        const tags = {
          ...tagsOf(environment.name, place.owner),
          [drillTag]: 'zone',
          [endMark]: endOfDrill(),
          // By which it is undone.
          ...Object.fromEntries(original.map(({ acl, subnet }) => [subnet, acl])),
        };
        const specification = {
          ResourceType: 'network-acl',
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        };
        const created = (await aws(
          ...['ec2', 'create-network-acl', '--vpc-id', first.VpcId],
          ...['--tag-specifications', JSON.stringify([specification])],
        )) as { readonly NetworkAcl: Acl };
        const id = created.NetworkAcl.NetworkAclId;
        // Nothing is changed before EC2 finds the list by its tags, or it might not be undone.
        const isFound = async () =>
          (await drillAcls(place)).some(({ NetworkAclId }) => NetworkAclId === id) || undefined;
        await waitFor(texts.drill.steps.play, isFound, { every: 2_000, times: 60, signal }).catch(async (error) => {
          await aws('ec2', 'delete-network-acl', '--network-acl-id', id);
          throw error;
        });
        for (const { association } of original) await replace(aws, association, id);
        await hold(away, signal);
      },
    };
  },

  async left(place) {
    return (await drillAcls(place)).map(({ Associations, NetworkAclId, Tags = [] }) => {
      return {
        what: NetworkAclId,
        isOver: isOver(tagOf(Tags, endMark)),
        async undo() {
          for (const { NetworkAclAssociationId, SubnetId } of Associations) {
            const original = tagOf(Tags, SubnetId);
            if (original !== undefined) await replace(place.aws, NetworkAclAssociationId, original);
          }
          // EC2 refuses to delete one that a subnet still has.
          await place.aws('ec2', 'delete-network-acl', '--network-acl-id', NetworkAclId);
        },
      };
    });
  },
};

async function subnetsOf({ aws, environment }: Place): Promise<readonly Subnet[]> {
  const answer = await aws('ec2', 'describe-subnets', '--filters', ...filters(environment.name));
  return (answer as { readonly Subnets: readonly Subnet[] }).Subnets;
}

async function drillAcls({ aws, environment }: Place): Promise<readonly Acl[]> {
  const ofDrill = `Name=tag:${drillTag},Values=zone`;
  return aclsWith(aws, ...filters(environment.name), ofDrill);
}

const filters = (environment: string) => [
  `Name=tag:project,Values=${project}`,
  `Name=tag:${environmentTag},Values=${environment}`,
];

async function aclsWith(aws: Aws, ...wanted: readonly string[]): Promise<readonly Acl[]> {
  const answer = await aws('ec2', 'describe-network-acls', '--filters', ...wanted);
  return (answer as { readonly NetworkAcls: readonly Acl[] }).NetworkAcls;
}

/** The access lists that the subnets have now. Those of our networks are the default of their VPC. */
async function associations(aws: Aws, subnets: readonly Subnet[]) {
  const ids = subnets.map(({ SubnetId }) => SubnetId);
  const acls = await aclsWith(aws, `Name=association.subnet-id,Values=${ids.join(',')}`);
  return acls.flatMap(({ Associations, NetworkAclId: acl }) =>
    Associations.filter(({ SubnetId }) => ids.includes(SubnetId)).map(({ NetworkAclAssociationId, SubnetId }) => ({
      acl,
      association: NetworkAclAssociationId,
      subnet: SubnetId,
    })),
  );
}

async function replace(aws: Aws, association: string, acl: string): Promise<void> {
  await aws(
    ...['ec2', 'replace-network-acl-association'],
    ...['--association-id', association, '--network-acl-id', acl],
  );
}
