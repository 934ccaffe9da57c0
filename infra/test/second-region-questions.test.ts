/** What is asked, said and refused before an environment is deployed in the second region. AWS answers only exact questions. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as all from '../environments/all.ts';
import * as prerequisites from '../prerequisites.ts';
import { readSettings } from '../settings.ts';

const asked: string[] = [];
let answers: Record<string, unknown>;
let bucket: 'exists' | '(404)' | '(403)';
const { dev, prd } = all.environments;
const copying = { ...dev, database: { ...dev.database, copiesBackups: true } };
jest.unstable_mockModule('../environments/all.ts', () => ({ ...all, environments: { dev: copying, prd } }));
jest.unstable_mockModule('../prerequisites.ts', () => ({
  ...prerequisites,
  requireCaller: () => ({ Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/ana' }),
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
    if (bucket !== 'exists') throw new Error(`An error occurred ${bucket} when calling the HeadBucket operation`);
  },
}));
const { prepareSecondRegion, work } = await import('../second-region.ts');

const before = { ...process.env };
const said: string[] = [];
beforeEach(() => {
  [asked.length, said.length] = [0, 0];
  answers = {};
  bucket = 'exists';
  for (const name of Object.keys(process.env)) if (name.startsWith('INFRA_')) delete process.env[name];
  const folder = mkdtempSync(join(tmpdir(), 'aws-'));
  writeFileSync(join(folder, 'aws'), '', { mode: 0o755 });
  Object.assign(process.env, {
    PATH: folder,
    INFRA_REGION: 'sa-east-1',
    INFRA_SECOND_REGION: 'us-west-2',
    INFRA_STATE_BUCKET: 'own-state',
    INFRA_DOMAIN: '{"zone": "example.com", "subdomains": {"dev": "dev", "prd": "@"}}',
  });
  jest.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

const distributions = 'us-east-1: cloudfront list-distributions';
const databases = (name: string) =>
  `us-west-2: rds describe-db-instances --db-instance-identifier desafio-aws-${name}-mysql`;
const copies = (name: string) =>
  `us-west-2: rds describe-db-instance-automated-backups --db-instance-identifier desafio-aws-${name}-mysql`;
const copy = (id: string, LatestTime?: string) => ({
  DBInstanceAutomatedBackupsArn: `arn:aws:rds:us-west-2:123456789012:auto-backup:ab-${id}`,
  ...(LatestTime === undefined ? {} : { RestoreWindow: { EarliestTime: '2026-12-31T00:00:00Z', LatestTime } }),
});
const prepare = (name: 'dev' | 'prd', isEmptyAllowed = false) =>
  prepareSecondRegion(name, work('us-west-2'), isEmptyAllowed);

describe.each(['dev', 'prd'] as const)('%s', (name) => {
  const other = name === 'dev' ? 'prd' : 'dev';

  test('is restored from the latest of its own copies, after these questions', async () => {
    answers = {
      [copies(name)]: {
        DBInstanceAutomatedBackups: [
          ...[copy('none'), copy('old', '2026-11-20T10:00:00Z')],
          // Later than the next one, which is written with an offset.
          ...[copy('new', '2026-11-28T09:55:00Z'), copy('offset', '2026-11-28T10:54:00+01:00')],
        ],
      },
      [copies(other)]: { DBInstanceAutomatedBackups: [copy('other', '2026-11-29T00:00:00Z')] },
      [databases(other)]: { DBInstances: [{}] },
    };
    await prepare(name);
    expect(asked).toEqual([
      's3api head-bucket --bucket own-state-us-west-2 --expected-bucket-owner 123456789012',
      ...[distributions, databases(name), copies(name)],
    ]);
    const arn = 'arn:aws:rds:us-west-2:123456789012:auto-backup:ab-new';
    expect(JSON.parse(process.env.INFRA_RESTORE_FROM ?? '')).toEqual({ [name]: arn });
    expect(readSettings()).toMatchObject({ region: 'us-west-2', useSecondRegion: true, restoreFrom: { [name]: arn } });
    expect(
      said
        .join('\n')
        .split('\n')
        .filter((_, index) => index % 2 === 1),
    ).toEqual([
      `The database of ${name} is restored from the copy of its backups, until 2026-11-28T09:55:00Z. What was stored later is lost.`,
      expect.stringContaining('IAM, CloudFront and Route 53 are controlled from us-east-1, whatever the region'),
    ]);
  });

  test('is restored also where it may begin empty: that is only for where nothing can be restored', async () => {
    answers = { [copies(name)]: { DBInstanceAutomatedBackups: [copy('new', '2026-11-28T09:55:00Z')] } };
    await prepare(name, true);
    expect(readSettings().restoreFrom).toEqual({ [name]: copy('new').DBInstanceAutomatedBackupsArn });
  });

  test('is not restored again once its database is there', async () => {
    answers = {
      [databases(name)]: { DBInstances: [{}] },
      [copies(name)]: { DBInstanceAutomatedBackups: [copy('1', '2026-11-20')] },
    };
    await prepare(name);
    expect([asked.at(-1), process.env.INFRA_RESTORE_FROM]).toEqual([databases(name), undefined]);
  });

  test('is refused without copies, unless it may begin empty', async () => {
    const why = { dev: 'although "database.copiesBackups" is true', prd: '"database.copiesBackups" is false' }[name];
    for (const none of [
      undefined,
      {},
      { DBInstanceAutomatedBackups: [] },
      { DBInstanceAutomatedBackups: [copy('none')] },
    ]) {
      answers = { [copies(name)]: none };
      const told = expect.objectContaining({ name: 'Refused', message: expect.stringContaining(why) });
      await expect(prepare(name)).rejects.toEqual(told);
      await expect(prepare(name)).rejects.toThrow(`There is no copy of the backups of ${name} in us-west-2`);
      expect(await prepare(name, true)).toBeUndefined();
      expect(process.env.INFRA_RESTORE_FROM).toBeUndefined();
    }
  });

  test('is refused while distributions of the lost region have its own names', async () => {
    const host = { dev: 'dev.example.com', prd: 'example.com' }[name];
    const distribution = (Id: string, Comment: string, ...Items: string[]) => ({
      ...{ Id, Comment, Aliases: { Quantity: Items.length, Items } },
      // One that was disabled, or is still being changed, keeps its names, too.
      ...{ Enabled: !['E3', 'E6', 'E8'].includes(Id), Status: Id === 'E7' ? 'InProgress' : 'Deployed' },
    });
    const others = [
      { Id: 'E0', Comment: '' },
      { Id: 'E1', Comment: '', Aliases: {} },
      distribution('E2', 'of others', `x${host}`, `${host}.br`, `signoz.x.${host}`, `www.${host}`),
      distribution('E3', `desafio-aws-${name}-second: the applications`, host),
      distribution('E4', `desafio-aws-${name}-second: SigNoz`, `signoz.${host}`),
    ];
    const taken = [
      distribution('E5', `desafio-aws-${name}: the applications`, `www.${host}`, host, `signoz.${host}`),
      distribution('E6', `desafio-aws-${name}: SigNoz`, `signoz.${host}`),
      distribution('E7', `desafio-aws-${name}-secondary: not ours`, host),
      distribution('E8', `moved from desafio-aws-${name}-second: x`, host),
    ];
    answers = { [distributions]: { DistributionList: { Items: [...others, ...taken] } } };
    const lines = `  E5: ${host}\n  E5: signoz.${host}\n  E6: signoz.${host}\n  E7: ${host}\n  E8: ${host}\n`;
    await expect(prepare(name)).rejects.toThrow(`these, of the lost region, still have them:\n${lines}Remove`);
    expect(asked.at(-1)).toBe(distributions);
    answers = { [distributions]: { DistributionList: { Items: taken.slice(-1) } } };
    await expect(prepare(name)).rejects.toThrow(`\n  E8: ${host}\nRemove`);
    answers = { [distributions]: { DistributionList: { Items: others } } };
    expect(await prepare(name, true)).toBeUndefined();
    answers = { [distributions]: { DistributionList: {} } };
    expect(await prepare(name, true)).toBeUndefined();
  });

  test('has its state in a bucket of its own account, if there are two', async () => {
    process.env.INFRA_ACCOUNTS = '{"dev": "111122223333", "prd": "444455556666"}';
    bucket = '(404)';
    await expect(prepare(name)).rejects.toThrow(`aws s3 mb s3://own-state-us-west-2-${name} --region us-west-2.`);
    expect(asked).toEqual([
      `s3api head-bucket --bucket own-state-us-west-2-${name} --expected-bucket-owner 123456789012`,
    ]);
  });
});

test('without a domain nobody asks for names, and a bucket that cannot be read is no bucket', async () => {
  delete process.env.INFRA_DOMAIN;
  await prepare('prd', true);
  expect(asked).not.toContain(distributions);
  for (bucket of ['(403)', '(404)'] as const) {
    await expect(prepare('prd', true)).rejects.toThrow("The bucket of the second region's state, own-state-us-west-2,");
  }
});

test('without the AWS CLI it says so', async () => {
  process.env.PATH = mkdtempSync(join(tmpdir(), 'nothing-'));
  await expect(prepare('prd', true)).rejects.toThrow('Install aws: it is not on the PATH.');
});

test('only the second region of the settings is worked in, and only if it was asked for', () => {
  expect(work(undefined)).toMatchObject({ region: 'sa-east-1', stateBucket: 'own-state', useSecondRegion: false });
  expect(process.env.INFRA_USE_SECOND_REGION).toBeUndefined();
  for (const given of ['sa-east-1', 'us-west', 'us-west-22', '']) {
    expect(() => work(given)).toThrow(`${given} is not the second region. In infra/settings.json it is us-west-2`);
  }
  expect(process.env.INFRA_USE_SECOND_REGION).toBeUndefined();
  expect(work('us-west-2')).toMatchObject({
    region: 'us-west-2',
    stateBucket: 'own-state-us-west-2',
    useSecondRegion: true,
  });
  // The settings may say so already.
  expect(work(undefined)).toMatchObject({ region: 'us-west-2', useSecondRegion: true });
  for (const name of ['INFRA_SECOND_REGION', 'INFRA_USE_SECOND_REGION']) delete process.env[name];
  expect(() => work('us-west-2')).toThrow('There is no second region: set "secondRegion": "us-west-2"');
});
