import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSettings } from '../settings.ts';

const example = JSON.parse(readFileSync(resolve(import.meta.dirname, '../settings.example.json'), 'utf8'));
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
  expect(settingsOf(JSON.stringify(example))).toMatchObject(example);
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
  ['an invalid account', '{"accountId": "12"}', '"accountId": "12" is not an AWS account number of 12 digits.'],
  ['a bucket with capitals', '{"stateBucket": "Mine"}', '"stateBucket": "Mine" is not a bucket name'],
  [
    'an address without a prefix length',
    '{"clusterApiCidrs": ["203.0.113.7"]}',
    '"clusterApiCidrs[0]": "203.0.113.7" is not an address block, such as 203.0.113.7/32.',
  ],
  [
    'an impossible address',
    '{"clusterApiCidrs": ["203.0.113.256/32"]}',
    '"clusterApiCidrs[0]": "203.0.113.256/32" is not an address block',
  ],
  [
    'an impossible prefix length',
    '{"clusterApiCidrs": ["203.0.113.0/33"]}',
    '"clusterApiCidrs[0]": "203.0.113.0/33" is not an address block',
  ],
  [
    'a session instead of a role',
    '{"clusterAdmins": ["arn:aws:sts::123456789012:assumed-role/A/b"]}',
    '"clusterAdmins[0]": "arn:aws:sts::123456789012:assumed-role/A/b" is not the ARN of a role or user',
  ],
  [
    'an invalid e-mail address',
    '{"alerts": {"api": ["somebody"]}}',
    '"alerts.api[0]": "somebody" is not an e-mail address.',
  ],
  ['one address instead of a list', '{"alerts": {"api": "a@example.com"}}', 'is not a list of e-mail addresses'],
  [
    'an unknown setting',
    '{"acountId": "123456789012"}',
    '"acountId" does not exist. The closest setting is "accountId".',
  ],
  [
    'a team name that AWS does not allow',
    '{"alerts": {"In fra": ["a@example.com"]}}',
    '"alerts": "In fra" is not a team name',
  ],
  [
    'a team name of 32 characters',
    `{"alerts": {"${'a'.repeat(32)}": ["a@example.com"]}}`,
    `"${'a'.repeat(32)}" is not a team name: at most 31 lower-case letters, digits and hyphens`,
  ],
  ['a team name with a slash', '{"alerts": {"a/b": ["a@example.com"]}}', '"alerts": "a/b" is not a team name'],
  [
    'an unknown GitHub setting',
    '{"github": {"repo": "owner/name"}}',
    '"github.repo" does not exist. The closest setting is "github.repository".',
  ],
  [
    'an unknown domain setting',
    '{"domain": {"zone": "example.com", "create": true}}',
    '"domain.create" does not exist. The closest setting is "domain.createZone".',
  ],
  ['a domain without a zone', '{"domain": {}}', '"domain.zone" is missing: give a DNS zone'],
  ['neither of two choices', '{"imageRegistry": "quay"}', '"imageRegistry": "quay" is not "docker-hub" or "ecr".'],
  ['a list', '[]', 'must contain a JSON object'],
  ['broken JSON', '{', 'settings.json is not valid JSON'],
  ['an empty file', '\n', 'settings.json is empty: copy infra/settings.example.json, or delete the file'],
])('%s is rejected, and the error says in plain words what is wrong', (_, text, message) => {
  const error = errorOf(() => settingsOf(text));
  expect(error).toContain(message);
  // Once in each language, without schema paths and regular expressions.
  expect(error.split('\n').filter((line) => line.startsWith('  ')).length).toBeLessThanOrEqual(2);
  expect(error).not.toMatch(/pattern|schema|\^|must (match|be|not)/);
});

test.each([
  ...Object.keys(example).map((name): [string, object] => [name, { [name]: 12 }]),
  ...Object.keys(example.github).map((name): [string, object] => [`github.${name}`, { github: { [name]: 12 } }]),
  ...Object.keys(example.domain).map((name): [string, object] => [
    `domain.${name}`,
    { domain: { ...example.domain, [name]: 12 } },
  ]),
])('for a wrong %s, the error says what it should be', (name, settings) => {
  const sentence = new RegExp(`^  "${name}": 12 is not .+\\.$`, 'm');
  expect(errorOf(() => settingsOf(JSON.stringify(settings)))).toMatch(sentence);
});

test('many unknown settings are rejected, too', () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`setting${index}`, index]));
  expect(errorOf(() => settingsOf(JSON.stringify(many)))).toContain('"setting0" does not exist');
});

test('errors are in both languages', () => {
  const error = errorOf(() => settingsOf('{"clusterApiCidrs": ["203.0.113.7"]}'));
  expect(error).toContain('"clusterApiCidrs[0]": "203.0.113.7" não é um bloco de endereços, como 203.0.113.7/32.');
  expect(error).toContain('"clusterApiCidrs[0]": "203.0.113.7" is not an address block, such as 203.0.113.7/32.');
});

test.each([
  ['that is not JSON', { INFRA_ALERTS: 'somebody@example.com' }, 'INFRA_ALERTS is not valid JSON'],
  [
    'with a wrong value',
    { INFRA_CLUSTER_API_CIDRS: '203.0.113.7' },
    'INFRA_CLUSTER_API_CIDRS[0]: "203.0.113.7" is not',
  ],
  ['with an unknown setting', { INFRA_GITHUB: '{"repo": "owner/name"}' }, 'INFRA_GITHUB.repo does not exist'],
  ['that is empty', { INFRA_DOMAIN: '' }, 'The variable INFRA_DOMAIN is set, but empty'],
])('an environment variable %s is named', (_, environment, message) => {
  expect(errorOf(() => settingsOf('{}', environment))).toContain(message);
});

function errorOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('Nothing was refused');
}
