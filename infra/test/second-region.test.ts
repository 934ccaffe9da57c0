/** An environment in the second region, after the first is lost with all its resources, its state and its images. */
import { describe, expect, test } from '@jest/globals';
import { partOf } from '../costs/actual.ts';
import { environments } from '../environments/all.ts';
import { inSecondRegion, readSettings, type Settings } from '../settings.ts';
import { answering, completeSettings } from './support/aws-answers.ts';
import { github } from './support/choices.ts';
import { infra } from './support/command.ts';
import { account, ask, type Question } from './support/rights.ts';
import { type Block, type Synthesised, synthesise, synthesiseBootstrap } from './support/synthesised.ts';
import { expectTranscript } from './support/transcripts.ts';

const { dev, prd } = environments;
const backups = `arn:aws:rds:us-west-2:${account}:auto-backup:ab-1`;
const domain = { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } };
const first: Settings = {
  ...readSettings('', {}),
  secondRegion: 'us-west-2',
  stateBucket: 'own-state',
  domain,
  imageRegistry: 'ecr',
  github: { ...github, connections: { ...github.connections, prd: github.connections.dev } },
};
const choices = { runner: true, database: { ...prd.database, copiesBackups: true } };
// Where the backups are may be in the settings before the region is lost.
const lost = synthesise('prd', { environment: choices, settings: { ...first, restoreFrom: { prd: backups } } });
const back = synthesise('prd', {
  environment: choices,
  settings: inSecondRegion({ ...first, restoreFrom: { prd: backups } }),
});

