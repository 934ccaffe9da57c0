import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { texts } from '../command-texts.ts';
import { environments } from '../environments/all.ts';
import { administrator, answering, aws, completeSettings } from './support/aws-answers.ts';
import { github } from './support/choices.ts';
import { infra } from './support/command.ts';
import { root } from './support/program.ts';

const terraform = 'echo Terraform v1.11.4';
const noBucket = `echo 'An error occurred (404) when calling the HeadBucket operation: Not Found' >&2; exit 254`;

test('the doctor mentions a private cluster API, for the given environment only, and does not mind it', () => {
  const settings = { ...completeSettings, INFRA_CLUSTER_API_CIDRS: '{"dev": ["198.51.100.7/32"]}' };
  expect(infra(['doctor', 'dev'], settings).output).not.toContain('clusterApiCidrs');
  for (const args of [['doctor', 'prd'], ['doctor']]) {
    const { output } = infra(args, settings);
    expect(output).toContain('Without addresses in "clusterApiCidrs.prd"');
    expect(output).toMatch(/^! .*clusterApiCidrs.prd/m);
    expect(output).not.toContain('"clusterApiCidrs.dev"');
  }
});

test('the doctor reports an old Terraform and expired credentials', () => {
  const { output } = infra(['doctor'], completeSettings, {
    terraform: 'echo Terraform v1.9.8',
    aws: 'exit 254',
  });
  expect(output).toContain('Terraform is 1.9.8');
  expect(output).toContain('have expired');
});

test.each([
  ['the AWS CLI', {}, texts.doctor.noAws],
  ['credentials', { aws: 'exit 254' }, texts.doctor.noCredentials],
])('without %s, the doctor says nothing of an account that it does not see', (_, programs, problem) => {
  expect(infra(['doctor'], completeSettings, { terraform, ...programs })).toMatchObject({
    status: 1,
    output: `✗ ${problem.replace('\n', '\n  ')}\n\n`,
  });
});

test('the doctor reports another account, an unknown role and a low quota', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Developer/somebody';
  const { output } = infra(
    ['doctor'],
    { ...completeSettings, INFRA_ACCOUNT_ID: '210987654321' },
    { terraform, aws: aws(session) },
  );
  expect(output).toContain('The credentials belong to account 123456789012');
  expect(output).toContain('arn:aws:iam::123456789012:role/Developer, has no access to the cluster');
  expect(output).toContain('All Standard Spot Instance Requests" is 5');
});

test('the doctor accepts a role of AWS SSO, whose ARN has a path that its sessions lack', () => {
  const name = 'AWSReservedSSO_Administrator_0123456789abcdef';
  const arn = `arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/sa-east-1/${name}`;
  const session = `arn:aws:sts::123456789012:assumed-role/${name}/somebody`;
  const doctor = (clusterAdmins: string, getRole: string) =>
    infra(
      ['doctor'],
      { ...completeSettings, INFRA_CLUSTER_ADMINS: clusterAdmins },
      { terraform, aws: aws(session, getRole) },
    ).output;
  const refused = 'has no access to the cluster';
  expect(doctor(arn, 'exit 254')).not.toContain(refused);
  // The ARN that access entries need, with its path.
  expect(doctor('arn:aws:iam::123456789012:role/Other', `echo '"${arn}"'`)).toContain(
    `The current role, ${arn}, ${refused}`,
  );
  const elsewhere = arn.replace('123456789012', '210987654321');
  expect(doctor(elsewhere, 'exit 254')).toContain(refused);
});

test('the doctor knows an IAM user among the administrators of the cluster', () => {
  const user = 'arn:aws:iam::123456789012:user/ana';
  const doctor = (admins: string, changed = {}) => {
    const settings = { ...completeSettings, INFRA_CLUSTER_ADMINS: admins, ...changed };
    return infra(['doctor', 'dev'], settings, { terraform, aws: aws(user) }).output;
  };
  const listed = `arn:aws:iam::123456789012:role/Other,${user}`;
  expect(doctor(listed)).not.toContain('has no access to the cluster');
  expect(doctor(listed, { INFRA_ACCOUNT_ID: '210987654321' })).toContain('The credentials belong to account');
  expect(doctor('arn:aws:iam::123456789012:role/Other')).toContain(`${user}, has no access to the cluster`);
});

test('the doctor refuses to deploy as root, and says if it is that of another account', () => {
  const root = 'arn:aws:iam::123456789012:root';
  const settings = { ...completeSettings, INFRA_ACCOUNT_ID: '210987654321' };
  const { status, output } = infra(['doctor'], settings, { terraform, aws: aws(root) });
  expect(status).toBe(1);
  expect(output).toContain('those of the root user');
  expect(output).toContain('The credentials belong to account 123456789012');
});

