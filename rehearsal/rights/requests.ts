import type { Change, Resource, Value, Values } from '../rules/index.ts';
import { text, texts } from '../rules/values.ts';
import { actions, actionsOf, dataActionsOf, readingActionsOf, sourceOf } from './actions.ts';
import { askedAsTheCaller, passedTo, serviceLinkedRoleArn, unnamed } from './as-the-caller.ts';
import { accountId, anyArn, type Target, tagsOf, targetsOf } from './targets.ts';

/** A request to AWS that needs a permission. */
export interface Request {
  /** ARN of the role that asks, if it is not the caller. */
  readonly as?: string;
  readonly action: string;
  /** ARN, or `*` for actions that are about no resource. */
  readonly resource: string;
  /** Keys that conditions can refer to. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** The policy of a KMS key. Without its consent, no policy of a role counts. */
  readonly resourcePolicy?: object;
  /** The document that says that the request is made. */
  readonly source: string;
}

/** The requests of a change, with those that AWS's services make in the caller's name. Undefined if they are not known. */
export function requestsOf(change: Change, world: readonly Resource[]): Request[] | undefined {
  const changing = actionsOf(change);
  if (changing === undefined) return undefined;
  const requests = requestsFor(changing, change, world);
  const { after } = change;
  if (change.action === 'delete' || !after) return requests;
  const services = change.action === 'create' ? asTheCaller(change, world) : [];
  return [...requests, ...services, ...(readingRequestsOf(change.type, { ...change.before, ...after }, world) ?? [])];
}

/** The requests to read a resource. Undefined if they are not known. */
export function readingRequestsOf(type: string, values: Values, world: readonly Resource[]): Request[] | undefined {
  const reading = readingActionsOf(type, values);
  return (
    reading && requestsFor(reading, { action: 'update', phase: 'apply', type, before: values, after: values }, world)
  );
}

/** The requests of a data source. Undefined if they are not known. */
export function dataRequestsOf(type: string, values: Values): Request[] | undefined {
  return dataActionsOf(type)?.map((action) => {
    const resource = type === 'aws_ssm_parameter' ? parameterArn(values) : resourceOf(action);
    return { action, resource, context: {}, source: sourceOf(type), ...consent(resource) };
  });
}

function requestsFor(names: readonly string[], change: Change, world: readonly Resource[]): Request[] {
  const targets = targetsOf(change, world);
  const source = sourceOf(change.type);
  return names.flatMap((action) =>
    targetsFor(action, change.type, targets).map((found) => {
      const target = typeof found === 'string' ? undefined : found;
      const resource = typeof found === 'string' ? found : found.arn;
      const context = contextOf(action, change, target, targets);
      return {
        action,
        resource,
        context,
        source,
        ...consent(resource, target),
      };
    }),
  );
}

/** The policy of a key, if it is one. */
const consent = (resource: string, key?: Target): Pick<Request, 'resourcePolicy'> =>
  resource.includes(':key/') ? { resourcePolicy: keyPolicy(key) } : {};

/** The targets that an action is about, or an invented ARN of the right kind. */
function targetsFor(action: string, type: string, targets: readonly Target[]): readonly (Target | string)[] {
  const kinds = actions.resources[action] ?? [];
  if (kinds.length === 0) return ['*'];
  const found = targets.filter((target) => target.kinds.some((kind) => kinds.includes(kind)));
  if (action === 'iam:PassRole') return found.filter(({ isOwn }) => !isOwn);
  const own = found.filter(({ isOwn }) => isOwn);
  if (own.length > 0 && /:(\w*Tag|Get|List|Describe)/.test(action)) return own;
  if (found.length > 0) return found;
  // What the change does not name belongs to a feature that it does not use.
  return unnamed[type]?.includes(action) ? [resourceOf(action)] : [];
}

function resourceOf(action: string): string {
  const [kind] = actions.resources[action] ?? [];
  return kind === undefined ? '*' : anyArn(actions.formats[kind] ?? '*');
}

/** Services with a condition key of their own for tags, such as `ec2:ResourceTag/environment`. */
const ownTagKeys = ['autoscaling', 'ec2', 'elasticloadbalancing'];

/** Actions that make the resource, which has no tags yet. */
const making = /:(Create|Run|Put|Request|Allocate|Add|Tag)/;