describe('the stack of the second region', () => {
  /** Types with one name in all regions, or in us-east-1 for CloudFront, and the argument with the name. */
  const accountWide: Readonly<Record<string, string>> = {
    aws_budgets_budget: 'name',
    aws_cloudfront_origin_access_control: 'name',
    aws_cloudfront_response_headers_policy: 'name',
    aws_cloudwatch_dashboard: 'dashboard_name',
    aws_iam_instance_profile: 'name',
    aws_iam_role: 'name',
    aws_wafv2_web_acl: 'name',
    // For CloudFront and Route 53, in us-east-1: from a first region elsewhere, those there still exist.
    aws_cloudwatch_log_delivery_destination: 'name',
    aws_cloudwatch_log_delivery_source: 'name',
    aws_cloudwatch_metric_alarm: 'alarm_name',
    aws_sns_topic: 'name',
  };
  const namesIn = (stack: Synthesised) =>
    Object.entries(accountWide).flatMap(([type, argument]) =>
      stack.some(type).map((block) => `${type} ${block[argument]}`),
    );

  test('gives no name that the lost region’s resources still have', () => {
    const [before, after] = [namesIn(lost), namesIn(back)];
    expect(before.length).toBeGreaterThan(50);
    // From us-east-1 to elsewhere there are more: those that CloudFront needs there.
    expect(after.map((name) => name.replace('-second', ''))).toEqual(expect.arrayContaining(before));
    expect(after.filter((name) => before.includes(name))).toEqual([]);
  });

  test('gives dev no such name either, which sleeps at night', () => {
    const environment = { cluster: { ...dev.cluster, sleepsAtNight: true }, edge: prd.edge };
    const [before, after] = [first, inSecondRegion(first)].map((settings) =>
      namesIn(synthesise('dev', { environment, settings })),
    );
    expect(before).toContain('aws_iam_role desafio-aws-dev-sleep-schedule');
    expect(after?.map((name) => name.replace('-second', ''))).toEqual(expect.arrayContaining(before ?? []));
    expect(after?.filter((name) => before?.includes(name))).toEqual([]);
  });

  test('keeps the names by which releases and manifests find the cluster, its targets and the database', () => {
    for (const [type, argument] of [
      ['aws_eks_cluster', 'name'],
      ['aws_db_instance', 'identifier'],
      ['aws_lb_target_group', 'name'],
      ['aws_codebuild_project', 'name'],
      ['aws_secretsmanager_secret', 'name'],
    ] as const) {
      const names = (stack: Synthesised) => stack.some(type).map((block) => block[argument]);
      expect([type, names(back)]).toEqual([type, names(lost)]);
    }
  });

  test('admits the same delivery roles to the cluster: the bootstrap made them for both regions', () => {
    const delivery = (stack: Synthesised) =>
      stack
        .some('aws_eks_access_entry')
        .map(({ principal_arn }) => `${principal_arn}`)
        .filter((arn) => /-prd-(apply|plan|deploy|drill)$/.test(arn));
    expect(delivery(back).length).toBe(4);
    expect(delivery(back)).toEqual(delivery(lost));
  });

  test('has machines that the costs tell apart like those of the lost region', () => {
    const parts = (stack: Synthesised) =>
      stack
        .some('aws_launch_template')
        .flatMap(({ tag_specifications }) => tag_specifications.map(({ tags }: Block) => tags.Name))
        .map((name) => partOf('EC2 - Other', name, 'prd'));
    expect(new Set(parts(lost))).toEqual(new Set(['computing', 'observability', 'wayOut']));
    expect(parts(back)).toEqual(parts(lost));
  });

  test('has its state in the second region’s bucket', () => {
    expect(lost.terraform.terraform.backend.s3).toMatchObject({ bucket: 'own-state', region: 'us-east-1' });
    expect(back.terraform.terraform.backend.s3).toMatchObject({ bucket: 'own-state-us-west-2', region: 'us-west-2' });
  });

  test('creates the database from the latest copied backups, and never again', () => {
    const [database] = back.all('aws_db_instance');
    expect(database?.restore_to_point_in_time).toEqual({
      source_db_instance_automated_backups_arn: backups,
      use_latest_restorable_time: true,
    });
    // A later deployment does not say again where the backups are, and must not replace the server.
    const later = synthesise('prd', { environment: choices, settings: inSecondRegion(first) }).one('aws_db_instance');
    expect(later.restore_to_point_in_time).toBeUndefined();
    const ignored = ['restore_to_point_in_time', 'engine_lifecycle_support'];
    for (const { lifecycle } of [database, later] as Block[]) expect(lifecycle.ignore_changes).toEqual(ignored);
    expect(lost.one('aws_db_instance').restore_to_point_in_time).toBeUndefined();
  });

  test('takes over the public records, and only there', () => {
    const isPublic = ({ zone_id }: Block) => zone_id.startsWith('${data.');
    const overwrites = (stack: Synthesised) =>
      stack
        .some('aws_route53_record')
        .filter(isPublic)
        .map(({ allow_overwrite = false }) => allow_overwrite);
    expect(overwrites(back)).toEqual(Array.from({ length: 6 }, () => true));
    expect(overwrites(lost)).toEqual(Array.from({ length: 6 }, () => false));
  });
});

test('images are copied to the second region, with the tags without which none is released to prd', () => {
  const [rule] = synthesiseBootstrap(first).one('aws_ecr_replication_configuration').replication_configuration.rule;
  expect(rule.destination).toEqual([{ region: 'us-west-2', registry_id: expect.stringContaining('account_id') }]);
  expect(rule.repository_filter.map(({ filter }: { filter: string }) => filter)).toEqual([
    'calculadora-api',
    'magic-calculator',
  ]);
  for (const other of [synthesiseBootstrap({ ...first, imageRegistry: 'docker-hub' }), synthesiseBootstrap()])
    expect(other.all('aws_ecr_replication_configuration')).toEqual([]);
});