test('the doctor reports a missing workspace only for the given environment', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const doctor = (environment: string) =>
    infra(['doctor', environment], completeSettings, { terraform, aws: aws(session) }).output;
  expect(doctor('prd')).toContain('The workspace prd does not exist');
  expect(doctor('dev')).not.toContain('The workspace');
});

describe('Before the bootstrap, the doctor', () => {
  const before = { 'head-bucket': noBucket, 'head-object': 'exit 254' };

  test('names the stage, finds nothing missing, and says what comes next', () => {
    const { missing, notes, output, status } = examine(before);
    expect([status, missing]).toEqual([0, []]);
    expect(output).toContain('Stage 1 of 2, the bootstrap');
    expect(output).toContain('Run pnpm infra bootstrap, and then pnpm infra doctor again.');
    expect(notes).toEqual([expect.stringContaining('The state bucket, own-state, does not exist')]);
  });

  test('only notes what the deployment will need', () => {
    const { missing, notes, status } = examine({ ...before, 'service-quota': { Quota: { Value: 5 } } });
    expect([status, missing]).toEqual([0, []]);
    expect(notes).toContainEqual(expect.stringContaining('All Standard Spot Instance Requests" is 5'));
  });

  test('lets no deployment begin', () => {
    const { missing, status } = examine(before, { args: ['deploy', 'dev', '--yes'] });
    expect(status).toBe(1);
    expect(missing[0]).toContain('run pnpm infra bootstrap first');
  });

  test('reports a bucket of another account', () => {
    const forbidden = `echo 'An error occurred (403) when calling the HeadBucket operation: Forbidden' >&2; exit 254`;
    const { missing, output, status } = examine({ ...before, 'head-bucket': forbidden });
    expect([status, missing]).toEqual([1, [expect.stringContaining('own-state, belongs to another account')]]);
    expect(output).toContain('Stage 1 of 2');
    const owner = 'case "$*" in *"--bucket own-state --expected-bucket-owner 123456789012"*) exit 0;; esac; exit 254';
    expect(examine({ 'head-bucket': owner }).output).toContain('Stage 2 of 2');
  });

  test('notes what the credentials may not do', () => {
    const evaluated = (EvalActionName: string, EvalDecision: string) => ({ EvalActionName, EvalDecision });
    const results = [
      evaluated('s3:CreateBucket', 'allowed'),
      evaluated('iam:CreateRole', 'implicitDeny'),
      // By a policy of the organisation.
      evaluated('iam:CreatePolicy', 'explicitDeny'),
    ];
    const simulation = 'simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/Administrator';
    const { notes } = examine({ ...before, [simulation]: { EvaluationResults: results } });
    expect(notes).toContainEqual(
      expect.stringContaining('does not allow these credentials iam:CreateRole, iam:CreatePolicy. Use'),
    );
    expect(examine({ [simulation]: { EvaluationResults: results } }).notes).toEqual([]);
  });

  test.each([
    ['that the account has already', true, [provider()], 'set "github.createProvider": false'],
    ['that is missing', false, [], 'remove "github.createProvider": false'],
  ])('reports a provider %s', (_, createProvider, list, message) => {
    const github = (value: boolean) => JSON.stringify({ repository: 'owner/name', createProvider: value });
    // An answer can be long.
    const answer = `printf '%2000000s'; echo '${JSON.stringify({ OpenIDConnectProviderList: list })}'`;
    const answers = { ...before, 'list-open-id-connect-providers': answer };
    const { missing, status } = examine(answers, { INFRA_GITHUB: github(createProvider) });
    expect([status, missing]).toEqual([1, [expect.stringContaining(message)]]);
    expect(examine(answers, { INFRA_GITHUB: github(!createProvider) }).status).toBe(0);
  });

  test('knows the provider that a bootstrap created before it failed', () => {
    const answers = (Value: string) => ({
      ...before,
      'list-open-id-connect-providers': { OpenIDConnectProviderList: [provider()] },
      'get-open-id-connect-provider': { ClientIDList: ['sts.amazonaws.com'], Tags: [{ Key: 'project', Value }] },
    });
    expect(examine(answers('desafio-aws')).missing).toEqual([]);
    expect(examine(answers('other')).missing).toEqual([expect.stringContaining('has a GitHub OIDC provider already')]);
  });

  test('reports a zone that the account has already, and would not create another', () => {
    const zone = { zone: 'example.org', createZone: true };
    const found = { ...before, 'list-hosted-zones-by-name --dns-name example.org': { HostedZones: [hostedZone()] } };
    const { missing } = examine(found, { INFRA_DOMAIN: JSON.stringify(zone) });
    expect(missing).toEqual([expect.stringContaining('set "domain.createZone": false')]);
    const others = { HostedZones: [hostedZone({ PrivateZone: true }), { Id: '2', Name: 'example.org.br.' }] };
    const answers = { ...before, 'list-hosted-zones-by-name': others };
    expect(examine(answers, { INFRA_DOMAIN: JSON.stringify(zone) }).missing).toEqual([]);
  });
});

