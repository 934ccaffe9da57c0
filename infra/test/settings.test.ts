import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSettings } from '../settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
function settingsOf(text: string, environment: NodeJS.ProcessEnv = {}) {
  const path = join(folder, 'settings.json');
  writeFileSync(path, text);
  return readSettings(path, environment);
}

test('without any settings there are defaults that name nobody', () => {
  expect(readSettings(join(folder, 'absent.json'), {})).toMatchObject({
    region: 'us-east-1',
    stateBucket: 'desafio-aws-terraform-state',
    clusterAdmins: [],
    alerts: {},
  });
});

test('the example is right', () => {
  const example = readFileSync(resolve(import.meta.dirname, '../settings.example.json'), 'utf8');
  expect(settingsOf(example)).toMatchObject(JSON.parse(example));
});

test('an environment variable stands above the file', () => {
  const settings = settingsOf('{"accountId": "123456789012", "clusterApiCidrs": ["203.0.113.7/32"]}', {
    INFRA_ACCOUNT_ID: '210987654321',
    INFRA_STATE_BUCKET: 'another-bucket',
    INFRA_CLUSTER_API_CIDRS: '198.51.100.0/24, 203.0.113.0/24',
    INFRA_ALERTS: '{"api": ["api@example.com"]}',
  });
  expect(settings).toMatchObject({
    accountId: '210987654321',
    stateBucket: 'another-bucket',
    clusterApiCidrs: ['198.51.100.0/24', '203.0.113.0/24'],
    alerts: { api: ['api@example.com'] },
  });
});

test.each([
  ['an account that is none', '{"accountId": "12"}', '/accountId'],
  ['a bucket with capitals', '{"stateBucket": "Mine"}', '/stateBucket'],
  ['an address that is no block', '{"clusterApiCidrs": ["203.0.113.7"]}', '/clusterApiCidrs/0'],
  ['an address that cannot be', '{"clusterApiCidrs": ["203.0.113.256/32"]}', '/clusterApiCidrs/0'],
  ['a block that cannot be', '{"clusterApiCidrs": ["203.0.113.0/33"]}', '/clusterApiCidrs/0'],
  [
    'a session instead of a role',
    '{"clusterAdmins": ["arn:aws:sts::123456789012:assumed-role/A/b"]}',
    '/clusterAdmins/0',
  ],
  ['an e-mail that is none', '{"alerts": {"api": ["somebody"]}}', '/alerts/api/0'],
  ['a setting that does not exist', '{"acountId": "123456789012"}', 'acountId'],
  ['a team that cannot be a name on AWS', '{"alerts": {"In fra": ["a@example.com"]}}', 'In fra'],
  ['a word about GitHub that does not exist', '{"github": {"repo": "owner/name"}}', 'repo'],
  ['a word about the domain that does not exist', '{"domain": {"zone": "example.com", "create": true}}', 'create'],
  ['a list', '[]', 'holds no object'],
  ['broken JSON', '{', 'settings.json is no JSON'],
])('%s is refused by its name', (_, text, named) => {
  expect(() => settingsOf(text)).toThrow(named);
});

test('an environment variable that is wrong is named', () => {
  expect(() => settingsOf('{}', { INFRA_ALERTS: 'somebody@example.com' })).toThrow('INFRA_ALERTS is no JSON');
});