test('the bootstrap prepares a bucket and repositories in the second region, and nothing without one', () => {
  const inSecond = (stack: Synthesised) =>
    stack.types.flatMap((type) =>
      stack
        .all(type)
        .filter(({ provider }) => provider !== undefined)
        .map(({ bucket, name, provider }) => [type, provider, type === 'aws_s3_bucket' ? bucket : name] as const),
    );
  const prepared = inSecond(synthesiseBootstrap(first));
  expect(prepared).toContainEqual(['aws_s3_bucket', 'aws.second', 'own-state-us-west-2']);
  expect(prepared.filter(([type]) => type === 'aws_ecr_repository').map(([, , name]) => name)).toEqual([
    'calculadora-api',
    'magic-calculator',
  ]);
  expect(prepared.filter(([type]) => type.startsWith('aws_s3_bucket')).length).toBe(6);
  const { secondRegion: _, ...alone } = first;
  expect(inSecond(synthesiseBootstrap(alone))).toEqual([]);
});

describe('with a second region', () => {
  const stacks = [synthesiseBootstrap(first)];
  const state = (environment: string, bucket = 'own-state-us-west-2') =>
    `arn:aws:s3:::${bucket}/env:/${environment}/desafio-aws.tfstate`;
  const there = (service: string, rest: string) => `arn:aws:${service}:us-west-2:${account}:${rest}`;
  const elsewhere = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:${account}:${rest}`;
  const from = (region: string) => ({ 'aws:RequestedRegion': region });
  const rows: readonly (readonly [string, string, string, boolean, Question['context']?])[] = [
    ['prd-plan', 's3:GetObject', state('prd'), true],
    ['prd-plan', 's3:GetObject', state('dev'), false],
    ['prd-plan', 's3:PutObject', state('prd'), false],
    ['prd-apply', 's3:PutObject', state('prd'), true],
    ['prd-apply', 's3:PutObject', state('prd', 'own-state'), true],
    ['prd-apply', 's3:DeleteObject', `${state('prd')}.tflock`, true],
    ['prd-apply', 's3:DeleteObject', state('prd'), false],
    ['prd-apply', 's3:GetObject', state('dev'), false],
    ['dev-apply', 's3:PutObject', state('prd'), false],
    ['prd-apply', 's3:PutBucketPolicy', 'arn:aws:s3:::own-state-us-west-2', false],
    ['prd-apply', 's3:GetObject', 'arn:aws:s3:::own-state-eu-west-1/env:/prd/desafio-aws.tfstate', false],
    ['prd-boundary', 's3:GetObject', state('prd'), false],
    ['prd-deploy', 'eks:DescribeCluster', there('eks', 'cluster/desafio-aws-prd'), true],
    ['prd-deploy', 'eks:DescribeCluster', elsewhere('eks', 'cluster/desafio-aws-prd'), false],
    ['prd-drill', 'rds:DeleteDBInstance', there('rds', 'db:desafio-aws-prd-drill-1'), true],
    ['prd-drill', 'rds:DeleteDBInstance', there('rds', 'db:desafio-aws-prd-mysql'), false],
    ['prd-drill', 'rds:DeleteDBInstance', elsewhere('rds', 'db:desafio-aws-prd-drill-1'), false],
    ['dev-deploy', 'rds:StartDBInstance', there('rds', 'db:desafio-aws-dev-mysql'), true],
    ['dev-deploy', 'rds:StartDBInstance', there('rds', 'db:desafio-aws-prd-mysql'), false],
    // Copies of backups: each environment makes and stops its own, and nobody deletes what was copied.
    ['prd-apply', 'rds:StartDBInstanceAutomatedBackupsReplication', there('rds', 'db:desafio-aws-prd-mysql'), true],
    ['prd-apply', 'rds:StopDBInstanceAutomatedBackupsReplication', there('rds', 'db:desafio-aws-prd-mysql'), true],
    ['dev-apply', 'rds:StopDBInstanceAutomatedBackupsReplication', there('rds', 'db:desafio-aws-prd-mysql'), false],
    ['prd-apply', 'rds:DeleteDBInstanceAutomatedBackup', backups, false, from('us-west-2')],
    ['dev-apply', 'rds:DeleteDBInstanceAutomatedBackup', backups, false, from('us-west-2')],
    [
      'dev-apply',
      'rds:DeleteDBInstanceAutomatedBackup',
      `arn:aws:rds:us-east-1:${account}:auto-backup:ab-2`,
      true,
      from('us-east-1'),
    ],
    ['prd-plan', 'rds:DescribeDBInstanceAutomatedBackups', there('rds', 'auto-backup:ab-1'), true],
  ];

  test('the delivery roles reach what they need in both regions, and nothing else', () => {
    const answers = ask(
      stacks,
      rows.map(([who, action, resource, , context]) => ({
        ...{ who: `desafio-aws-${who}`, action, resource },
        ...(context && { context }),
      })),
    );
    expect(rows.map(([who, action, resource], index) => [who, action, resource, answers[index]])).toEqual(
      rows.map(([who, action, resource, expected]) => [who, action, resource, expected]),
    );
  });
});

describe('pnpm infra deploy prd --region', () => {
  const settings = { ...completeSettings, INFRA_SECOND_REGION: 'us-west-2', AWS_ACCESS_KEY_ID: 'key' };
  // The synthesis starts with `sh`.
  const sh = 'echo "second region: $INFRA_USE_SECOND_REGION, from $INFRA_RESTORE_FROM"; exit 7';
  const programs = (answers: Parameters<typeof answering>[0] = {}) => ({
    ...{ aws: answering(answers), terraform: 'echo Terraform v1.11.4', sh },
  });
  const deploy = (
    answers: Parameters<typeof answering>[0] = {},
    env: Record<string, string> = settings,
    ...more: string[]
  ) => infra(['deploy', 'prd', '--region', 'us-west-2', '--yes', ...more], env, programs(answers));
  const copies =
    'describe-db-instance-automated-backups --db-instance-identifier desafio-aws-prd-mysql --region us-west-2';
  const copy = (id: string, LatestTime?: string) => ({
    DBInstanceAutomatedBackupsArn: `arn:aws:rds:us-west-2:123456789012:auto-backup:ab-${id}`,
    ...(LatestTime !== undefined && { RestoreWindow: { LatestTime } }),
  });

  test.each<[string, Record<string, string>, Parameters<typeof answering>[0], string, string]>([
    [
      'without a second region',
      { ...settings, INFRA_SECOND_REGION: 'eu-west-1' },
      {},
      'us-west-2 is not the second region. In infra/settings.json it is eu-west-1',
      'us-west-2 não é a segunda região. Em infra/settings.json ela é eu-west-1',
    ],
    [
      'if the bucket of its state was not prepared',
      settings,
      { 'head-bucket --bucket own-state-us-west-2': "echo 'An error occurred (404)' >&2; exit 254" },
      'create it: aws s3 mb s3://own-state-us-west-2 --region us-west-2.',
      'crie-o: aws s3 mb s3://own-state-us-west-2 --region us-west-2.',
    ],
    [
      'while distributions of the lost region have its names',
      { ...settings, INFRA_DOMAIN: JSON.stringify(domain) },
      {
        'cloudfront list-distributions': {
          DistributionList: {
            Items: [
              { Id: 'E1', Comment: 'desafio-aws-prd: the applications', Aliases: { Items: ['app.example.com'] } },
              { Id: 'E2', Comment: 'desafio-aws-prd: SigNoz', Aliases: { Items: ['signoz.app.example.com'] } },
              { Id: 'E3', Comment: 'desafio-aws-dev: the applications', Aliases: { Items: ['dev.example.com'] } },
              { Id: 'E4', Comment: 'desafio-aws-prd-second: SigNoz', Aliases: { Items: ['signoz.app.example.com'] } },
              { Id: 'E5', Comment: '' },
            ],
          },
        },
      },
      'still have them:\n  E1: app.example.com\n  E2: signoz.app.example.com\nRemove them',
      'ainda os têm:\n  E1: app.example.com\n  E2: signoz.app.example.com\nTire-os',
    ],
    [
      'without a copy of the backups',
      settings,
      { [copies]: { DBInstanceAutomatedBackups: [] } },
      'There is no copy of the backups of prd in us-west-2: "database.copiesBackups" is false.',
      'Não há cópia dos backups de prd em us-west-2: "database.copiesBackups" é false.',
    ],
    [
      'with a copy that has nothing to restore yet',
      settings,
      { [copies]: { DBInstanceAutomatedBackups: [copy('1')] } },
      'The database would begin empty, and the data would be lost. For that, use --empty-database.',
      'O banco começaria vazio, e os dados estariam perdidos. Para isso, use --empty-database.',
    ],
  ])('%s is refused in both languages, before anything is done', (_, env, answers, en, pt) => {
    const { status, stderr, stdout } = deploy(answers, env);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(en);
    expect(stderr).toContain(pt);
  });

  test('with no second region in the settings says what to set, and to bootstrap while there is time', () => {
    const { INFRA_SECOND_REGION: _, ...without } = settings;
    const { status, stderr } = deploy({}, without);
    expect(status).toBe(2);
    expect(stderr).toContain('There is no second region: set "secondRegion": "us-west-2" in infra/settings.json.');
    expect(stderr).toContain('run pnpm infra bootstrap before');
  });

  test('restores the latest of the copies, says until when, and works in the second region', () => {
    const all = [copy('old', '2026-11-20T10:00:00Z'), copy('new', '2026-11-28T09:55:00Z'), copy('none')];
    const { status, stdout } = deploy({ [copies]: { DBInstanceAutomatedBackups: all } });
    expect(status).toBe(7);
    expect(stdout).toContain(
      'restored from the copy of its backups, until 2026-11-28T09:55:00Z. What was stored later is',
    );
    // Before what Terraform prints.
    expectTranscript('pnpm infra deploy prd --region us-west-2 --yes', stdout.replace(/second region: .*\n/, ''));
    expect(stdout).toContain('IAM, CloudFront and Route 53 are controlled from us-east-1, whatever the region');
    expect(stdout).toContain(
      'second region: true, from {"prd":"arn:aws:rds:us-west-2:123456789012:auto-backup:ab-new"}',
    );
  });

  test('begins with an empty database if that was asked for', () => {
    const { status, stdout } = deploy({}, settings, '--empty-database');
    expect([status, stdout]).toEqual([7, expect.stringContaining('second region: true, from \n')]);
  });

  test('asks for no backups once the database is there, nor does a later deployment without the option', () => {
    const there = { 'describe-db-instances --db-instance-identifier desafio-aws-prd-mysql': { DBInstances: [{}] } };
    expect(deploy(there)).toMatchObject({ status: 7 });
    const env = { ...settings, INFRA_USE_SECOND_REGION: 'true' };
    const { status, stdout } = infra(['deploy', 'prd', '--yes'], env, programs(there));
    expect([status, stdout]).toEqual([7, expect.stringContaining('second region: true, from \n')]);
  });

  test.each(['plan', 'output'])('%s works there, too, with the option', (command) => {
    const { status, stdout } = infra([command, 'prd', '--region', 'us-west-2'], settings, programs());
    expect([status, stdout]).toEqual([7, 'second region: true, from \n']);
    const other = infra([command, 'prd', '--region', 'eu-west-1'], settings, programs());
    expect([other.status, other.stdout]).toEqual([2, '']);
  });

  test('the bootstrap is refused there', () => {
    const { status, stderr } = infra(['bootstrap'], { ...settings, INFRA_USE_SECOND_REGION: 'true' }, programs());
    expect(status).toBe(2);
    expect(stderr).toContain('In us-west-2 there is nothing to create: run pnpm infra deploy.');
  });
});