test('after the bootstrap, the provider that it created is right, and an adopted one must accept tokens for AWS', () => {
  const list = { OpenIDConnectProviderList: [provider('gitlab.com'), provider()] };
  const adopted = { INFRA_GITHUB: '{"repository": "owner/name", "createProvider": false}' };
  const answers = (ClientIDList: string[]) => ({
    'list-open-id-connect-providers': list,
    [`get-open-id-connect-provider --open-id-connect-provider-arn ${provider().Arn}`]: { ClientIDList },
  });
  expect(examine(answers([])).status).toBe(0);
  expect(examine(answers(['sts.amazonaws.com']), adopted).status).toBe(0);
  expect(examine(answers(['https://github.com/owner']), adopted).missing).toEqual([
    expect.stringContaining(`--open-id-connect-provider-arn ${provider().Arn} --client-id sts.amazonaws.com`),
  ]);
});

test('the doctor reports a connection to GitHub that nobody has completed yet', () => {
  const { connections } = github;
  const given = { INFRA_GITHUB: JSON.stringify({ repository: 'owner/name', connections }) };
  const answers = (ConnectionStatus: string) => ({
    [`get-connection --connection-arn ${connections.dev}`]: { Connection: { ConnectionStatus } },
  });
  expect(examine(answers('PENDING'), given).missing).toEqual([
    expect.stringContaining(`${connections.dev} is PENDING, and CodeBuild cannot use it yet`),
  ]);
  expect(examine(answers('AVAILABLE'), given).missing).toEqual([]);
});

test('the doctor refuses the values of the example, each by its name, and no choice that anybody may make', () => {
  const example = JSON.parse(readFileSync(join(root, 'infra/settings.example.json'), 'utf8'));
  const variables = {
    INFRA_ACCOUNT_ID: example.accountId,
    INFRA_OWNER: example.owner,
    INFRA_STATE_BUCKET: example.stateBucket,
    INFRA_GITHUB: JSON.stringify(example.github),
    INFRA_CLUSTER_ADMINS: example.clusterAdmins.join(),
    INFRA_CLUSTER_API_CIDRS: JSON.stringify(example.clusterApiCidrs),
    INFRA_DOMAIN: JSON.stringify(example.domain),
    INFRA_ALERTS: JSON.stringify(example.alerts),
    INFRA_RUNBOOKS: example.runbooks,
    INFRA_REGION: example.region,
    INFRA_IMAGE_REGISTRY: example.imageRegistry,
  };
  const names = [
    ...['accountId', 'owner', 'stateBucket', 'github.repository', 'github.subjectPrefix', 'clusterAdmins'],
    ...['clusterApiCidrs.dev', 'domain.zone', 'alerts.api', 'alerts.site', 'alerts.infrastructure', 'runbooks'],
  ];
  const named = (found: (string | undefined)[]) =>
    found.flatMap((text) => /still has values of the example\. .*: (.+)\.$/.exec(text ?? '')?.[1]?.split(', ') ?? []);
  expect(named(examine({}, variables).missing).toSorted()).toEqual(names.toSorted());
  expect(named(examine({}, { INFRA_ALERTS: '{"api": ["api@example.com", "me@example.org"]}' }).missing)).toEqual([
    'alerts.api',
  ]);
});

test('the doctor refuses a subject prefix of another repository', () => {
  const missing = (subjectPrefix: string) =>
    examine({}, { INFRA_GITHUB: JSON.stringify({ repository: 'owner/name', subjectPrefix }) }).missing;
  expect(missing('repo:owner@1/name@2')).toEqual([]);
  for (const prefix of ['repo:owner@1/names@2', 'repo:Owner/name']) {
    expect(missing(prefix)).toEqual([expect.stringContaining(`(${prefix}) is not that of "github.repository"`)]);
  }
});

test('the doctor refuses to deploy where nobody at all is alerted', () => {
  for (const alerts of ['{}', '{"api": [], "infrastructure": []}']) {
    const { missing, notes } = examine({}, { INFRA_ALERTS: alerts });
    expect([missing, notes]).toEqual([[expect.stringContaining('Nobody is alerted: add at least one')], []]);
  }
});

/** Never two at a time: a replacement starts only once the old one is gone. */
const natInstance = { maximum: 0 };

