import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { longestTeamName } from 'platform';
import { alarmTexts, describeAlarm } from '../constructs/alerting/alarm-texts.ts';
import { hostOf, readSettings, type Settings, settingsFile } from '../settings.ts';
import { everywhere, isIn, isPublicBlock } from '../settings-addresses.ts';
import { github } from './support/choices.ts';

const example = JSON.parse(readFileSync(resolve(import.meta.dirname, '../settings.example.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'settings-'));
function settingsOf(text: string, environment: NodeJS.ProcessEnv = {}) {
  const path = join(folder, 'settings.json');
  writeFileSync(path, text);
  return readSettings(path, environment);
}

test('the defaults contain no account, person or address', () => {
  expect(readSettings(join(folder, 'absent.json'), {})).toEqual({
    region: 'us-east-1',
    owner: 'desafio-aws',
    useSecondRegion: false,
    restoreFrom: {},
    stateBucket: 'desafio-aws-terraform-state',
    bootstrapState: 'local',
    // Of nobody: no owner on GitHub has this name.
    github: { repository: '-/desafio-aws', createProvider: true },
    clusterAdmins: [],
    clusterApiCidrs: { dev: [], prd: [] },
    alerts: {},
    imageRegistry: 'docker-hub',
  });
  expect(settingsOf('{"domain": {"zone": "example.com"}}').domain).toMatchObject({ createZone: false });
});

test('the file is the one that people are told to write, beside its example', () => {
  expect(relative(resolve(import.meta.dirname, '../..'), settingsFile)).toBe(join('infra', 'settings.json'));
  expect(readdirSync(dirname(settingsFile))).toContain('settings.example.json');
});

test('the example is valid', () => {
  expect(settingsOf(JSON.stringify(example))).toMatchObject(example);
});

test('each environment has a subdomain, and only "@" is the zone itself', () => {
  const domainOf = (subdomains?: object) => settingsOf(JSON.stringify({ domain: { zone: 'example.com', subdomains } }));
  const hosts = ({ domain }: Settings) => domain && [hostOf(domain, 'dev'), hostOf(domain, 'prd')];
  expect(hosts(domainOf())).toEqual(['dev.example.com', 'calculator.example.com']);
  expect(hosts(domainOf({ prd: 'www' }))).toEqual(['dev.example.com', 'www.example.com']);
  expect(hosts(domainOf({ dev: 'dev.app', prd: '@' }))).toEqual(['dev.app.example.com', 'example.com']);
});

test('environment variables override the file', () => {
  const settings = settingsOf('{"accountId": "123456789012", "clusterApiCidrs": {"prd": ["203.0.113.7/32"]}}', {
    INFRA_ACCOUNT_ID: '210987654321',
    INFRA_STATE_BUCKET: 'another-bucket',
    INFRA_CLUSTER_API_CIDRS: '{"dev": ["198.51.100.0/24", "203.0.113.0/24"]}',
    INFRA_ALERTS: '{"api": ["api@example.com"]}',
  });
  expect(settings).toMatchObject({
    accountId: '210987654321',
    stateBucket: 'another-bucket',
    clusterApiCidrs: { dev: ['198.51.100.0/24', '203.0.113.0/24'], prd: [] },
    alerts: { api: ['api@example.com'] },
  });
});

test('each setting has a variable of its name', () => {
  const other = {
    ...example,
    region: 'eu-central-1',
    owner: 'another',
    bootstrapState: 'bucket',
    secondRegion: 'eu-west-3',
    restoreFrom: { dev: 'arn:aws:rds:eu-west-3:123456789012:auto-backup:ab-one' },
    clusterAdmins: ['arn:aws:iam::123456789012:role/One', 'arn:aws:iam::123456789012:user/two'],
    imageRegistry: example.imageRegistry === 'ecr' ? 'docker-hub' : 'ecr',
  };
  // `accounts` contradicts `accountId`, and `useSecondRegion` would change the region and the bucket.
  expect(Object.keys(other)).toHaveLength(Object.keys(example).length + 2);
  const textOf = (value: unknown) => {
    if (Array.isArray(value)) return value.join(' , ');
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const environment = Object.fromEntries(
    Object.entries(other).map(([name, value]) => [
      `INFRA_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      textOf(value),
    ]),
  );
  const { imageRegistry } = example;
  const file = { imageRegistry, stateBucket: 'from-the-file', owner: 'from the file' };
  expect(settingsOf(JSON.stringify(file), environment)).toMatchObject(other);
});

test.each([
  ['an invalid account', '{"accountId": "12"}', '"accountId": "12" is not an AWS account number of 12 digits.'],
  ['a bucket with capitals', '{"stateBucket": "Mine"}', '"stateBucket": "Mine" is not a bucket name'],
  [
    'an address without a prefix length',
    '{"clusterApiCidrs": {"dev": ["203.0.113.7"]}}',
    '"clusterApiCidrs.dev[0]": "203.0.113.7" is not a block of public addresses, such as 203.0.113.7/32.',
  ],
  [
    'an impossible address',
    '{"clusterApiCidrs": {"dev": ["203.0.113.256/32"]}}',
    '"clusterApiCidrs.dev[0]": "203.0.113.256/32" is not a block of public addresses',
  ],
  [
    'an impossible prefix length',
    '{"clusterApiCidrs": {"dev": ["203.0.113.0/33"]}}',
    '"clusterApiCidrs.dev[0]": "203.0.113.0/33" is not a block of public addresses',
  ],
  [
    'a connection of the older service',
    `{"github": {"connections": {"dev": "${github.connections.dev.replace('codeconnections', 'codestar-connections')}"}}}`,
    '" is not the ARN of a connection, such as arn:aws:codeconnections:us-east-1:',
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
  [
    'the eleventh address of a team with a number in its name',
    `{"alerts": {"level2": [${'"a@example.com", '.repeat(10)}"somebody"]}}`,
    '"alerts.level2[10]": "somebody" is not an e-mail address.',
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
  [
    'one subdomain for both environments',
    '{"domain": {"zone": "example.com", "subdomains": {"dev": "app", "prd": "app"}}}',
    '"domain.subdomains": {"dev":"app","prd":"app"} is not an object with a different subdomain for each environment',
  ],
  ['a domain without a zone', '{"domain": {}}', '"domain.zone" is missing: give a DNS zone'],
  ['neither of two choices', '{"imageRegistry": "quay"}', '"imageRegistry": "quay" is not "docker-hub" or "ecr".'],
  ['a list', '[]', 'settings.json must contain a JSON object'],
  ['null', 'null', 'must contain a JSON object'],
  ['a text', '"accountId"', 'must contain a JSON object'],
  ['an account of 13 digits', '{"accountId": "1234567890123"}', '"1234567890123" is not an AWS account number'],
  ['an address without a dot', '{"alerts": {"api": ["a@example"]}}', '"a@example" is not an e-mail address.'],
  ['two addresses in one', '{"alerts": {"api": ["a@example.com, b@example.com"]}}', 'is not an e-mail address.'],
  ['two addresses with a comma', '{"alerts": {"api": ["a@example.com,b@example.com"]}}', 'is not an e-mail address.'],
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

const longest = 'a'.repeat(63);
const accounts = { dev: '111122223333', prd: '444455556666' };
const administrator = 'arn:aws:iam::777788889999:role/Administrator';

test.each<[string, object, object]>([
  ['the same account twice', { accounts: { dev: '111122223333', prd: '111122223333' } }, { accounts }],
  ['an account of 11 digits for dev', { accounts: { ...accounts, dev: '11112222333' } }, { accounts }],
  ['one account in the form of two', { accounts: '111122223333' }, { accountId: '111122223333' }],
  [
    'with two accounts, a bucket of 60 characters',
    { accounts, stateBucket: 'a'.repeat(60) },
    { accounts, stateBucket: 'a'.repeat(59) },
  ],
  [
    'with two accounts, an administrator of a third',
    { accounts, clusterAdmins: ['arn:aws:iam::777788889999:role/Administrator'] },
    { accounts, clusterAdmins: ['arn:aws:iam::444455556666:role/Administrator'] },
  ],
  [
    'with two accounts, an administrator of a third, with the number of one in the name',
    { accounts, clusterAdmins: [`${administrator}-${accounts.dev}`] },
    { accounts, clusterAdmins: [`arn:aws:iam::${accounts.dev}:role/Administrator-777788889999`] },
  ],
  ['an unknown region', { region: 'mars-1' }, { region: 'sa-east-1' }],
  ['a region with two zones', { region: 'us-west-1' }, { region: 'us-west-2' }],
  ['an owner of 257 characters', { owner: 'a'.repeat(257) }, { owner: 'a'.repeat(256) }],
  ['an owner with an ampersand', { owner: 'R&D' }, { owner: 'Produção 1 _.:/=+-@' }],
  ...['aws', 'AWS', 'Aws', 'aWS', 'awS'].map((prefix): [string, object, object] => [
    `an owner that begins with ${prefix}:`,
    { owner: `${prefix}:team` },
    { owner: `team ${prefix}:` },
  ]),
  ['an empty owner', { owner: '' }, { owner: 'a' }],
  ['a bucket of 64 characters', { stateBucket: 'a'.repeat(64) }, { stateBucket: 'a'.repeat(63) }],
  ['a bucket of two characters', { stateBucket: 'ab' }, { stateBucket: 'abc' }],
  ['a bucket with two dots in a row', { stateBucket: 'my..state' }, { stateBucket: 'my.state' }],
  ...['-', '.'].flatMap((sign): [string, object, object][] => [
    [`a bucket that begins with ${sign}`, { stateBucket: `${sign}state` }, { stateBucket: `my${sign}state` }],
    [`a bucket that ends in ${sign}`, { stateBucket: `state${sign}` }, { stateBucket: `state${sign}s` }],
  ]),
  ...['group/people', 'policy/everything', 'root', 'role/', 'user/'].map((what): [string, object, object] => [
    `as an administrator, what EKS does not admit: ${what}`,
    { clusterAdmins: [administrator.replace('role/Administrator', what)] },
    { clusterAdmins: [administrator] },
  ]),
  ['an address as a bucket', { stateBucket: '192.168.5.4' }, { stateBucket: '192.168.5' }],
  ...['xn--', 'sthree-', 'amzn-s3-demo-'].map((prefix): [string, object, object] => [
    `a bucket that begins with ${prefix}`,
    { stateBucket: `${prefix}state` },
    { stateBucket: `state-${prefix}state` },
  ]),
  ...['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'].map((suffix): [string, object, object] => [
    `a bucket that ends in ${suffix}`,
    { stateBucket: `state${suffix}` },
    { stateBucket: `state${suffix}-state` },
  ]),
  ['a label of 64 characters', inZone(`${longest}a.com`), inZone(`${longest}.com`)],
  ['a label that begins with a hyphen', inZone('-example.com'), inZone('my-example.com')],
  ['a label that ends in a hyphen', inZone('example-.com'), inZone('e.com')],
  ['an empty label', inZone('example..com'), inZone('example.com.br')],
  ['a zone without a dot', inZone('example'), inZone('example.com')],
  ['a subdomain of 64 characters', hostedAt(`${longest}a`), hostedAt(longest)],
  ['a subdomain with a capital', hostedAt('App'), hostedAt('my-app.team')],
  ['an empty subdomain', hostedAt(''), hostedAt('@')],
  ['a runbook address of 401 characters', { runbooks: address(401) }, { runbooks: address(400) }],
  ['a runbook address without encryption', { runbooks: 'http://example.com' }, { runbooks: 'https://example.com' }],
  ['a runbook address after a word', { runbooks: 'see https://example.com' }, { runbooks: 'https://example.com/see' }],
  [
    'an owner of 40 characters on GitHub',
    { github: { repository: `${'a'.repeat(40)}/name` } },
    { github: { repository: `${'a'.repeat(39)}/name_1.x-y` } },
  ],
  [
    'a name of 101 characters on GitHub',
    { github: { repository: `owner/${'a'.repeat(101)}` } },
    { github: { repository: `owner/${'a'.repeat(100)}` } },
  ],
  [
    'an owner with a dot on GitHub',
    { github: { repository: 'my.owner/name' } },
    { github: { repository: 'my-owner/name' } },
  ],
  ['a subject prefix without an owner', subject('repo:name'), subject('repo:owner/name')],
  ['a whole subject', subject('repo:owner/name:ref:refs/heads/main'), subject('repo:my-owner/name_1.x-y')],
  ['a subject prefix with one number', subject('repo:owner@1/name'), subject('repo:owner@1/name@2')],
  ...[
    ['a private block', '10.1.0.0/16', '11.1.0.0/16'],
    ['a block around a private one', '172.0.0.0/8', '172.0.0.0/12'],
    ['a block that does not begin with its network address', '203.0.113.7/24', '203.0.113.0/24'],
    ['an address with a zero before its number, which some read as octal', '203.0.113.07/32', '203.0.113.0/32'],
    ['a length with a zero before it', '32.0.0.0/08', '32.0.0.0/8'],
    ['the whole internet by another address', '1.0.0.0/0', '0.0.0.0/0'],
  ].map(([name = '', bad, good]): [string, object, object] => [name, opened(bad), opened(good)]),
  ['the same block twice', opened('203.0.113.7/32', '203.0.113.7/32'), opened('203.0.113.7/32', '203.0.113.8/32')],
  ['41 blocks', opened(...blocks(41)), opened(...blocks(40))],
  [
    'the whole internet for prd',
    { clusterApiCidrs: { prd: ['0.0.0.0/0'] } },
    { clusterApiCidrs: { dev: ['0.0.0.0/0'], prd: ['203.0.113.7/32'] } },
  ],
  [
    'a second region that is the first',
    { region: 'sa-east-1', secondRegion: 'sa-east-1' },
    { region: 'sa-east-1', secondRegion: 'us-east-1' },
  ],
  ['a second region with two zones', { secondRegion: 'us-west-1' }, { secondRegion: 'us-west-2' }],
  [
    'a bucket whose name is too long with the second region, whose name is longer than that of the first',
    { secondRegion: 'ap-southeast-2', stateBucket: 'a'.repeat(49) },
    { secondRegion: 'ap-southeast-2', stateBucket: 'a'.repeat(48) },
  ],
  [
    'a bucket whose name is too long with the second region and the environment',
    { secondRegion: 'ap-southeast-2', stateBucket: 'a'.repeat(45), accounts },
    { secondRegion: 'ap-southeast-2', stateBucket: 'a'.repeat(44), accounts },
  ],
  ['a word for true', { useSecondRegion: 'yes' }, { useSecondRegion: false }],
  [
    'a snapshot in place of backups',
    { restoreFrom: { prd: 'arn:aws:rds:us-west-2:111122223333:snapshot:one' } },
    { restoreFrom: { prd: 'arn:aws:rds:us-west-2:111122223333:auto-backup:ab-one' } },
  ],
  ['blocks without an environment', { clusterApiCidrs: ['203.0.113.7/32'] }, opened('203.0.113.7/32')],
])('%s is rejected in both languages, and its neighbour accepted', (_, bad, good) => {
  const error = errorOf(() => settingsOf(JSON.stringify(bad)));
  expect(error).toMatch(/^ {2}"[\w.[\]]+": .+ não é .+\.$/m);
  expect(error).toMatch(/^ {2}"[\w.[\]]+": .+ is not .+\.$/m);
  expect(error.split('\n').filter((line) => line.startsWith('  '))).toHaveLength(2);
  expect(settingsOf(JSON.stringify(good))).toMatchObject(good);
});

// IANA's list, without the blocks for documentation.
test.each([
  ['this network', '0.0.0.0', '0.255.255.255', undefined, '1.0.0.0'],
  ['private networks', '10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['carriers', '100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['a machine itself', '127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['one link', '169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['private networks', '172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['private networks', '192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['groups, and of no use yet', '224.0.0.0', '255.255.255.255', '223.255.255.255', undefined],
])('of the addresses of %s, from %s to %s, none can reach a cluster, and those next to them can', (_, ...ends) => {
  const isAccepted = ends.map((address) => address && isPublicBlock(`${address}/32`));
  expect(isAccepted).toEqual([false, false, ends[2] && true, ends[3] && true]);
});

/** Settings of every kind, with the shortest of those that have a form. */
const formed: readonly (readonly [name: string, settingsWith: (value: string) => object, value: string])[] = [
  ['accountId', (accountId) => ({ accountId }), '111122223333'],
  ['accounts.prd', (prd) => ({ accounts: { ...accounts, prd } }), '444455556666'],
  ['region', (region) => ({ region }), 'sa-east-1'],
  ['secondRegion', (secondRegion) => ({ secondRegion }), 'us-west-2'],
  ['restoreFrom.prd', (prd) => ({ restoreFrom: { prd } }), 'arn:aws:rds:us-west-2:111122223333:auto-backup:ab-one'],
  ['stateBucket', (stateBucket) => ({ stateBucket }), 'own-state'],
  ['bootstrapState', (bootstrapState) => ({ bootstrapState }), 'bucket'],
  ['github.repository', (repository) => ({ github: { repository } }), 'owner/name'],
  ['github.subjectPrefix', subject, 'repo:owner@1/name@2'],
  ['github.connections.dev', (dev) => ({ github: { connections: { dev } } }), github.connections.dev],
  ['clusterAdmins[1]', (arn) => ({ clusterAdmins: [administrator, arn] }), administrator.replace('role', 'user')],
  ['clusterApiCidrs.dev[1]', (block) => opened('203.0.113.7/32', block), '203.0.113.8/32'],
  ['clusterApiCidrs.prd[0]', (block) => ({ clusterApiCidrs: { prd: [block] } }), '203.0.113.8/32'],
  ['domain.zone', inZone, 'example.com'],
  ['domain.subdomains.dev', (dev) => ({ domain: { zone: 'example.com', subdomains: { dev } } }), 'test'],
  ['domain.subdomains.prd', hostedAt, 'app'],
  ['alerts.api[1]', (email) => ({ alerts: { api: ['a@example.com', email] } }), 'b@example.com'],
  ['imageRegistry', (imageRegistry) => ({ imageRegistry }), 'ecr'],
];

test.each(formed)('for %s, what is around a valid value makes it invalid', (name, settingsWith, value) => {
  settingsOf(JSON.stringify(settingsWith(value)));
  const around = [` ${value}`, `${value} `, `${value}\n`, `x:${value}`, `${value}:x`, `"${value}"`, ''];
  for (const wrong of [...around, ...otherwiseLong(value)]) {
    // Paths of roles and addresses of people can have such signs.
    const isFree = /^(clusterAdmins|alerts)/.test(name) && wrong.includes(value) && !/\s|^x:arn/.test(wrong);
    if (isFree) continue;
    const error = errorOf(() => settingsOf(JSON.stringify(settingsWith(wrong))));
    expect([wrong, error]).toEqual([wrong, expect.stringContaining(`"${name}": ${JSON.stringify(wrong)} is not`)]);
  }
});

/** The value without its region, with a digit more and less in its account, and a sign more, less and other in its id, where it has them. */
function otherwiseLong(value: string): string[] {
  const changes: [RegExp, (part: string) => string[]][] = [
    [/(?<=:)[a-z]+-[a-z]+-\d(?=:)/, () => ['']],
    [/\b\d{12}\b/, (account) => [account.slice(1), `${account}1`]],
    [/[0-9a-f-]{36}$/, (id) => [id.slice(1), `${id}1`, id.replace(/^./, 'g')]],
    [/(?<=:ab-)\w+$/, (id) => [`${id}-1`, `${id}_1`, '']],
  ];
  return changes.flatMap(([part, change]) => {
    const [found] = part.exec(value) ?? [];
    return found === undefined ? [] : change(found).map((other) => value.replace(part, other));
  });
}

const [lower, digits] = ['abcdefghijklmnopqrstuvwxyz', '0123456789'];
const upper = lower.toUpperCase();

test.each<[string, (sign: string) => object, string]>([
  ['an account', (sign) => ({ accountId: `11112222333${sign}` }), digits],
  ['an owner', (sign) => ({ owner: `a${sign}b` }), `${lower}${upper}${digits} _.:/=+-@`],
  ['a bucket', (sign) => ({ stateBucket: `a${sign}b` }), `${lower}${digits}-.`],
  ['a zone', (sign) => inZone(`a${sign}b.com`), `${lower}${digits}-.`],
  ['a subdomain', (sign) => hostedAt(`a${sign}b`), `${lower}${digits}-.`],
  ['a team', (sign) => ({ alerts: { [`a${sign}b`]: [] } }), `${lower}${digits}-`],
  ['the beginning of a team', (sign) => ({ alerts: { [`${sign}b`]: [] } }), lower],
  ['an owner on GitHub', (sign) => ({ github: { repository: `a${sign}b/name` } }), `${lower}${upper}${digits}_-`],
  ['a name on GitHub', (sign) => ({ github: { repository: `owner/a${sign}b` } }), `${lower}${upper}${digits}_-.`],
  ["the number of an owner in GitHub's subject", (sign) => subject(`repo:owner@1${sign}2/name@3`), digits],
  ["the number of a repository in GitHub's subject", (sign) => subject(`repo:owner@1/name@2${sign}3`), digits],
  [
    'the id of a connection',
    (sign) => ({ github: { connections: { dev: github.connections.dev.replace(/.$/, () => sign) } } }),
    `abcdef${digits}-`,
  ],
  [
    'the id of backups',
    (sign) => ({ restoreFrom: { prd: `arn:aws:rds:us-west-2:111122223333:auto-backup:ab-a${sign}b` } }),
    `${lower}${upper}${digits}`,
  ],
])('of all signs, only those that its service accepts can be in %s', (_, having, accepted) => {
  const signs = Array.from({ length: 127 - 32 }, (_, index) => String.fromCharCode(32 + index));
  const isAccepted = (sign: string) => {
    try {
      return settingsOf(JSON.stringify(having(sign))) !== undefined;
    } catch {
      return false;
    }
  };
  expect(signs.filter(isAccepted)).toEqual([...accepted].toSorted());
});

test.each<[string, (sign: string) => object, string]>([
  // https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3
  [
    'the address of a person',
    (sign) => ({ alerts: { api: [`a${sign}b@example.com`] } }),
    `${lower}${upper}${digits}!#$%&'*+/=?^_\`{|}~.-`,
  ],
  [
    'the domain of an address',
    (sign) => ({ alerts: { api: [`ana@a${sign}b.example.com`] } }),
    `${lower}${upper}${digits}.-`,
  ],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  ...['role', 'user'].flatMap((kind): [string, (sign: string) => object, string][] => {
    const admin = (path: string) => ({ clusterAdmins: [`arn:aws:iam::777788889999:${kind}/${path}`] });
    return [
      [`the name of a ${kind}`, (sign) => admin(`people/a${sign}b`), `${lower}${upper}${digits}_+=,.@-`],
      [
        `the path of a ${kind}`,
        (sign) => admin(`a${sign}b/ana`),
        `${lower}${upper}${digits}!"#$%&'()*+,-./:;<=>?@[]^_{|}~`,
      ],
    ];
  }),
])('no sign that its service accepts is refused in %s', (_, having, accepted) => {
  for (const sign of accepted) {
    const settings = having(sign);
    expect(settingsOf(JSON.stringify(settings))).toMatchObject(settings);
  }
});

test.each<[string, (sign: string) => object, readonly string[]]>([
  ['the address of a person', (sign) => ({ alerts: { api: [`a${sign}b@example.com`] } }), ['@']],
  ['the domain of an address', (sign) => ({ alerts: { api: [`ana@a${sign}b.com`] } }), ['@']],
  ['the end of an address', (sign) => ({ alerts: { api: [`ana@example.c${sign}m`] } }), ['@']],
  ...['role', 'user'].map((kind): [string, (sign: string) => object, readonly string[]] => [
    `the name of a ${kind}`,
    (sign) => ({ clusterAdmins: [`arn:aws:iam::777788889999:${kind}/a${sign}b`] }),
    [],
  ]),
])('no white space can be in %s, nor what is there once already', (_, having, others) => {
  for (const sign of [' ', '\t', '\n', '\u00a0', ...others]) {
    expect(() => settingsOf(JSON.stringify(having(sign)))).toThrow(' is not ');
  }
});

test('a team may have the longest name that AWS allows', () => {
  const alerts = { ['a'.repeat(longestTeamName)]: ['a@example.com'] };
  expect(settingsOf(JSON.stringify({ alerts })).alerts).toEqual(alerts);
});

test('what each setting has to be is said in both languages', () => {
  const values = [
    { ...Object.fromEntries(Object.keys(example).map((name) => [name, 12])), accounts: 12 },
    { github: { repository: 12, subjectPrefix: 12, createProvider: 12, connections: 12 }, clusterAdmins: [12] },
    { domain: { zone: 12, createZone: 12, subdomains: 12 }, clusterApiCidrs: { dev: 12, prd: 12 } },
    { accounts: { dev: 12, prd: 12 }, restoreFrom: { dev: 12, prd: 12 }, alerts: { api: 12, 'In fra': [] } },
    {
      github: { connections: { dev: 12, prd: 12 } },
      domain: { zone: 'example.com', subdomains: { dev: 12, prd: 12 } },
    },
    { clusterApiCidrs: { dev: [12], prd: [12] }, alerts: { api: [12] }, domain: {} },
    { accounts: {}, useSecondRegion: true, domain: { zone: 'example.com', subdomains: { dev: 'a', prd: 'a' } } },
    { useSecondRegion: true, accounts, stateBucket: 'a'.repeat(60), clusterAdmins: [administrator] },
    { region: 'us-west-2', secondRegion: 'us-west-2', stateBucket: 'a'.repeat(60) },
    { region: 'sa-east-1', secondRegion: 'us-west-2', stateBucket: 'a'.repeat(60) },
  ];
  // TypeBox stops after eight errors, so one value at a time.
  const errors = values.flatMap((all) =>
    Object.entries(all).length > 6 ? Object.entries(all).map(([name, value]) => ({ [name]: value })) : [all],
  );
  const said = errors.map((settings) => errorOf(() => settingsOf(JSON.stringify(settings))).replaceAll(folder, ''));
  expect(said.join('\n')).toMatchSnapshot();
});

test('of a misspelt setting, the closest name is said, whichever letter is wrong, missing or too many', () => {
  const names = Object.keys(example);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) {
    const half = Math.floor(name.length / 2);
    const [start, end] = [name.slice(0, half), name.slice(half)];
    for (const wrong of [
      `${start}${end.slice(1)}`,
      `${start}x${end}`,
      `${start}x${end.slice(1)}`,
      `${name}s`,
      `x${name}`,
    ]) {
      if (names.includes(wrong)) continue;
      expect(errorOf(() => settingsOf(JSON.stringify({ [wrong]: 1 })))).toContain(
        `"${wrong}" does not exist. The closest setting is "${name}".`,
      );
    }
  }
  // As JSON pointers write them.
  expect(errorOf(() => settingsOf('{"own/er": 1, "re~gion": 2}'))).toContain('"own/er" does not exist');
  expect(errorOf(() => settingsOf('{"re~gion": 2}'))).toContain('"re~gion" does not exist');
});

test('each of several administrators must belong to one of two accounts', () => {
  const clusterAdmins = [accounts.dev, '777788889999', accounts.prd, '888899990000'].map(
    (id) => `arn:aws:iam::${id}:role/Administrator`,
  );
  const error = errorOf(() => settingsOf(JSON.stringify({ accounts, clusterAdmins })));
  expect(error.match(/"clusterAdmins\[\d\]": .+ is not/g)).toEqual(
    [1, 3].map((index) => `"clusterAdmins[${index}]": "${clusterAdmins[index]}" is not`),
  );
});

test.each([
  ['203.0.113.7', '203.0.113.0/24', true],
  ['203.0.113.0', '203.0.113.0/24', true],
  ['203.0.113.255', '203.0.113.0/24', true],
  ['203.0.114.0', '203.0.113.0/24', false],
  ['203.0.112.255', '203.0.113.0/24', false],
  ['203.0.113.7', everywhere, true],
  ['2001:db8::1', '203.0.113.0/24', false],
  ['203.0.113.7', 'no block', false],
  ['203.0.113.256', everywhere, false],
])('the address %s is in %s: %s', (address, block, expected) => {
  expect(isIn(address, block)).toBe(expected);
});

interface Nested {
  [key: string]: Nested | string;
}

test('a misspelt setting is refused in every object, and never silently left out', () => {
  const { connections } = github;
  const { accountId: _, ...rest } = example;
  const restoreFrom = { prd: 'arn:aws:rds:us-west-2:111122223333:auto-backup:ab-one' };
  const whole = { ...rest, clusterAdmins: [], accounts, restoreFrom, github: { ...example.github, connections } };
  // Whatever has a default is in it, so that a new setting is not forgotten here.
  for (const [name, value] of Object.entries(readSettings('', {}))) {
    if (typeof value === 'object' && !Array.isArray(value)) expect(Object.keys(whole)).toContain(name);
  }
  settingsOf(JSON.stringify(whole));
  const objects = (value: object, path: string[]): string[][] => [
    path,
    ...Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'object' && !Array.isArray(inner) ? objects(inner, [...path, key]) : [],
    ),
  ];
  // The names of teams are free.
  const all = objects(whole, []).filter(([setting]) => setting !== 'alerts');
  expect(all.map((path) => path.join('.')).toSorted()).toEqual([
    ...['', 'accounts', 'clusterApiCidrs', 'domain', 'domain.subdomains', 'github', 'github.connections'],
    'restoreFrom',
  ]);
  for (const path of all) {
    const wrong = structuredClone(whole) as Nested;
    let object = wrong;
    for (const key of path) object = object[key] as Nested;
    object.misspelt = '1';
    expect(errorOf(() => settingsOf(JSON.stringify(wrong)))).toContain(
      `"${[...path, 'misspelt'].join('.')}" does not exist`,
    );
  }
});

test('one account and two are not given together, and two not without either', () => {
  const error = errorOf(() => settingsOf(JSON.stringify({ accounts }), { INFRA_ACCOUNT_ID: '111122223333' }));
  expect(error).toContain('  "accountId" e "accounts" juntos: use "accountId" para uma conta só, ou "accounts"');
  expect(error).toContain('  "accountId" and "accounts" together: use "accountId" for one account, or "accounts"');
  const half = errorOf(() => settingsOf('{"accounts": {"dev": "111122223333"}}'));
  expect(half).toContain('  "accounts.prd" falta: informe um número de conta da AWS, com 12 dígitos.');
  expect(half).toContain('  "accounts.prd" is missing: give an AWS account number of 12 digits.');
  expect(half).not.toContain('"accounts.dev"');
  const variable = { INFRA_ACCOUNTS: JSON.stringify(accounts) };
  expect(settingsOf('{}', variable)).toMatchObject({ accounts });
});

test('the second region has a bucket of its own for the state, and is used only where there is one', () => {
  const second = { region: 'sa-east-1', secondRegion: 'us-east-1', stateBucket: 'own-state' };
  expect(settingsOf(JSON.stringify(second))).toMatchObject({ ...second, useSecondRegion: false });
  expect(settingsOf(JSON.stringify(second), { INFRA_USE_SECOND_REGION: 'true' })).toMatchObject({
    region: 'us-east-1',
    stateBucket: 'own-state-us-east-1',
  });
  const longest = {
    ...second,
    region: 'ap-southeast-2',
    stateBucket: 'a'.repeat(63 - '-us-east-1'.length),
    useSecondRegion: true,
  };
  const read = settingsOf(JSON.stringify(longest));
  expect(read.stateBucket).toHaveLength(63);
  // As the workflows get them.
  expect(settingsOf(JSON.stringify(read))).toEqual(read);
  const longer = { ...longest, stateBucket: `${longest.stateBucket}a` };
  expect(errorOf(() => settingsOf(JSON.stringify(longer)))).toContain('is not a name of at most 53 characters');
  const error = errorOf(() => settingsOf('{"useSecondRegion": true}'));
  expect(error).toContain('  "useSecondRegion" é true e "secondRegion" falta');
  expect(error).toContain('  "useSecondRegion" is true and "secondRegion" is missing');
});

test("with the longest address of the runbooks and the longest names, CloudWatch accepts every alarm's description", () => {
  // The longest address, and the longest that is derived from the repository.
  const repository = `${'a'.repeat(39)}/${'a'.repeat(100)}`;
  const addresses = [address(400), `https://github.com/${repository}/blob/main/docs/runbooks`];
  const kinds = Object.entries(alarmTexts);
  expect(kinds.length).toBeGreaterThan(5);
  for (const [kind, textOf] of kinds) {
    for (const runbooks of addresses) {
      const runbook = `${runbooks}/${kind}.md`;
      const description = describeAlarm(textOf('a'.repeat(25)), 'a'.repeat(longestTeamName), runbook);
      expect(description).toContain(runbook);
      expect(description.length).toBeLessThan(1024);
    }
  }
});

function inZone(zone: string): object {
  return { domain: { zone } };
}

function hostedAt(prd: string): object {
  return { domain: { zone: 'example.com', subdomains: { prd } } };
}

function subject(subjectPrefix: string): object {
  return { github: { subjectPrefix } };
}

function opened(...dev: (string | undefined)[]): object {
  return { clusterApiCidrs: { dev } };
}

function blocks(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `203.0.113.${index}/32`);
}

function address(length: number): string {
  return 'https://'.padEnd(length, 'a');
}

test('many unknown settings are rejected, too', () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`setting${index}`, index]));
  expect(errorOf(() => settingsOf(JSON.stringify(many)))).toContain('"setting0" does not exist');
});

