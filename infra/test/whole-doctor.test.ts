/**
 * All that the doctor asks, and all that it finds, in two accounts: in one everything is wrong, in the other nothing is,
 * beside much that only looks so. AWS answers only what is asked exactly. After a change that is meant,
 * `pnpm test infra/test/whole-doctor -u` writes the snapshots again: read their diff like the code's.
 */
import dns from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as all from '../environments/all.ts';
import type { Environment } from '../environments/environment.ts';
import * as prerequisites from '../prerequisites.ts';

/** Fixed, so that a raised version changes no snapshot. Taken from each environment is only what no check reads. */
const environments: Record<'dev' | 'prd', Environment> = {
  dev: {
    ...all.environments.dev,
    network: { ...all.environments.dev.network, nat: 'instance' },
    cluster: {
      ...all.environments.dev.cluster,
      version: '1.36',
      nodeRelease: '1.36.1-20260714',
      addons: {
        'vpc-cni': 'v1.2.3-eksbuild.1',
        'kube-proxy': 'v1.36.0-eksbuild.2',
        coredns: 'v1.1.3-eksbuild.3',
        'eks-pod-identity-agent': 'v1.3.1-eksbuild.4',
        'aws-ebs-csi-driver': 'v1.6.0-eksbuild.5',
      },
      architecture: 'x86_64',
      nodes: {
        instanceTypes: ['t3.medium', 't3.small', 'm7i-flex.large'],
        minimum: 2,
        desired: 3,
        maximum: 4,
        diskSize: 20,
      },
      storageNodes: { instanceTypes: ['t3.large', 't3.medium'], minimum: 1, desired: 2, maximum: 2, diskSize: 20 },
      storageCapacity: 'on-demand',
      sleepsAtNight: false,
    },
    database: { ...all.environments.dev.database, backupDays: 3 },
  },
  prd: {
    ...all.environments.prd,
    network: { ...all.environments.prd.network, nat: 'per-zone' },
    cluster: {
      ...all.environments.prd.cluster,
      version: '1.35',
      nodeRelease: '1.35.9-20260630',
      addons: {
        'vpc-cni': 'v1.2.1-eksbuild.1',
        'kube-proxy': 'v1.35.0-eksbuild.2',
        coredns: 'v1.1.1-eksbuild.3',
        'eks-pod-identity-agent': 'v1.3.0-eksbuild.4',
        'aws-ebs-csi-driver': 'v1.5.0-eksbuild.5',
      },
      architecture: 'arm64',
      nodes: { instanceTypes: ['t4g.micro'], minimum: 1, desired: 2, maximum: 6, diskSize: 20 },
      baseNodes: { instanceTypes: ['c6g.large'], minimum: 2, desired: 3, maximum: 4, diskSize: 20 },
      storageNodes: { instanceTypes: ['m6g.large'], minimum: 1, desired: 1, maximum: 2, diskSize: 20 },
      storageCapacity: 'spot',
      sleepsAtNight: false,
    },
    database: { ...all.environments.prd.database, backupDays: 14 },
  },
};

const account = '123456789012';
const assumed = (role: string) => `arn:aws:sts::${account}:assumed-role/${role}/somebody`;
let caller: string;
/** What AWS answers to each question, which begins with the region. Undefined is no answer. */
let answers: Record<string, unknown>;
let bucket: 'exists' | '(404)' | '(403)';
let engine: string[];
const asked: string[] = [];
jest.unstable_mockModule('../environments/all.ts', () => ({ ...all, environments }));
jest.unstable_mockModule('../prerequisites.ts', () => ({
  ...prerequisites,
  callerIdentity: () => ({ Account: caller.split(':')[4], Arn: caller }),
  hasAws: () => true,
  missingEngine: () => engine,
}));
jest.unstable_mockModule('../doctor/aws.ts', () => ({
  askIn:
    (region: string) =>
    async (...args: readonly string[]) => {
      const question = `${region}: ${args.join(' ')}`;
      asked.push(question);
      return structuredClone(answers[question]);
    },
  aws: async (...args: readonly string[]) => {
    asked.push(args.join(' '));
    if (bucket === 'exists') return;
    // As Node has it, with the whole call first.
    const said = `An error occurred ${bucket} when calling the HeadBucket operation`;
    throw new Error(`Command failed: aws ${args.join(' ')}\n${said}`);
  },
}));
const { doctor } = await import('../commands/doctor.ts');
expect.addSnapshotSerializer({ test: () => true, serialize: (value) => String(value) });