test.each([
  [
    'L-34B43A08',
    'dev',
    'All Standard Spot Instance Requests',
    [environments.dev.cluster.nodes, environments.dev.cluster.storageNodes],
  ],
  ['L-1216C47A', 'dev', 'Running On-Demand Standard', [natInstance]],
  ['L-34B43A08', 'prd', 'All Standard Spot Instance Requests', [environments.prd.cluster.nodes]],
  [
    'L-1216C47A',
    'prd',
    'Running On-Demand Standard',
    [
      ...[environments.prd.cluster.storageNodes, environments.prd.cluster.baseNodes ?? []].flat(),
      ...[natInstance, natInstance, natInstance],
    ],
  ],
])(
  'the doctor reports a low quota %s of vCPUs for %s, and accepts one for the nodes and a replacement of each group',
  (code, environment, name, groups) => {
    const enough = groups.reduce((sum, { maximum }) => sum + (maximum + 1) * 2, 0);
    const found = (Value: number) =>
      examine({ [`--quota-code ${code}`]: { Quota: { Value } }, 'env:/': {} }, { args: ['doctor', environment] })
        .missing;
    expect(found(enough)).toEqual([]);
    expect(found(enough - 1)).toEqual([
      expect.stringMatching(new RegExp(`${name}.* is ${enough - 1}, and the environment may need ${enough}`)),
    ]);
  },
);

test('the doctor counts elastic addresses: those of others, and what is missing of its own', () => {
  const of = (environment: string, project = 'desafio-aws') => ({
    Tags: Object.entries({ environment, project }).map(([Key, Value]) => ({ Key, Value })),
  });
  const missing = (addresses: object[], ...args: string[]) =>
    examine(
      { 'quota-code L-0263D0A3': { Quota: { Value: 5 } }, 'describe-addresses': { Addresses: addresses }, 'env:/': {} },
      { args: ['doctor', ...args] },
    ).missing.filter((text) => text?.includes('Elastic IP'));
  expect(missing([{}, {}], 'prd')).toEqual([]);
  expect(missing([{}, {}, {}], 'prd')).toEqual([
    expect.stringContaining("uses 3 of the region's 5 Elastic IP addresses, and NAT needs 3 more"),
  ]);
  expect(missing([{}, {}])).toEqual([expect.stringContaining('uses 2 of the')]);
  expect(missing([{}, of('dev'), of('prd'), of('prd'), of('prd')])).toEqual([]);
  // Nor has another application any for this one.
  const others = ['prd', 'prd', 'prd'].map((name) => of(name, 'other'));
  expect(missing([of('dev'), ...others])).toEqual([expect.stringContaining('NAT needs 3 more')]);
  // What one environment has to spare is not for the other.
  expect(missing([{}, of('dev'), of('dev'), of('dev'), of('dev')])).toEqual([
    expect.stringContaining('NAT needs 3 more'),
  ]);
});

test('the doctor says what the free plan does not allow, and is content with the paid one', () => {
  const plan = 'freetier get-account-plan-state --region us-east-1';
  const missing = (accountPlanType: string, name: string) =>
    examine({ [plan]: { accountPlanType }, 'env:/': {} }, { args: ['doctor', name], INFRA_REGION: 'sa-east-1' })
      .missing;
  expect(missing('PAID', 'prd')).toEqual([]);
  expect(missing('FREE', 'dev')).toEqual([
    expect.stringMatching(/what dev asks for: the instance types t4g\.medium, [^;]+\. Change the plan/),
  ]);
  expect(missing('FREE', 'prd')).toEqual([expect.stringContaining('; backups for 14 days. Change the plan')]);
  // Of the base.
  expect(missing('FREE', 'prd')).toEqual([expect.stringContaining('c6g.large')]);
});

test('the doctor notes that a first distribution may be refused', () => {
  const notes = (Quantity: number) =>
    examine({ 'cloudfront list-distributions --no-paginate': { DistributionList: { Quantity } } }).notes;
  expect(notes(0)).toEqual([expect.stringContaining('Your account must be verified')]);
  expect(notes(1)).toEqual([]);
});

describe('With a domain, the doctor', () => {
  const own = ['ns-1.awsdns-1.com', 'ns-2.awsdns-2.co.uk'];
  const zones = (...found: object[]) => ({
    'list-hosted-zones-by-name --dns-name example.org': { HostedZones: found },
    // Some write the dot at the end.
    'get-hosted-zone --id /hostedzone/Z1': { DelegationSet: { NameServers: [own[0], `${own[1]}.`] } },
  });
  const domain = { INFRA_DOMAIN: '{"zone": "example.org"}' };

  test.each([
    ['is content with a zone that is delegated', 'NS-1.awsdns-1.com,ns-2.awsdns-2.co.uk', []],
    ['reports a zone without a delegation', '', ['the internet uses no name server. Where']],
    ['reports a zone that nobody knows', 'ENOTFOUND', ['the internet uses no name server. Where']],
    ['reports a zone whose servers do not answer', 'ESERVFAIL', ['the internet uses no name server. Where']],
    ['reports a zone that is delegated elsewhere', 'ns1.registrar.example', ['uses ns1.registrar.example. Where']],
    [
      'reports a zone of which one name server is of elsewhere',
      'ns-1.awsdns-1.com,ns1.registrar.example',
      ['uses ns-1.awsdns-1.com, ns1.registrar.example. Where'],
    ],
  ])('%s', (_, servers, expected) => {
    const { missing, status } = examine(zones(hostedZone()), { ...domain, TEST_NAME_SERVERS: servers });
    expect(missing).toEqual(expected.map((part) => expect.stringContaining(part)));
    for (const text of missing) expect(text).toContain(`enter ${own.join(', ')}.`);
    expect(status).toBe(expected.length);
  });

  test('shows the name servers where no DNS server answers', () => {
    const { missing, notes } = examine(zones(hostedZone()), domain);
    expect([missing, notes]).toEqual([[], [expect.stringContaining(`Its name servers are ${own.join(', ')}.`)]]);
  });

  test('reports a zone that is missing, and two of one name', () => {
    expect(examine(zones(), domain).missing).toEqual([expect.stringContaining('no public zone example.org')]);
    expect(examine(zones(hostedZone(), hostedZone()), domain).missing).toEqual([
      expect.stringContaining('more than one public zone example.org'),
    ]);
  });
});