test('errors are in both languages, and name the file', () => {
  const error = errorOf(() => settingsOf('{"clusterApiCidrs": {"dev": ["203.0.113.7"]}}'));
  for (const where of ['inválidas em', 'Invalid settings in']) {
    expect(error).toContain(`${where} ${join(folder, 'settings.json')} `);
  }
  expect(error).toContain(
    '"clusterApiCidrs.dev[0]": "203.0.113.7" não é um bloco de endereços públicos, como 203.0.113.7/32.',
  );
  expect(error).toContain(
    '"clusterApiCidrs.dev[0]": "203.0.113.7" is not a block of public addresses, such as 203.0.113.7/32.',
  );
});

test.each([
  ['that is not JSON', { INFRA_ALERTS: 'somebody@example.com' }, 'INFRA_ALERTS is not valid JSON'],
  [
    'with a wrong value',
    { INFRA_CLUSTER_API_CIDRS: '{"dev": ["203.0.113.7"]}' },
    'INFRA_CLUSTER_API_CIDRS.dev[0]: "203.0.113.7" is not',
  ],
  ['with a wrong name', { INFRA_ALERTS: '{"In fra": []}' }, 'INFRA_ALERTS: "In fra" is not a team name'],
  ['with an unknown setting', { INFRA_GITHUB: '{"repo": "owner/name"}' }, 'INFRA_GITHUB.repo does not exist'],
  // Each would be true elsewhere. To take one for false would be to work in the region that is lost.
  ...['True', 'TRUE', 'yes', 'on', "'true'"].map((word): [string, Record<string, string>, string] => [
    `that says ${word} for true`,
    { INFRA_SECOND_REGION: 'us-west-2', INFRA_USE_SECOND_REGION: word },
    'INFRA_USE_SECOND_REGION is not valid JSON',
  ]),
  ...['1', '"true"'].map((word): [string, Record<string, string>, string] => [
    `that says ${word} for true`,
    { INFRA_SECOND_REGION: 'us-west-2', INFRA_USE_SECOND_REGION: word },
    `INFRA_USE_SECOND_REGION: ${word} is not true or false`,
  ]),
  ['that is empty', { INFRA_DOMAIN: '' }, 'The variable INFRA_DOMAIN is set, but empty'],
  ['that is blank', { INFRA_OWNER: ' ' }, 'The variable INFRA_OWNER is set, but empty'],
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
