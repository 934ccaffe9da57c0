/** Copies of the database's backups in a second region. */
import { describe, expect, test } from '@jest/globals';
import { environments } from '../environments/all.ts';
import type { Environment } from '../environments/environment.ts';
import { backupRegions, regions } from '../environments/regions.ts';
import { inSecondRegion, readSettings, type Settings } from '../settings.ts';
import { type Block, synthesise } from './support/synthesised.ts';

const { prd } = environments;
const copying: Partial<Environment> = { database: { ...prd.database, backupDays: 9, copiesBackups: true } };
const copies = 'aws_db_instance_automated_backups_replication';
const regionsOf = ({ provider }: { readonly provider: Record<string, Block[]> }) =>
  provider.aws?.map(({ alias, region }) => [alias ?? '', region]);

test.each(['dev', 'prd'] as const)('%s copies nothing to another region, until its file says so', (name) => {
  const stack = synthesise(name, { settings: { secondRegion: 'us-west-2' } });
  expect(stack.all(copies)).toEqual([]);
  // The provider of the second region is there, because Terraform needs it to delete copies that are no longer wanted.
  expect(regionsOf(stack.terraform)).toEqual([
    ['', 'us-east-1'],
    ['second', 'us-west-2'],
  ]);
  expect(regionsOf(synthesise(name).terraform)).toEqual([['', 'us-east-1']]);
});

describe.each<[string, Partial<Settings>, string, string[][]]>([
  [
    'from us-east-1 to us-west-2',
    { secondRegion: 'us-west-2' },
    'aws.second',
    [
      ['', 'us-east-1'],
      ['second', 'us-west-2'],
    ],
  ],
  [
    'from sa-east-1 to us-east-1, where alarms and certificates are',
    { region: 'sa-east-1', secondRegion: 'us-east-1' },
    'aws.global',
    [
      ['', 'sa-east-1'],
      ['global', 'us-east-1'],
    ],
  ],
])('copies of backups %s', (_, settings, provider, all) => {
  const stack = synthesise('prd', { environment: copying, settings });
  const [replication] = stack.all(copies);

  test('are made in that region, of the environment’s database, and kept as long as its backups', () => {
    expect(regionsOf(stack.terraform)).toEqual(all);
    expect(replication).toMatchObject({ provider, retention_period: 9 });
    expect(stack.target(replication?.source_db_instance_arn)).toMatchObject({
      identifier: 'desafio-aws-prd-mysql',
      backup_retention_period: 9,
    });
  });

  test('are encrypted with a key of RDS in that region, which nobody can delete', () => {
    const [[id, key] = ['', {}]] = Object.entries(stack.terraform.data.aws_kms_alias ?? {});
    expect(key).toMatchObject({ provider, name: 'alias/aws/rds' });
    expect(replication?.kms_key_id).toBe(`\${data.aws_kms_alias.${id}.target_key_arn}`);
  });
});

test('without a second region, or once the environment is there, nothing is copied', () => {
  expect(synthesise('prd', { environment: copying }).all(copies)).toEqual([]);
  const settings = inSecondRegion({ ...readSettings('', {}), secondRegion: 'us-west-2' });
  expect(synthesise('prd', { environment: copying, settings }).all(copies)).toEqual([]);
});

test('RDS copies backups from each region to another one that can be deployed to', () => {
  expect(Object.keys(backupRegions).toSorted()).toEqual(regions.toSorted());
  for (const region of regions) {
    expect(backupRegions[region].length).toBeGreaterThan(1);
    expect(backupRegions[region]).not.toContain(region);
  }
});

// Both ways: another test holds that. So each pair is here once, at the first of its regions.
test('RDS copies backups between all regions but these, which it would refuse in mid-deployment', () => {
  const refused = regions.map((one, index) => [
    one,
    regions.slice(index + 1).filter((other) => !backupRegions[one].includes(other)),
  ]);
  const europe = ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'];
  const farFromAsia = ['ca-central-1', ...europe, 'sa-east-1'];
  const farFromEurope = ['sa-east-1', 'us-east-2', 'us-west-2'];
  expect(Object.fromEntries(refused)).toEqual({
    'ap-northeast-1': ['ap-south-1', 'ap-southeast-2', ...farFromAsia],
    'ap-south-1': ['ap-southeast-2', ...farFromAsia],
    'ap-southeast-1': farFromAsia,
    'ap-southeast-2': [...farFromAsia, 'us-east-2'],
    'ca-central-1': ['eu-central-1', 'eu-north-1', 'eu-west-2', 'eu-west-3', 'sa-east-1'],
    'eu-central-1': ['sa-east-1'],
    'eu-north-1': farFromEurope,
    'eu-west-1': ['sa-east-1'],
    'eu-west-2': farFromEurope,
    'eu-west-3': farFromEurope,
    'sa-east-1': ['us-west-2'],
    'us-east-1': [],
    'us-east-2': [],
    'us-west-2': [],
  });
});