test("the doctor notes that the caller's address is outside the list of the cluster's API", () => {
  const blocks = '{"dev": ["198.51.100.0/25"], "prd": ["203.0.112.0/23"]}';
  const notes = (address: string, name: string) =>
    examine({ 'env:/': {} }, { args: ['doctor', name], INFRA_CLUSTER_API_CIDRS: blocks, TEST_ADDRESS: address }).notes;
  expect(notes('198.51.100.127', 'dev')).toEqual([]);
  expect(notes('198.51.100.128', 'dev')).toEqual([
    expect.stringContaining('"clusterApiCidrs.dev" of infra/settings.json: add 198.51.100.128/32'),
  ]);
  expect(notes('203.0.113.255', 'prd')).toEqual([]);
  expect(notes('not an address', 'dev')).toHaveLength(1);
});

test('the doctor reports a version of Kubernetes that is not offered, or no longer in standard support', () => {
  const { version } = environments.dev.cluster;
  const offered = (clusterVersion: string, versionStatus = 'STANDARD_SUPPORT') => ({ clusterVersion, versionStatus });
  const missing = (...clusterVersions: object[]) =>
    examine({ 'eks describe-cluster-versions': { clusterVersions } }).missing;
  expect(missing(offered('1.35'), offered(version))).toEqual([]);
  for (const status of [[], [offered(version, 'EXTENDED_SUPPORT')]]) {
    expect(missing(offered('1.40'), offered('1.41'), ...status)).toEqual([
      expect.stringContaining(`Kubernetes ${version}, of infra/environments/dev.ts, is not in standard support`),
    ]);
  }
});

test('the doctor reports a live cluster that is too far behind its file, or ahead of it, and accepts the next version', () => {
  const [major, minor] = environments.dev.cluster.version.split('.');
  const missing = (steps: number) => {
    const version = `${major}.${Number(minor) - steps}`;
    return examine({ 'describe-cluster --name desafio-aws-dev ': { cluster: { version } } }).missing;
  };
  expect([missing(0), missing(1)]).toEqual([[], []]);
  expect(missing(2)).toEqual([expect.stringContaining('EKS goes up one version at a time')]);
  expect(missing(-1)).toEqual([expect.stringContaining('EKS cannot go back')]);
});

test('the doctor reports a log group that EKS left, and not the one of Terraform', () => {
  const logGroupName = '/aws/eks/desafio-aws-dev/cluster';
  const logGroupArn = `arn:aws:logs:sa-east-1:123456789012:log-group:${logGroupName}`;
  const missing = (tags: object | undefined, name = logGroupName) =>
    examine(
      {
        [`describe-log-groups --log-group-name-prefix ${logGroupName}`]: {
          logGroups: [{ logGroupName: name, logGroupArn }],
        },
        [`list-tags-for-resource --resource-arn ${logGroupArn}`]: tags ? { tags } : 'exit 254',
      },
      { INFRA_REGION: 'sa-east-1' },
    ).missing;
  expect(missing({ environment: 'dev' })).toEqual([]);
  expect(missing({}, `${logGroupName}-of-somebody`)).toEqual([]);
  // Without permission to read tags.
  expect(missing(undefined)).toEqual([]);
  expect(missing({})).toEqual([
    expect.stringContaining(`aws logs delete-log-group --region sa-east-1 --log-group-name ${logGroupName}`),
  ]);
});