function contextOf(
  action: string,
  change: Change,
  target: Target | undefined,
  targets: readonly Target[],
): Request['context'] {
  const [service = ''] = action.split(':');
  const isNew = change.action === 'create' && target?.isOwn === true && making.test(action);
  const wanted = change.action !== 'delete' && (making.test(action) || /Tag/.test(action)) ? tagsOf(change.after) : [];
  const existing = target && !isNew ? tagsOf((target.isOwn && change.before) || target.values) : [];
  const created = targets.find(({ isOwn }) => isOwn);
  return {
    'aws:RequestedRegion': target?.arn.split(':')[3] || 'us-east-1',
    ...prefixed('aws:RequestTag/', wanted),
    ...(wanted.length > 0 && { 'aws:TagKeys': wanted.map(([key]) => key) }),
    ...prefixed('aws:ResourceTag/', existing),
    ...(ownTagKeys.includes(service) && prefixed(`${service}:ResourceTag/`, existing)),
    ...(action === 'ec2:CreateTags' && change.action === 'create' && created && createAction(change)),
    ...(service === 'iam' && target && ofRole(action, change, target)),
    ...(action === 'kms:CreateGrant' && { 'kms:GrantIsForAWSResource': 'true' }),
    ...(action === 'route53:ChangeResourceRecordSets' && ofRecord(change, targets)),
  };
}

function prefixed(prefix: string, tags: readonly [string, string][]): Record<string, string> {
  return Object.fromEntries(tags.map(([key, value]) => [prefix + key, value]));
}

function createAction(change: Change): Request['context'] {
  const creating = actionsOf(change)?.find((action) => /^ec2:(Allocate|Create(?!Tags)|Run)/.test(action));
  return creating === undefined ? {} : { 'ec2:CreateAction': creating.replace('ec2:', '') };
}

function ofRole(action: string, change: Change, { isOwn, type, values }: Target): Request['context'] {
  const boundary = text(
    isOwn && type === 'aws_iam_role' ? { ...values, ...change.after } : values,
    'permissions_boundary',
  );
  const policy = text(change.after ?? change.before, 'policy_arn');
  return {
    ...(boundary !== undefined && { 'iam:PermissionsBoundary': boundary }),
    ...(policy !== undefined && { 'iam:PolicyARN': policy }),
    ...(action === 'iam:PassRole' && { 'iam:PassedToService': passedTo[change.type] ?? trusted(values) }),
  };
}

/** The service that a role trusts. */
function trusted(role: Values): string {
  const policy: unknown = JSON.parse(text(role, 'assume_role_policy') ?? '{}');
  const [service = ''] = texts({ policy: policy as Value }, 'policy.Statement.Principal.Service');
  return typeof service === 'string' ? service : service.value;
}

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html */
function ofRecord({ action, after, before }: Change, targets: readonly Target[]): Request['context'] {
  const values = after ?? before;
  const given = text(values, 'name')?.toLowerCase().replace(/\.$/, '');
  const zone = text(targets.find(({ type }) => type === 'aws_route53_zone')?.values, 'name');
  // Terraform's provider completes a name with that of its zone.
  const isShort = zone !== undefined && given !== undefined && given !== zone && !given.endsWith(`.${zone}`);
  const name = isShort ? `${given}.${zone}` : given;
  return {
    ...(name !== undefined && { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': [name] }),
    'route53:ChangeResourceRecordSetsRecordTypes': texts(values, 'type').map(({ value }) => value),
    'route53:ChangeResourceRecordSetsActions': [{ create: 'CREATE', update: 'UPSERT', delete: 'DELETE' }[action]],
  };
}

/** By default, a key leaves it to the policies of roles. */
function keyPolicy(key: Target | undefined): object {
  const own = text(key?.values, 'policy');
  // Without one of its own, a rehearsal has invented it.
  if (own?.startsWith('{')) return JSON.parse(own);
  const principal = { AWS: `arn:aws:iam::${accountId}:root` };
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'kms:*', Resource: '*' }],
  };
}

function asTheCaller(change: Change, world: readonly Resource[]): Request[] {
  const passed = targetsOf(change, world).filter(({ isOwn, type }) => !isOwn && type === 'aws_iam_role');
  return (askedAsTheCaller[change.type] ?? [])
    .filter(({ when }) => when?.(change) ?? true)
    .flatMap(({ ofPassedRole = [], serviceLinkedRole, source }) => [
      ...(serviceLinkedRole?.actions ?? []).map((action) => ({
        action,
        resource: serviceLinkedRoleArn(serviceLinkedRole?.service ?? '', serviceLinkedRole?.name ?? ''),
        context: { 'iam:AWSServiceName': serviceLinkedRole?.service ?? '' },
        source,
      })),
      ...passed.flatMap(({ arn }) =>
        ofPassedRole.map((action) => ({ as: arn, action, resource: resourceOf(action), context: {}, source })),
      ),
    ]);
}

/** AWS's own parameters belong to no account. */
function parameterArn(values: Values): string {
  const parameter = text(values, 'name') ?? '/new';
  // The simulator refuses ARNs without an account: this stands for another one.
  const account = parameter.startsWith('/aws/service/') ? '210987654321' : accountId;
  return `arn:aws:ssm:us-east-1:${account}:parameter${parameter}`;
}
