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

test('the defaults contain no account, person or address', () => {
  expect(readSettings(join(folder, 'absent.json'), {})).toMatchObject({
    region: 'us-east-1',
    stateBucket: 'desafio-aws-terraform-state',
    clusterAdmins: [],
    alerts: {},
  });
});

test('the example is valid', () => {
  const example = readFileSync(resolve(import.meta.dirname, '../settings.example.json'), 'utf8');
  expect(settingsOf(example)).toMatchObject(JSON.parse(example));
});

test('environment variables override the file', () => {
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
  ['an invalid account', '{"accountId": "12"}', '/accountId'],
  ['a bucket with capitals', '{"stateBucket": "Mine"}', '/stateBucket'],
  ['an address without a prefix length', '{"clusterApiCidrs": ["203.0.113.7"]}', '/clusterApiCidrs/0'],
  ['an impossible address', '{"clusterApiCidrs": ["203.0.113.256/32"]}', '/clusterApiCidrs/0'],
  ['an impossible prefix length', '{"clusterApiCidrs": ["203.0.113.0/33"]}', '/clusterApiCidrs/0'],
  [
    'a session instead of a role',
    '{"clusterAdmins": ["arn:aws:sts::123456789012:assumed-role/A/b"]}',
    '/clusterAdmins/0',
  ],
  ['an invalid e-mail address', '{"alerts": {"api": ["somebody"]}}', '/alerts/api/0'],
  ['an unknown setting', '{"acountId": "123456789012"}', 'acountId'],
  ['a team name that AWS does not allow', '{"alerts": {"In fra": ["a@example.com"]}}', 'In fra'],
  ['an unknown GitHub setting', '{"github": {"repo": "owner/name"}}', 'repo'],
  ['an unknown domain setting', '{"domain": {"zone": "example.com", "create": true}}', 'create'],
  ['a list', '[]', 'must contain a JSON object'],
  ['broken JSON', '{', 'settings.json is not valid JSON'],
])('%s is rejected, and the error names it', (_, text, message) => {
  expect(() => settingsOf(text)).toThrow(message);
});

test('an invalid environment variable is named', () => {
  expect(() => settingsOf('{}', { INFRA_ALERTS: 'somebody@example.com' })).toThrow('INFRA_ALERTS is not valid JSON');
});