test('the doctor notes each tag for costs that is not activated, what is missing without it, and how to activate it', () => {
  const tags = ['environment', 'Name', 'application'];
  const notes = (...CostAllocationTags: object[]) =>
    examine({ [`ce list-cost-allocation-tags --tag-keys ${tags.join(' ')} --region`]: { CostAllocationTags } }).notes;
  const known = (Status: string, ...keys: string[]) => keys.map((TagKey) => ({ TagKey, Type: 'UserDefined', Status }));
  const activation = (...keys: string[]) =>
    `--cost-allocation-tags-status ${keys.map((key) => `TagKey=${key},Status=Active`).join(' ')}$`;
  expect(notes(...known('Active', ...tags))).toEqual([]);
  expect(notes(...known('Active', 'Name', 'application'), ...known('Inactive', 'environment'))).toEqual([
    expect.stringMatching(`the tags "environment". .* the budgets count nothing\\. .*${activation('environment')}`),
  ]);
  // AWS does not know a tag before it has been used for a day.
  expect(notes(...known('Active', 'environment'))).toEqual([
    expect.stringMatching(
      `"Name", "application"\\. .* the parts apart; .* the teams apart\\. .*${activation('Name', 'application')}`,
    ),
  ]);
  expect(notes()).toEqual([expect.stringMatching(`the budgets count nothing; .*${activation(...tags)}`)]);
});

test('the doctor notes addresses that have not confirmed their subscription, in each region, once', () => {
  const subscription = (Endpoint: string, SubscriptionArn: string) => ({ Endpoint, SubscriptionArn });
  const topic = (region: string, team: string) =>
    `list-subscriptions-by-topic --topic-arn arn:aws:sns:${region}:123456789012:desafio-aws-dev-${team} --region ${region}`;
  const pending = (...addresses: string[]) => ({
    Subscriptions: addresses.map((address) => subscription(address, 'PendingConfirmation')),
  });
  const { notes, status } = examine(
    {
      [topic('sa-east-1', 'api')]: { Subscriptions: [subscription('api@example.org', 'arn:aws:sns:sa-east-1:1:a:b')] },
      [topic('sa-east-1', 'infrastructure')]: pending('one@example.org'),
      [topic('us-east-1', 'infrastructure')]: pending('one@example.org', 'two@example.org'),
    },
    { INFRA_REGION: 'sa-east-1' },
  );
  expect(status).toBe(0);
  expect(notes).toEqual([expect.stringContaining('get no alerts: one@example.org, two@example.org. Ask')]);
});

test('the doctor reports a missing state bucket to a deployment, and not the workspaces that would be in it', () => {
  const { missing, output, status } = examine(
    { 'head-bucket': noBucket, 'head-object': 'exit 254' },
    { args: ['deploy', 'dev', '--yes'] },
  );
  expect([status, missing]).toEqual([1, [expect.stringContaining('The state bucket, own-state, does not exist')]]);
  expect(output).not.toContain('workspace');
});

test('the apply role of one environment has no access to the cluster of the other', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/desafio-aws-dev-apply/somebody';
  const doctor = (environment: string) =>
    infra(['doctor', environment], completeSettings, { terraform, aws: aws(session) }).output;
  expect(doctor('dev')).not.toContain('has no access to the cluster');
  expect(doctor('prd')).toContain('has no access to the cluster');
});

test('the doctor says so when nothing is missing', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const awsWithQuota = aws(session).replace('"Value": 5', '"Value": 64');
  expect(infra(['doctor', 'dev'], completeSettings, { terraform, aws: awsWithQuota })).toMatchObject({
    status: 0,
    output: `${texts.doctor.stages.deployment}\n\nNão falta nada.\nNothing is missing.\n`,
  });
});

test('the doctor reports a node group whose size is outside its new limits, with the call that sets both', () => {
  const { nodes, storageNodes } = environments.prd.cluster;
  const group = (kind: string) =>
    `describe-nodegroup --cluster-name desafio-aws-prd --nodegroup-name desafio-aws-prd-${kind}-1`;
  const doctor = (spot: object, storage: object) =>
    examine(
      {
        'list-nodegroups': { nodegroups: ['desafio-aws-prd-spot-1', 'desafio-aws-prd-storage-1'] },
        [group('spot')]: { nodegroup: { scalingConfig: spot } },
        [group('storage')]: { nodegroup: { scalingConfig: storage } },
        'env:/': {},
      },
      { args: ['doctor', 'prd'], INFRA_REGION: 'sa-east-1' },
    );
  const spot = { minSize: nodes.minimum, maxSize: nodes.maximum, desiredSize: nodes.maximum };
  const storage = { minSize: storageNodes.minimum, maxSize: storageNodes.maximum, desiredSize: storageNodes.desired };
  expect(doctor(spot, storage).status).toBe(0);
  // The size is outside the limits, which do not change.
  expect(doctor({ ...spot, desiredSize: 0 }, storage).status).toBe(0);
  // Other limits that include the live size.
  expect(doctor({ ...spot, minSize: 0, maxSize: 9 }, storage).status).toBe(0);

  const raised = doctor({ minSize: 0, maxSize: 9, desiredSize: 0 }, { minSize: 0, maxSize: 9, desiredSize: 9 });
  expect(raised.status).toBe(1);
  const call = (name: string, sizes: string) =>
    `First run: aws eks update-nodegroup-config --region sa-east-1 --cluster-name desafio-aws-prd --nodegroup-name ${name} --scaling-config ${sizes}\n`;
  expect(raised.output).toContain(
    call('desafio-aws-prd-spot-1', `minSize=${nodes.minimum},maxSize=${nodes.maximum},desiredSize=${nodes.minimum}`),
  );
  expect(raised.output).toContain(
    call(
      'desafio-aws-prd-storage-1',
      `minSize=${storageNodes.minimum},maxSize=${storageNodes.maximum},desiredSize=${storageNodes.maximum}`,
    ),
  );
});

