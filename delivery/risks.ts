import { changesOf, isGone, type Plan, type Planned } from './planned-changes.ts';
import { reportTexts } from './report-texts.ts';

const text = reportTexts.plan;

/** The label that accepts a risky change. */
export const acceptedRisk = 'risk-accepted';

/** A change that somebody has to accept in person. */
export interface Risk {
  readonly address: string;
  readonly policy: keyof typeof text.policies;
}

type Attributes = Readonly<Record<string, unknown>>;

/** @returns whether the change breaks the policy. Attributes are empty before a creation and after a deletion. */
type Policy = (change: Planned, before: Attributes, after: Attributes) => boolean;

/** Resources whose content cannot be recreated. Their names are those of the texts about what is lost. */
export const holdsData = (type: string): type is keyof typeof text.lost => type in text.lost;

const policies: Readonly<Record<Risk['policy'], Policy>> = {
  dataLost: ({ kind, type }) => isGone(kind) && holdsData(type),
  databasePublic: ({ type }, before, after) =>
    type === 'aws_db_instance' && after.publicly_accessible === true && before.publicly_accessible !== true,
  groupOpen: ({ type }, before, after) =>
    isGroup(type) && openings(type, after).some((opening) => !openings(type, before).includes(opening)),
  protectionOff: ({ kind }, before, after) =>
    (kind === 'update' || kind === 'replace') && protections.some((isOff) => isOff(before, after)),
  rightsWidened: widens,
};

/**
 * The policies that a plan breaks, in the order of its changes. They have to be accepted by a label. The rights of a
 * new environment are no risk: there is nothing yet that they could reach. What a plan leaves as it is, is there.
 */
export function risksOf(plan: Plan): Risk[] {
  const isNew = (plan.resource_changes ?? []).every(({ change }) => ['create', 'read'].includes(change.actions.join()));
  return changesOf(plan).flatMap((change) => {
    const [before, after] = [attributes(change.before), attributes(change.after)];
    return (Object.keys(policies) as Risk['policy'][])
      .filter((policy) => !(isNew && policy === 'rightsWidened') && policies[policy](change, before, after))
      .map((policy) => ({ address: change.address, policy }));
  });
}

function attributes(value: unknown): Attributes {
  return typeof value === 'object' && value !== null ? (value as Attributes) : {};
}

/** Groups that hold their rules. The default one lets nobody in as long as it has none. */
const wholeGroups = ['aws_security_group', 'aws_default_security_group'];

function isGroup(type: string): boolean {
  return [...wholeGroups, 'aws_security_group_rule', 'aws_vpc_security_group_ingress_rule'].includes(type);
}

/** What a group lets in from every address: protocol and ports. */
function openings(type: string, values: Attributes): string[] {
  if (type === 'aws_security_group_rule' && values.type !== 'ingress') return [];
  const rules = wholeGroups.includes(type) ? ((values.ingress ?? []) as readonly Attributes[]) : [values];
  return rules
    .filter((rule) =>
      [rule.cidr_ipv4, rule.cidr_ipv6, ...list(rule.cidr_blocks), ...list(rule.ipv6_cidr_blocks)].some(
        (range) => range === '0.0.0.0/0' || range === '::/0',
      ),
    )
    .map((rule) => JSON.stringify([rule.ip_protocol ?? rule.protocol, rule.from_port, rule.to_port]));
}

/** Attributes that keep data, and whether a change turns them off. */
const protections: readonly ((before: Attributes, after: Attributes) => boolean)[] = [
  ...[
    'deletion_protection',
    'enable_deletion_protection',
    'multi_az',
    'block_public_acls',
    'block_public_policy',
    'ignore_public_acls',
    'restrict_public_buckets',
  ].map((name) => (before: Attributes, after: Attributes) => before[name] === true && after[name] !== true),
  ...['skip_final_snapshot', 'force_destroy', 'delete_automated_backups'].map(
    (name) => (before: Attributes, after: Attributes) => before[name] !== true && after[name] === true,
  ),
  (before, after) => Number(after.backup_retention_period ?? 0) < Number(before.backup_retention_period ?? 0),
  (before, after) => versioning(before) === 'Enabled' && versioning(after) !== 'Enabled',
];

function versioning({ versioning_configuration }: Attributes): unknown {
  return (versioning_configuration as readonly { status?: unknown }[] | undefined)?.[0]?.status;
}

const administrators = /(AdministratorAccess|PowerUserAccess|IAMFullAccess|ClusterAdminPolicy)$/;

function widens({ differences, kind, type }: Planned, before: Attributes, after: Attributes): boolean {
  if (kind === 'delete' || kind === 'forget') return false;
  if (administrators.test(String(after.policy_arn)) && after.policy_arn !== before.policy_arn) return true;
  if (!type.startsWith('aws_iam_')) return false;
  // All but a few actions are as good as all.
  if (kind === 'create') return grants(after).some((grant) => /^\["(\*|iam:\*|all but [^"]*)",/.test(grant));
  if (differences.some(({ kind, path }) => kind === 'unknown' && /^(assume_role_)?policy$/.test(path))) return true;
  if (before.permissions_boundary && after.permissions_boundary !== before.permissions_boundary) return true;
  const had = new Set(grants(before));
  const denies = new Set(statements(after, 'Deny').map((statement) => JSON.stringify(statement)));
  return (
    grants(after).some((grant) => !had.has(grant)) ||
    statements(before, 'Deny').some((statement) => !denies.has(JSON.stringify(statement)))
  );
}

interface Statement {
  readonly Effect: string;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly [key: string]: unknown;
}

/** Each action and resource that a policy allows, with the principals and conditions for which it does. */
function grants(values: Attributes): string[] {
  return statements(values, 'Allow').flatMap(({ Action, NotAction, Resource = '', Sid, ...scope }) =>
    [...list(Action), ...list(NotAction).map((action) => `all but ${action}`)].flatMap((action) =>
      list(Resource).map((resource) => JSON.stringify([action, resource, scope])),
    ),
  );
}

function statements(values: Attributes, effect: string): Statement[] {
  return [values.policy, values.assume_role_policy]
    .flatMap((document) => {
      if (typeof document !== 'string') return [];
      const { Statement } = JSON.parse(document) as { Statement: Statement | readonly Statement[] };
      return list(Statement) as Statement[];
    })
    .filter(({ Effect }) => Effect === effect);
}

function list(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : [value].flat();
}