const said: string[] = [];
const before = { ...process.env };
let nameServers: string[];
let isOffline: boolean;
beforeEach(() => {
  isOffline = false;
  [said.length, asked.length] = [0, 0];
  bucket = 'exists';
  engine = [];
  nameServers = ['ns1.registrar.example', 'NS-1.awsdns-1.com'];
  for (const name of Object.keys(process.env)) if (name.startsWith('INFRA_')) delete process.env[name];
  jest.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
  jest.spyOn(dns, 'resolveNs').mockImplementation(async (zone) => {
    asked.push(`DNS: ${zone}`);
    return nameServers;
  });
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (address, options) => {
    asked.push(`fetch ${address} ${options?.signal ? 'for a limited time' : ''}`);
    if (isOffline) throw new TypeError('fetch failed');
    return new Response('203.0.113.9\n');
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

const names = ['dev', 'prd'] as const;
const connection = (id: string) => `arn:aws:codeconnections:sa-east-1:${account}:connection/${id}`;
const connections = {
  dev: connection('11111111-2222-3333-4444-555555555555'),
  prd: connection('99999999-2222-3333-4444-555555555555'),
};
const provider = (host: string) => `arn:aws:iam::${account}:oidc-provider/${host}`;
const github = 'token.actions.githubusercontent.com';
const own = ['ns-1.awsdns-1.com', 'NS-2.awsdns-2.co.uk.'];
/** Tags of something of ours, and of what is not. */
const tags = (environment: string) => [
  { Key: 'project', Value: 'desafio-aws' },
  { Key: 'environment', Value: environment },
  { Key: 'Name', Value: 'nat' },
];
const tagsOfOthers = [
  { Key: 'owner', Value: 'prd' },
  { Key: 'project', Value: 'desafio-aws' },
  { Key: 'environment', Value: 'staging' },
];
const tagsOfAnotherApplication = [
  { Key: 'project', Value: 'other' },
  { Key: 'environment', Value: 'prd' },
];
const settings = {
  INFRA_ACCOUNT_ID: account,
  INFRA_REGION: 'sa-east-1',
  INFRA_STATE_BUCKET: 'own-state',
  INFRA_IMAGE_REGISTRY: 'ecr',
  INFRA_CLUSTER_ADMINS: `arn:aws:iam::${account}:role/path/Administrator`,
  INFRA_CLUSTER_API_CIDRS: '{"dev": ["198.51.100.0/24", "203.0.113.8/31"], "prd": ["203.0.113.0/24"]}',
  INFRA_GITHUB: JSON.stringify({ repository: 'owner/name', createProvider: false, connections }),
  INFRA_DOMAIN: '{"zone": "example.org", "createZone": false, "subdomains": {"dev": "dev", "prd": "app"}}',
  INFRA_ALERTS: '{"api": ["api@example.org"], "site": ["site@example.org"], "infrastructure": ["infra@example.org"]}',
};
const here = (question: string) => `sa-east-1: ${question}`;
const inBilling = (question: string) => `us-east-1: ${question}`;
const topic = (region: string, topic: string) =>
  `${region}: sns list-subscriptions-by-topic --topic-arn arn:aws:sns:${region}:${account}:desafio-aws-${topic}`;
const group = (name: string, kind: string) =>
  here(`eks describe-nodegroup --cluster-name desafio-aws-${name} --nodegroup-name desafio-aws-${name}-${kind}`);
const quota = (code: string) => here(`service-quotas get-service-quota --service-code ec2 --quota-code ${code}`);
const addon = (version: string, name: string) =>
  here(
    `eks describe-addon-versions --kubernetes-version ${version} --addon-name ${name} --query addons[].addonVersions[].addonVersion`,
  );
const release = (version: string, architecture: string) =>
  here(
    `ssm get-parameter --name /aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/standard/recommended/release_version`,
  );
const logGroup = (name: string) => `/aws/eks/desafio-aws-${name}/cluster`;
const logGroupArn = (name: string) => `arn:aws:logs:sa-east-1:${account}:log-group:${name}`;
/** As CloudWatch describes one. That of EKS has no retention, and is empty for its first hours. */
const describedLogGroup = (logGroupName: string) => ({
  ...{ logGroupName, creationTime: 1_767_225_600_000, metricFilterCount: 0, storedBytes: 0 },
  ...{ arn: `${logGroupArn(logGroupName)}:*`, logGroupClass: 'STANDARD', logGroupArn: logGroupArn(logGroupName) },
});
const tagsOf = (name: string) => here(`logs list-tags-for-resource --resource-arn ${logGroupArn(logGroup(name))}`);
const logGroups = (name: string) => here(`logs describe-log-groups --log-group-name-prefix ${logGroup(name)}`);
const workspace = (name: string) => here(`s3api head-object --bucket own-state --key env:/${name}/desafio-aws.tfstate`);
const sizes = (minSize: number, maxSize: number, desiredSize: number) => ({
  nodegroup: { scalingConfig: { minSize, maxSize, desiredSize } },
});
const pending = (...addresses: string[]) => ({
  Subscriptions: addresses.map((Endpoint) => ({ Endpoint, SubscriptionArn: 'PendingConfirmation' })),
});
const zones = here('route53 list-hosted-zones-by-name --dns-name example.org');
const publicZone = { Id: '/hostedzone/Z1', Name: 'example.org.', Config: { PrivateZone: false } };
const providers = here('iam list-open-id-connect-providers');
const adopted = here(`iam get-open-id-connect-provider --open-id-connect-provider-arn ${provider(github)}`);
const billingTags = inBilling('ce list-cost-allocation-tags --tag-keys environment Name application');
const plan = inBilling('freetier get-account-plan-state');
const distributions = here('cloudfront list-distributions --no-paginate');
const addresses = here('ec2 describe-addresses');
const versions = here('eks describe-cluster-versions');
const connectionOf = (name: 'dev' | 'prd') =>
  here(`codeconnections get-connection --connection-arn ${connections[name]}`);
const cluster = (name: string) => here(`eks describe-cluster --name desafio-aws-${name}`);
const nodeGroups = (name: string) => here(`eks list-nodegroups --cluster-name desafio-aws-${name}`);
const role = here('iam get-role --role-name Developer --query Role.Arn');

/** An account in which each check finds something, of both environments where it is about them. */
const wrong = (): Record<string, unknown> => ({
  [role]: `arn:aws:iam::${account}:role/people/Developer`,
  [providers]: { OpenIDConnectProviderList: [{ Arn: provider(`gitlab.${github}`) }, { Arn: provider(github) }] },
  [adopted]: { ClientIDList: ['https://github.com/owner'] },
  [zones]: { HostedZones: [publicZone] },
  [here('route53 get-hosted-zone --id /hostedzone/Z1')]: { DelegationSet: { NameServers: own } },
  [connectionOf('dev')]: { Connection: { ConnectionStatus: 'PENDING' } },
  [connectionOf('prd')]: { Connection: { ConnectionStatus: 'ERROR' } },
  [quota('L-34B43A08')]: { Quota: { Value: 29 } },
  [quota('L-1216C47A')]: { Quota: { Value: 17 } },
  [quota('L-0263D0A3')]: { Quota: { Value: 6 } },
  [addresses]: {
    Addresses: [{}, ...[tagsOfOthers, tagsOfAnotherApplication, tags('dev'), tags('prd')].map((Tags) => ({ Tags }))],
  },
  [plan]: { accountPlanType: 'FREE' },
  [versions]: {
    clusterVersions: [
      { clusterVersion: '1.39', versionStatus: 'STANDARD_SUPPORT' },
      { clusterVersion: '1.38', versionStatus: 'STANDARD_SUPPORT' },
      { clusterVersion: '1.36', versionStatus: 'EXTENDED_SUPPORT' },
      { clusterVersion: '1.35', versionStatus: 'UNSUPPORTED' },
    ],
  },
  [cluster('dev')]: { cluster: { version: '1.34' } },
  [cluster('prd')]: { cluster: { version: '1.36' } },
  [addon('1.36', 'vpc-cni')]: ['v1.3.0-eksbuild.1', 'v1.2.3-eksbuild.2'],
  [addon('1.35', 'kube-proxy')]: ['v1.35.1-eksbuild.1'],
  [addon('1.35', 'aws-ebs-csi-driver')]: [],
  [release('1.36', 'x86_64')]: { Parameter: { Value: '1.36.9-20260901' } },
  [release('1.35', 'arm64')]: { Parameter: { Value: '1.35.9-20260815' } },
  [nodeGroups('dev')]: {
    nodegroups: ['spot-1', 'storage-1', 'spotless-1', 'desafio-aws-dev-spot-1'].map(
      (kind) => `desafio-aws-dev-${kind}`,
    ),
  },
  [group('dev', 'spot-1')]: sizes(1, 9, 9),
  [group('dev', 'storage-1')]: sizes(0, 1, 0),
  // Of others, with names that begin or end like those of ours.
  [group('dev', 'spotless-1')]: sizes(7, 8, 7),
  [group('dev', 'desafio-aws-dev-spot-1')]: sizes(7, 8, 7),
  [nodeGroups('prd')]: { nodegroups: ['desafio-aws-prd-base-1', 'desafio-aws-prd-spot-1', 'desafio-aws-prd-spot-2'] },
  [group('prd', 'base-1')]: sizes(2, 5, 5),
  [group('prd', 'spot-1')]: sizes(0, 6, 0),
  [group('prd', 'spot-2')]: sizes(1, 8, 7),
  ...Object.fromEntries(
    names.flatMap((name) => [
      [logGroups(name), { logGroups: [describedLogGroup(logGroup(name))] }],
      [tagsOf(name), { tags: {} }],
    ]),
  ),
  // As an organisation gives it to all that it finds.
  [tagsOf('prd')]: { tags: { owner: 'prd' } },
  [distributions]: { DistributionList: { Quantity: 0 } },
  [billingTags]: {
    CostAllocationTags: [
      { TagKey: 'Name', Status: 'Inactive' },
      { TagKey: 'application', Status: 'Active' },
    ],
  },
  [topic('sa-east-1', 'dev-api')]: pending('api@example.org'),
  [topic('us-east-1', 'dev-site')]: pending('site@example.org'),
  [topic('sa-east-1', 'prd-infrastructure')]: {
    Subscriptions: [
      { Endpoint: 'confirmed@example.org', SubscriptionArn: `arn:aws:sns:sa-east-1:${account}:a:b` },
      ...pending('api@example.org', 'infra@example.org').Subscriptions,
      { Endpoint: 'gone@example.org', SubscriptionArn: 'Deleted' },
    ],
  },
  [topic('us-east-1', 'prd-api')]: pending('second@example.org'),
});

/** An account in which nothing is missing, with things of others, and things that are right although they look odd. */
const right = (): Record<string, unknown> => ({
  ...wrong(),
  ...Object.fromEntries(names.map((name) => [workspace(name), { ContentLength: 1 }])),
  [adopted]: { ClientIDList: ['https://github.com/owner', 'sts.amazonaws.com'] },
  [providers]: {
    OpenIDConnectProviderList: [{ Arn: provider(`${github}/other`) }, { Arn: provider(github) }],
  },
  [zones]: {
    HostedZones: [
      { ...publicZone, Id: '/hostedzone/Z0', Config: { PrivateZone: true } },
      publicZone,
      { ...publicZone, Id: '/hostedzone/Z2', Name: 'example.org.br.' },
      { ...publicZone, Id: '/hostedzone/Z3', Name: 'app.example.org.' },
    ],
  },
  [connectionOf('dev')]: { Connection: { ConnectionStatus: 'AVAILABLE' } },
  [connectionOf('prd')]: { Connection: { ConnectionStatus: 'AVAILABLE' } },
  [quota('L-34B43A08')]: { Quota: { Value: 30 } },
  [quota('L-1216C47A')]: { Quota: { Value: 18 } },
  [quota('L-0263D0A3')]: { Quota: { Value: 7 } },
  [plan]: { accountPlanType: 'PAID' },
  [versions]: {
    clusterVersions: ['1.37', '1.36', '1.35'].map((clusterVersion) => ({
      clusterVersion,
      versionStatus: 'STANDARD_SUPPORT',
    })),
  },
  [cluster('dev')]: { cluster: { version: '1.35' } },
  [cluster('prd')]: { cluster: { version: '1.35' } },
  [addon('1.36', 'vpc-cni')]: ['v1.3.0-eksbuild.1', 'v1.2.3-eksbuild.1'],
  [addon('1.35', 'kube-proxy')]: ['v1.35.0-eksbuild.2'],
  [addon('1.35', 'aws-ebs-csi-driver')]: ['v1.5.0-eksbuild.5', 'v1.4.0-eksbuild.1'],
  [release('1.36', 'x86_64')]: { Parameter: { Value: '1.36.9-20260828' } },
  [release('1.35', 'arm64')]: { Parameter: { Value: '1.35.9-20260814' } },
  [group('dev', 'spot-1')]: sizes(1, 9, 2),
  [group('dev', 'storage-1')]: sizes(0, 1, 1),
  [group('prd', 'base-1')]: sizes(2, 4, 9),
  [group('prd', 'spot-1')]: sizes(0, 6, 1),
  [group('prd', 'spot-2')]: sizes(1, 8, 6),
  [logGroups('dev')]: {
    logGroups: [describedLogGroup(`${logGroup('dev')}-old`)],
  },
  [here(`logs list-tags-for-resource --resource-arn ${logGroupArn(`${logGroup('dev')}-old`)}`)]: { tags: {} },
  [tagsOf('prd')]: { tags: { environment: 'prd' } },
  [distributions]: { DistributionList: { Quantity: 1 } },
  [billingTags]: {
    CostAllocationTags: ['application', 'Name', 'environment'].map((TagKey) => ({ TagKey, Status: 'Active' })),
  },
  ...Object.fromEntries(
    ['sa-east-1', 'us-east-1'].flatMap((region) =>
      names.map((name) => [
        topic(region, `${name}-api`),
        { Subscriptions: [{ Endpoint: 'api@example.org', SubscriptionArn: `arn:aws:sns:${region}:${account}:a:b` }] },
      ]),
    ),
  ),
  [topic('us-east-1', 'dev-site')]: { Subscriptions: [] },
  [topic('sa-east-1', 'prd-infrastructure')]: undefined,
});

/** What the doctor finds, each as one line with its mark, in English. */
async function examine(more: Record<string, string> = {}, ...given: Parameters<typeof doctor>) {
  Object.assign(process.env, settings, more);
  [said.length, asked.length] = [0, 0];
  const code = await doctor(...given);
  const found = said.filter((line) => /^[✗!]/.test(line)).map((line) => line.replace(/ .+\n {2}/, ' ').trim());
  return { code, found, output: said.join('\n'), questions: asked.toSorted() };
}
const shown = ({ code, output, questions }: Awaited<ReturnType<typeof examine>>) =>
  [...questions, '', output.replaceAll(/^([✗!]) .+\n {2}/gm, '$1 '), `exit code ${code}`].join('\n');

beforeEach(() => {
  caller = assumed('Developer');
});

/** What may be wrong in the settings, too. */
const otherSettings = {
  INFRA_ACCOUNT_ID: '210987654321',
  INFRA_CLUSTER_API_CIDRS: '{"dev": ["198.51.100.0/24", "203.0.113.10/31"], "prd": ["203.0.113.8/32"]}',
};

test('where everything is wrong, all of it is found, by these questions', async () => {
  answers = wrong();
  expect(shown(await examine(otherSettings))).toMatchSnapshot();
});

test('a second region that is not in use changes nothing', async () => {
  answers = wrong();
  const without = shown(await examine(otherSettings));
  // The topics of CloudFront's alarms are there in any case.
  expect(shown(await examine({ ...otherSettings, INFRA_SECOND_REGION: 'us-east-1' }))).toBe(without);
});

const isRight = () => {
  answers = right();
  caller = assumed('Administrator');
  nameServers = [own[1] ?? '', 'NS-1.AWSDNS-1.COM.'];
};

test('where nothing is wrong, nothing is found, whatever else is in the account', async () => {
  isRight();
  const { code, found, output, questions } = await examine();
  expect([code, found, output]).toEqual([0, [], expect.stringContaining('Nothing is missing.')]);
  // Only the role's ARN, which nobody has to add, and the tags of log groups that are not ours, or not there.
  const unasked = [role, tagsOf('dev'), Object.keys(answers).find((question) => question.endsWith('cluster-old'))];
  expect(Object.keys(answers).filter((question) => !questions.includes(question))).toEqual(
    expect.arrayContaining(unasked),
  );
  expect(Object.keys(answers).filter((question) => !questions.includes(question))).toHaveLength(3);
});

describe('before the bootstrap', () => {
  const actions = [
    ...['s3:CreateBucket', 's3:PutObject', 'iam:CreateRole', 'iam:CreatePolicy', 'iam:AttachRolePolicy'],
    ...['iam:CreateOpenIDConnectProvider', 'ecr:CreateRepository', 'route53:CreateHostedZone'],
  ];
  const simulation = here(
    `iam simulate-principal-policy --policy-source-arn arn:aws:iam::${account}:role/people/Developer --action-names ${actions.join(' ')}`,
  );
  const creating = {
    INFRA_GITHUB: '{"repository": "owner/name", "createProvider": true}',
    INFRA_DOMAIN: '{"zone": "example.org", "createZone": true, "subdomains": {"dev": "dev", "prd": "app"}}',
  };
  const decisions = (decide: (index: number) => string) => ({
    EvaluationResults: actions.map((EvalActionName, index) => ({ EvalActionName, EvalDecision: decide(index) })),
  });
  beforeEach(() => {
    bucket = '(404)';
    answers = {
      [role]: wrong()[role],
      [providers]: wrong()[providers],
      [adopted]: {
        Tags: [
          { Key: 'project', Value: 'other' },
          { Key: 'owner', Value: 'desafio-aws' },
        ],
      },
      [zones]: wrong()[zones],
      [simulation]: decisions((index) => (index % 2 === 0 ? 'allowed' : 'implicitDeny')),
      [quota('L-34B43A08')]: { Quota: { Value: 29 } },
    };
  });

  test.each([undefined, 'deployment'] as const)('what is in its way is found (%s)', async (stage) => {
    expect(shown(await examine(creating, undefined, stage))).toMatchSnapshot();
  });

  test('of two accounts, only that of prd needs the rights to keep images', async () => {
    const { INFRA_ACCOUNT_ID: _, ...shared } = settings;
    const of = async (name: 'dev' | 'prd') => {
      Object.assign(process.env, shared, creating);
      process.env.INFRA_ACCOUNTS = JSON.stringify({ dev: '111122223333', prd: account });
      process.env.INFRA_CLUSTER_ADMINS = `arn:aws:iam::${account}:role/A,arn:aws:iam::111122223333:role/A`;
      asked.length = 0;
      await doctor(name);
      const [, actions = ''] = /--action-names (.+)/.exec(asked.join('\n')) ?? [];
      return actions.split(' ');
    };
    expect(await of('prd')).toEqual(actions);
    expect(await of('dev')).toEqual(actions.filter((action) => action !== 'ecr:CreateRepository'));
  });

  test('of a user, and of a role that IAM does not show, the rights are asked by what is known of them', async () => {
    const askedOf = async (arn: string) => {
      caller = arn;
      delete answers[role];
      const { questions } = await examine(creating);
      return questions.flatMap((question) => /--policy-source-arn (\S+)/.exec(question)?.slice(1) ?? []);
    };
    const user = `arn:aws:iam::${account}:user/people/ana`;
    expect(await askedOf(user)).toEqual([user]);
    expect(await askedOf(assumed('Developer'))).toEqual([`arn:aws:iam::${account}:role/Developer`]);
  });

  test('what is not there yet is not missed, and what a failed one left is known', async () => {
    caller = assumed('Administrator');
    answers = {
      [providers]: wrong()[providers],
      [adopted]: {
        Tags: [
          { Key: 'owner', Value: 'other' },
          { Key: 'project', Value: 'desafio-aws' },
        ],
      },
      [zones]: { HostedZones: [{ ...publicZone, Config: { PrivateZone: true } }] },
      [simulation.replace('people/Developer', 'Administrator')]: decisions(() => 'allowed'),
    };
    const { code, found, output } = await examine(creating);
    expect([code, found]).toEqual([
      0,
      ['! The state bucket, own-state, does not exist or cannot be read: run pnpm infra bootstrap first.'],
    ]);
    expect(output).toContain('Nothing is missing for the bootstrap.');
    expect(asked).toContain(simulation.replace('people/Developer', 'Administrator'));
  });

  test('a provider and a zone that are to be created are not missed before the bootstrap, and right after it', async () => {
    caller = assumed('Administrator');
    answers = { [providers]: { OpenIDConnectProviderList: [{ Arn: provider('gitlab.example') }] }, [zones]: {} };
    expect((await examine(creating)).code).toBe(0);
    isRight();
    bucket = 'exists';
    answers[adopted] = { ClientIDList: [] };
    expect((await examine(creating)).found).toEqual([]);
    answers[providers] = { OpenIDConnectProviderList: [{ Arn: provider('gitlab.example') }] };
    expect((await examine()).found).toEqual([expect.stringContaining('✗ The account has no GitHub OIDC provider: ')]);
  });

  test('only what the bootstrap needs is in its way, whatever else is wrong: the rest is for the deployment', async () => {
    const example = JSON.parse(readFileSync(join(import.meta.dirname, '../settings.example.json'), 'utf8'));
    const given = { ...otherSettings, INFRA_ALERTS: '{}', INFRA_OWNER: example.owner };
    const marks = async (state: typeof bucket, arn: string) => {
      answers = wrong();
      [bucket, engine, caller] = [state, ['O Terraform falta.\nTerraform is missing.'], arn];
      const { found } = await examine(given);
      return new Map(found.map((finding) => [finding.slice(2, 60), finding[0]]));
    };
    const people = assumed('Developer');
    const [early, late] = [await marks('(404)', people), await marks('exists', people)];
    const inItsWay = [...early].filter(([, mark]) => mark === '✗').map(([finding]) => finding);
    expect(inItsWay).toEqual([
      'Terraform is missing.',
      expect.stringMatching(/^infra\/settings\.json still has values of the example/),
      expect.stringMatching(/^The credentials belong to account/),
      expect.stringMatching(/^The GitHub OIDC provider does not accept tokens/),
    ]);
    // Nothing of it is left out. There is no bucket that could have workspaces.
    const later = [...late.keys()].filter((finding) => !finding.startsWith('The workspace'));
    expect(later.length).toBeGreaterThan(25);
    expect([...early.keys()]).toEqual(expect.arrayContaining(later));
    const root = await marks('(404)', `arn:aws:iam::${account}:root`);
    expect([...root]).toContainEqual([expect.stringContaining('root user'), '✗']);
  });

  test('a bucket that cannot be read is in the way of everything', async () => {
    bucket = '(403)';
    const { code, found } = await examine({ ...creating, INFRA_STATE_BUCKET: 'own-404' });
    expect(code).toBe(1);
    expect(found[0]).toContain('✗ The state bucket, own-404, belongs to another account or cannot be read');
  });
});

test('on the free plan, only what it does not allow is named', async () => {
  const { cluster, database } = environments.dev;
  const free = { instanceTypes: ['t4g.micro', 'c7i-flex.large'], minimum: 1, desired: 1, maximum: 1, diskSize: 20 };
  const given = async (types: string[], backupDays: number) => {
    isRight();
    answers[plan] = { accountPlanType: 'FREE' };
    environments.dev = {
      ...environments.dev,
      cluster: { ...cluster, nodes: { ...free, instanceTypes: types }, storageNodes: free },
      database: { ...database, backupDays },
    };
    const { found } = await examine({}, 'dev');
    environments.dev = { ...environments.dev, cluster, database };
    return found.flatMap((finding) => /dev asks for: (.*)\. Change the plan/.exec(finding)?.slice(1) ?? []);
  };
  expect(await given(['t3.micro', 't3.small', 't4g.micro', 't4g.small', 'm7i-flex.large'], 1)).toEqual([]);
  expect(await given(['t3.micro'], 2)).toEqual(['backups for 2 days']);
  expect(await given(['t3.micro', 't3.large'], 1)).toEqual(['the instance types t3.large']);
});

describe('of a zone', () => {
  const missing = '✗ The account has no public zone example.org';
  const noted = '! The account has no public zone example.org';
  const two = 'The account has more than one public zone example.org';
  const exists = '✗ The account has the zone example.org already';
  const undelegated = 'The zone example.org is not delegated';
  test.each<[number, boolean, 'exists' | '(404)', string[]]>([
    [0, false, 'exists', [missing]],
    [0, false, '(404)', [noted]],
    [0, true, 'exists', [missing]],
    [0, true, '(404)', []],
    [1, false, 'exists', [`✗ ${undelegated}`]],
    [1, false, '(404)', [`! ${undelegated}`]],
    [1, true, 'exists', [`✗ ${undelegated}`]],
    [1, true, '(404)', [exists]],
    [2, false, 'exists', [`✗ ${two}`]],
    [2, false, '(404)', [`! ${two}`]],
    [2, true, 'exists', [`✗ ${two}`]],
    [2, true, '(404)', [`! ${two}`]],
  ])(
    'of which there are %i, to be created: %s, with a bucket that is %s, this is said: %j',
    async (count, createZone, state, expected) => {
      isRight();
      nameServers = ['ns1.registrar.example'];
      bucket = state;
      answers[zones] = { HostedZones: Array.from({ length: count }, () => publicZone) };
      const INFRA_DOMAIN = JSON.stringify({ zone: 'example.org', createZone });
      const { found } = await examine({ INFRA_DOMAIN });
      expect(found.filter((finding) => finding.includes('zone'))).toEqual(
        expected.map((text) => expect.stringContaining(text)),
      );
    },
  );

  test.each<[string | undefined, string[]]>([
    ...['ENODATA', 'ENOTFOUND', 'ESERVFAIL'].map((code): [string, string[]] => [code, [`✗ ${undelegated}`]]),
    ...['ETIMEOUT', 'ECONNREFUSED', 'EREFUSED', 'ECANCELLED', '', undefined].map(
      (code): [string | undefined, string[]] => [
        code,
        ['! The delegation of the zone example.org could not be checked'],
      ],
    ),
  ])('whose name servers the resolver does not find (%s), this is said: %j', async (code, expected) => {
    isRight();
    jest.mocked(dns.resolveNs).mockRejectedValue(Object.assign(new Error('queryNs'), { code }));
    const { found } = await examine();
    expect(found).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  test('one name server of ours is enough', async () => {
    isRight();
    nameServers = ['ns-1.awsdns-1.com'];
    expect((await examine()).found).toEqual([]);
  });

  test('nothing is asked or said where the settings have none', async () => {
    isRight();
    Object.assign(process.env, settings);
    delete process.env.INFRA_DOMAIN;
    expect(await doctor()).toBe(0);
    expect(asked.filter((question) => /route53|DNS/.test(question))).toEqual([]);
  });
});

test('an account that uses more addresses than its quota needs none more, if all that NAT needs are there', async () => {
  isRight();
  const own = ['dev', 'prd', 'prd', 'prd'].map((name) => ({ Tags: tags(name) }));
  answers[addresses] = { Addresses: [...own, {}, {}] };
  answers[quota('L-0263D0A3')] = { Quota: { Value: 5 } };
  expect((await examine()).found).toEqual([]);
});

test('all that is wrong in the settings is found at once', async () => {
  isRight();
  const example = JSON.parse(readFileSync(join(import.meta.dirname, '../settings.example.json'), 'utf8'));
  Object.assign(process.env, {
    INFRA_REGION: 'sa-east-1',
    INFRA_OWNER: example.owner,
    INFRA_ALERTS: JSON.stringify({ site: ['site@example.org', ...example.alerts.site] }),
    INFRA_CLUSTER_ADMINS: `arn:aws:iam::${account}:role/Other,${example.clusterAdmins[0]}`,
  });
  expect(await doctor(undefined)).toBe(1);
  const found = said.filter((line) => /^[✗!]/.test(line)).map((line) => line.replace(/ .+\n {2}/, ' ').trim());
  const about = found.filter((line) => /settings\.json/.test(line));
  expect(about).toEqual([
    '✗ infra/settings.json still has values of the example. Replace them by your own, or remove them: owner, clusterAdmins, alerts.site.',
    '✗ Set "accountId" in infra/settings.json, so that credentials of any other account are refused.',
    '✗ Set "stateBucket" in infra/settings.json: desafio-aws-terraform-state is only an example, and bucket names are globally unique.',
    '✗ Set "github.repository" in infra/settings.json: without it no repository can deploy, and alarms have no link to the runbooks.',
    expect.stringContaining('✗ The current role, '),
    '! Nobody in the team api is alerted: add e-mail addresses to "alerts.api" in infra/settings.json.',
    '! Nobody in the team infrastructure is alerted: add e-mail addresses to "alerts.infrastructure" in infra/settings.json.',
    expect.stringContaining('! Without addresses in "clusterApiCidrs.dev"'),
    expect.stringContaining('! Without addresses in "clusterApiCidrs.prd"'),
  ]);
});

test('who may reach an API from here is asked only where a list could admit it, and without an answer nothing is said', async () => {
  const notes = async (dev: string[], prd: string[]) => {
    isRight();
    const { found, questions } = await examine({ INFRA_CLUSTER_API_CIDRS: JSON.stringify({ dev, prd }) });
    const about = found.flatMap((finding) => /^! (?:Without|Your) .*clusterApiCidrs\.(?:dev|prd)"/.exec(finding) ?? []);
    return [...about, ...questions.filter((question) => question.startsWith('fetch'))];
  };
  const asks = 'fetch https://checkip.amazonaws.com/ for a limited time';
  const without = (name: string) => `! Without addresses in "clusterApiCidrs.${name}"`;
  const outside = (name: string) => `! Your address, 203.0.113.9, is not in "clusterApiCidrs.${name}"`;
  expect(await notes([], [])).toEqual([without('dev'), without('prd')]);
  expect(await notes([], ['198.51.100.0/24'])).toEqual([without('dev'), outside('prd'), asks]);
  expect(await notes(['198.51.100.0/24'], [])).toEqual([without('prd'), outside('dev'), asks]);
  isOffline = true;
  const limit = jest.spyOn(AbortSignal, 'timeout');
  expect(await notes(['198.51.100.0/24'], ['198.51.100.0/24'])).toEqual([asks]);
  // Milliseconds: nobody waits for long to be told of an address.
  const [[milliseconds = 0] = []] = limit.mock.calls;
  expect([milliseconds >= 1_000, milliseconds <= 10_000]).toEqual([true, true]);
});

describe('whichever question AWS does not answer,', () => {
  const isForAws = (question: string) => /^\w\w-\w+-1: /.test(question);
  // Numbers and lists may change with what is known.
  const kind = (finding: string) => finding.slice(0, 32);

  test('what it would have shown is not found, and nothing else is', async () => {
    answers = wrong();
    const { found, questions } = await examine(otherSettings);
    expect(questions.filter(isForAws).length).toBeGreaterThan(50);
    for (const question of questions.filter(isForAws)) {
      answers = { ...wrong(), [question]: undefined };
      const without = await examine(otherSettings);
      expect([question, without.found.length <= found.length]).toEqual([question, true]);
      expect(found.map(kind)).toEqual(expect.arrayContaining(without.found.map(kind)));
    }
  });

  test('nothing is missing that is there, but a workspace may be', async () => {
    isRight();
    const { questions } = await examine();
    expect(questions.filter(isForAws).length).toBeGreaterThan(50);
    for (const question of questions.filter(isForAws)) {
      answers = { ...right(), [question]: undefined };
      const [, name] = /head-object .*\/(dev|prd)\//.exec(question) ?? [];
      const expected = name === undefined ? [] : [expect.stringContaining(`The workspace ${name} does not exist`)];
      expect([question, (await examine()).found]).toEqual([question, expected]);
    }
  });

  test('and whichever answer is empty, the doctor does not fail', async () => {
    for (const world of [right, wrong]) {
      answers = world();
      const { questions } = await examine();
      for (const question of questions.filter((each) => isForAws(each) && !each.includes('describe-addon-versions'))) {
        answers = { ...world(), [question]: {} };
        expect(await examine().then(({ found }) => found, String)).toBeInstanceOf(Array);
      }
    }
  });
});

describe('of one environment alone', () => {
  test.each([
    ['dev', 'prd'],
    ['prd', 'dev'],
  ] as const)('%s, nothing of %s is asked or found', async (name, other) => {
    answers = wrong();
    const { code, found, questions } = await examine(otherSettings, name);
    expect(code).toBe(1);
    expect(found.length).toBeGreaterThan(15);
    const ofOther = new RegExp(
      `\\b${other}\\b|/${environments[other].cluster.version}/|version ${environments[other].cluster.version}|${connections[other]}`,
    );
    expect([...found, ...questions].filter((line) => ofOther.test(line))).toEqual([]);
  });

  test('the quotas and addresses are those that it needs', async () => {
    const needs = async (name: 'dev' | 'prd') => {
      answers = wrong();
      // A new account may have none.
      for (const code of ['L-34B43A08', 'L-1216C47A']) answers[quota(code)] = { Quota: { Value: 0 } };
      answers[quota('L-0263D0A3')] = { Quota: { Value: 0 } };
      answers[addresses] = { Addresses: [] };
      const { found } = await examine({}, name);
      return found.flatMap((finding) => /may need (\d+)|NAT needs (\d+)/.exec(finding)?.slice(1).filter(Boolean) ?? []);
    };
    expect([await needs('dev'), await needs('prd')]).toEqual([
      ['10', '8', '1'],
      ['20', '10', '3'],
    ]);
  });
});

describe('of two accounts', () => {
  const accounts = { dev: '111122223333', prd: '444455556666' };
  const zoneOf = { dev: 'dev.example.org', prd: 'app.example.org' };
  /** Less than each environment needs. */
  const quotasOf = { dev: [9, 7, 2], prd: [19, 9, 4] };
  const { INFRA_ACCOUNT_ID: _, ...shared } = settings;
  const given = {
    ...shared,
    INFRA_ACCOUNTS: JSON.stringify(accounts),
    INFRA_GITHUB: JSON.stringify({
      repository: 'owner/name',
      createProvider: false,
      connections: {
        dev: connections.dev.replace(account, accounts.dev),
        prd: connections.prd.replace(account, accounts.prd),
      },
    }),
    // Of roles with one name, only that of dev's account is an administrator.
    INFRA_CLUSTER_ADMINS: `arn:aws:iam::${accounts.dev}:role/Developer,arn:aws:iam::${accounts.prd}:role/Operator`,
  };
  /** What is wrong in an environment's account: the same in each, with its own numbers and names. */
  const wrongIn = (name: 'dev' | 'prd') => {
    const [spot, onDemand, elastic] = quotasOf[name];
    const world = {
      ...wrong(),
      [quota('L-34B43A08')]: { Quota: { Value: spot } },
      [quota('L-1216C47A')]: { Quota: { Value: onDemand } },
      [quota('L-0263D0A3')]: { Quota: { Value: elastic } },
      [addresses]: { Addresses: [{}, { Tags: tagsOfOthers }] },
    };
    const own = JSON.stringify(world)
      .replaceAll(account, accounts[name])
      .replaceAll('own-state', `own-state-${name}`)
      .replaceAll('example.org.', `${zoneOf[name]}.`)
      .replaceAll('--dns-name example.org', `--dns-name ${zoneOf[name]}`);
    return JSON.parse(own) as ReturnType<typeof wrong>;
  };
  const examineAs = async (account: string, name: 'dev' | 'prd') => {
    caller = assumed('Developer').replace(/\d{12}/, account);
    answers = wrongIn(name);
    Object.assign(process.env, given);
    [said.length, asked.length] = [0, 0];
    const code = await doctor(name);
    return { code, found: said, output: said.join('\n'), questions: asked.toSorted() };
  };

  test.each(names)('all that is wrong for %s is found in its own account', async (name) => {
    expect(shown(await examineAs(accounts[name], name))).toMatchSnapshot();
  });

  test.each([
    ['dev', accounts.prd],
    ['prd', accounts.dev],
  ] as const)('%s is not looked for with credentials of the other (%s)', async (name, other) => {
    const { code, output } = await examineAs(other, name);
    const told = `The credentials belong to account ${other}, but infra/settings.json names ${accounts[name]}.`;
    expect([code, output]).toEqual([1, expect.stringContaining(told)]);
  });
});

test('without an account in the settings, that is all that is missing', async () => {
  isRight();
  Object.assign(process.env, settings);
  delete process.env.INFRA_ACCOUNT_ID;
  expect(await doctor()).toBe(1);
  const found = said.filter((line) => /^[✗!]/.test(line));
  expect(found).toEqual([expect.stringContaining('Set "accountId" in infra/settings.json')]);
});

test('a connection that both environments have is reported once', async () => {
  isRight();
  answers[connectionOf('dev')] = { Connection: { ConnectionStatus: 'PENDING' } };
  const both = { dev: connections.dev, prd: connections.dev };
  const { found } = await examine({ INFRA_GITHUB: JSON.stringify({ repository: 'owner/name', connections: both }) });
  expect(found).toEqual([expect.stringContaining(`${connections.dev} is PENDING`)]);
});

test('in the second region, topics have the names that they have there, and roles those of the first', async () => {
  answers = {
    ...wrong(),
    [topic('us-east-1', 'prd-second-api')]: pending('api@example.org'),
  };
  const second = { INFRA_SECOND_REGION: 'us-east-1', INFRA_USE_SECOND_REGION: 'true' };
  const { questions } = await examine(second, 'prd');
  expect(questions.filter((question) => question.includes(' sns '))).toEqual(
    ['api', 'infrastructure', 'site'].map((team) => topic('us-east-1', `prd-second-${team}`)),
  );
  expect(questions).toContain(`s3api head-bucket --bucket own-state-us-east-1 --expected-bucket-owner ${account}`);
  caller = assumed('desafio-aws-prd-apply');
  expect((await examine(second, 'prd')).output).not.toContain('has no access');
});

test('a team that only the settings name is alerted like the others, or told that it is not', async () => {
  const toldOf = async (alerts: object) => {
    isRight();
    const { found } = await examine({ INFRA_ALERTS: JSON.stringify(alerts) }, 'dev');
    return found.flatMap((finding) => /^(.) Nobody (?:in the team ([\w-]+) )?is alerted/.exec(finding)?.slice(1) ?? []);
  };
  const others = ['!', 'api', '!', 'site'];
  expect(await toldOf({ 'on-call': ['on-call@example.org'] })).toEqual([...others, '!', 'infrastructure']);
  expect(await toldOf({ 'on-call': [], infrastructure: ['infra@example.org'] })).toEqual([...others, '!', 'on-call']);
  expect(await toldOf({ 'on-call': [] })).toEqual(['✗', undefined]);
});

test('a team that only the settings name has topics, too, whose addresses have to confirm', async () => {
  isRight();
  const more = { INFRA_ALERTS: '{"infrastructure": ["infra@example.org"], "support": ["support@example.org"]}' };
  for (const region of ['sa-east-1', 'us-east-1'])
    answers[topic(region, 'dev-support')] = pending(`${region}@example.org`);
  const { found } = await examine(more, 'dev');
  expect(found.filter((finding) => finding.includes('not confirmed'))).toEqual([
    expect.stringContaining('get no alerts: sa-east-1@example.org, us-east-1@example.org. Ask'),
  ]);
});

/** All but the comma, which divides the variable's list. */
const manySigns = 'AWSReservedSSO_Ana.Silva+ops=1@example.com_0123-a';
test.each([
  ['the role that deploys dev', assumed('desafio-aws-dev-apply'), [false, true]],
  ['the role that deploys prd', assumed('desafio-aws-prd-apply'), [true, false]],
  ['the role that plans dev', assumed('desafio-aws-dev-plan'), [true, true]],
  ['an administrator', assumed('Administrator'), [false, false]],
  ['a role with all signs that a name can have', assumed(manySigns), [false, false]],
  ['a role whose name ends like it', assumed('NoAdministrator'), [true, true]],
  ['a user of the list', `arn:aws:iam::${account}:user/ana`, [false, false]],
  ['a role with the name of a user of the list', assumed('ana'), [true, true]],
  ['a user named root, who is not the root user', `arn:aws:iam::${account}:user/root`, [true, true]],
  ['a user of the same name in a folder', `arn:aws:iam::${account}:user/people/ana`, [true, true]],
])('%s has access to the clusters of dev and prd, or is told (%s)', async (_, arn, refused) => {
  answers = {};
  caller = arn;
  const INFRA_CLUSTER_ADMINS = [
    ...[`arn:aws:iam::${account}:user/ana`, 'arn:aws:iam::210987654321:role/NoAdministrator'],
    `arn:aws:iam::${account}:role/path/Administrator`,
    `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/sa-east-1/${manySigns}`,
  ].join();
  const isTold = async (name?: 'dev' | 'prd') =>
    (await examine({ INFRA_CLUSTER_ADMINS }, name)).found.some((finding) => finding.includes('has no access'));
  expect([await isTold('dev'), await isTold('prd')]).toEqual(refused);
  // The role of either may look at both.
  expect(await isTold()).toBe(refused[0] && refused[1]);
});