test('the doctor leaves the sizes of an environment that sleeps to its schedules', () => {
  expect(environments.dev.cluster.sleepsAtNight).toBe(true);
  const { missing, status } = examine({
    'list-nodegroups': { nodegroups: ['desafio-aws-dev-spot-1'] },
    'describe-nodegroup --cluster-name desafio-aws-dev': {
      nodegroup: { scalingConfig: { minSize: 0, maxSize: 0, desiredSize: 0 } },
    },
  });
  expect([status, missing]).toEqual([0, []]);
});

test('the doctor compares the base nodes of prd, too', () => {
  const group = 'desafio-aws-prd-base-1';
  const { status, missing } = examine(
    {
      'list-nodegroups': { nodegroups: [group] },
      [`describe-nodegroup --cluster-name desafio-aws-prd --nodegroup-name ${group}`]: {
        nodegroup: { scalingConfig: { minSize: 0, maxSize: 1, desiredSize: 0 } },
      },
      'env:/': {},
    },
    { args: ['doctor', 'prd'] },
  );
  expect([status, missing]).toEqual([1, [expect.stringContaining(`--nodegroup-name ${group} --scaling-config`)]]);
});

test('the doctor reports a pinned add-on version that EKS does not offer, and the newest that it does', () => {
  const { addons, version } = environments.dev.cluster;
  const doctor = (dns: string) =>
    examine(
      Object.fromEntries(
        Object.entries({ ...addons, coredns: dns }).map(([name, offered]) => [
          `describe-addon-versions --kubernetes-version ${version} --addon-name ${name} `,
          [offered, 'v0.0.1-eksbuild.1'],
        ]),
      ),
    );
  expect(doctor(addons.coredns).status).toBe(0);
  const { missing, status } = doctor('v9.9.9-eksbuild.9');
  expect(status).toBe(1);
  expect(missing).toEqual([
    expect.stringContaining(
      `EKS does not offer coredns ${addons.coredns} for Kubernetes ${version}; the newest is v9.9.9-eksbuild.9.`,
    ),
  ]);
});

test('the doctor mentions nodes whose image is much older than the newest, and does not stop a deployment', () => {
  const { nodeRelease, version } = environments.dev.cluster;
  const [, year, month, day] = /-(\d{4})(\d\d)(\d\d)$/.exec(nodeRelease) ?? [];
  const laterBy = (days: number) =>
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day) + days))
      .toISOString()
      .slice(0, 10)
      .replaceAll('-', '');
  const doctor = (days: number) =>
    examine({ 'recommended/release_version': { Parameter: { Value: `${version}.9-${laterBy(days)}` } } });
  const about = ({ notes }: ReturnType<typeof doctor>) => notes.filter((text) => text?.includes(nodeRelease));
  expect(about(doctor(45))).toEqual([]);
  const late = doctor(46);
  expect([late.status, about(late)]).toEqual([0, [expect.stringContaining('pnpm infra upgrade dev')]]);
});

test('the doctor lists teams without e-mail addresses, and does not stop a deploy', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const awsWithQuota = aws(session).replace('"Value": 5', '"Value": 64');
  const alerts = '{"api": ["api@example.org"], "site": []}';
  const { status, output } = infra(
    ['doctor', 'dev'],
    { ...completeSettings, INFRA_ALERTS: alerts },
    { terraform, aws: awsWithQuota },
  );
  expect(status).toBe(0);
  expect(output.match(/(?<=Nobody in the team )\w+/g)).toEqual(['site', 'infrastructure']);
});

describe('Whatever it asks AWS, the doctor', () => {
  const elsewhere = {
    INFRA_REGION: 'sa-east-1',
    INFRA_DOMAIN: '{"zone": "example.org", "createZone": true}',
    INFRA_GITHUB: JSON.stringify({ repository: 'owner/name', createProvider: false, connections: github.connections }),
    INFRA_IMAGE_REGISTRY: 'ecr',
  };
  const before = { 'head-bucket': noBucket };
  const list = { OpenIDConnectProviderList: [provider()] };
  const zones = { HostedZones: [hostedZone()] };

  /** All that it asks, both before and after the bootstrap, while AWS shows what there is. */
  function asked(): string[] {
    const file = join(mkdtempSync(join(tmpdir(), 'asked-')), 'asked');
    const group = 'desafio-aws-prd-spot-1';
    const logGroup = '/aws/eks/desafio-aws-prd/cluster';
    const answers = {
      'list-open-id-connect-providers': list,
      'list-hosted-zones-by-name': zones,
      'list-nodegroups': { nodegroups: [group] },
      'describe-log-groups': { logGroups: [{ logGroupName: logGroup, logGroupArn: `arn:of:${logGroup}` }] },
    };
    for (const stage of [{}, before]) {
      const programs = { terraform, aws: `echo "$*" >>'${file}'\n${answering({ ...stage, ...answers })}` };
      infra(['doctor'], { ...completeSettings, ...elsewhere }, programs);
    }
    return readFileSync(file, 'utf8').trim().split('\n');
  }

  test('only reads, in the region of the settings or where AWS has billing, and as JSON', () => {
    const calls = asked();
    expect(calls.length).toBeGreaterThan(40);
    for (const call of calls) expect(call).toMatch(/^[\w-]+ (get|list|describe|head|simulate)-/);
    const rest = calls.filter((call) => !/^(sts get-caller-identity --output json$|s3api head-bucket )/.test(call));
    const global = rest.filter((call) => !call.endsWith(' --region sa-east-1 --output json'));
    for (const call of global) expect(call).toMatch(/^(ce|freetier|sns) .* --region us-east-1 --output json$/);
    for (const operation of ['list-cost-allocation-tags', 'get-account-plan-state', 'list-subscriptions-by-topic']) {
      expect(global).toContainEqual(expect.stringContaining(operation));
    }
    for (const name of ['dev', 'prd']) {
      expect(calls).toContainEqual(
        expect.stringContaining(`head-object --bucket own-state --key env:/${name}/desafio-aws.tfstate `),
      );
    }
  });

  test('asks whether the credentials may do all that the bootstrap does, and nothing else', () => {
    const actionsOf = (env: Record<string, string>) => {
      const { notes } = examine(
        // Each action that it asks for is refused.
        {
          ...before,
          'simulate-principal-policy': `shift 5
printf '{"EvaluationResults": ['
while [ "$1" != --region ]; do printf '%s{"EvalActionName": "%s", "EvalDecision": "implicitDeny"}' "$comma" "$1"; comma=,; shift; done
echo ']}'`,
        },
        env,
      );
      return notes.flatMap((text) => /these credentials (.+)\. Use those/.exec(text ?? '')?.[1]?.split(', ') ?? []);
    };
    const always = ['s3:CreateBucket', 's3:PutObject', 'iam:CreateRole', 'iam:CreatePolicy', 'iam:AttachRolePolicy'];
    expect(actionsOf({ INFRA_GITHUB: elsewhere.INFRA_GITHUB })).toEqual(always);
    const { INFRA_GITHUB, ...more } = elsewhere;
    expect(actionsOf(more)).toEqual([
      ...[...always, 'iam:CreateOpenIDConnectProvider', 'ecr:CreateRepository', 'route53:CreateHostedZone'],
    ]);
  });

  test('finds nothing missing where AWS answers nothing', () => {
    const answered = {
      'head-bucket': 'exit 0',
      'head-object': "echo '{}'",
      'get-caller-identity': `echo '{"Account": "123456789012", "Arn": "${administrator}"}'`,
    };
    const everythingElse = { '': 'exit 254' };
    const { missing, notes, status } = examine({ ...answered, ...everythingElse }, elsewhere);
    expect([status, missing, notes]).toEqual([0, [], []]);
    // Here it may list the providers, but not see what is in one.
    const listed = { ...answered, 'list-open-id-connect-providers': list, ...everythingElse };
    expect(examine(listed, elsewhere).missing).toEqual([]);
  });
});

/** What the doctor finds: first what is missing, then notes. In English only, after checking that both are there. */
function examine(
  answers: Record<string, object | string>,
  { args = ['doctor', 'dev'], ...env }: { args?: string[] } & Record<string, string | string[]> = {},
) {
  const settings = { ...completeSettings, ...(env as Record<string, string>) };
  const { output, status } = infra(args, settings, { terraform, aws: answering(answers) });
  const found = (mark: string) =>
    [...output.matchAll(new RegExp(`^${mark} (.+)\n  (.+)$`, 'gm'))].map(([, pt, en]) => {
      expect(pt).not.toBe(en);
      return en;
    });
  return { status, output, missing: found('✗'), notes: found('!') };
}

function provider(host = 'token.actions.githubusercontent.com') {
  return { Arn: `arn:aws:iam::123456789012:oidc-provider/${host}` };
}

function hostedZone(Config = { PrivateZone: false }) {
  return { Id: '/hostedzone/Z1', Name: 'example.org.', Config };
}
