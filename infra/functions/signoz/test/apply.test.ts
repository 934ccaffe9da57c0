import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { dev } from '../../../environments/dev.ts';
import { prd } from '../../../environments/prd.ts';
import { definitionsOf } from '../../../signoz/definitions.ts';
import { bundle } from '../../bundle.ts';
import type { Definitions } from '../src/definitions.ts';
import { timeLimits } from '../src/signoz.ts';
import { SignozDouble, type StoredDashboard } from './support/signoz-double.ts';

const program = resolve(import.meta.dirname, '../src/index.ts');
const topics = Object.fromEntries(
  ['api', 'site', 'infrastructure'].map((team) => [team, `arn:aws:sns:us-east-1:111122223333:desafio-aws-dev-${team}`]),
);
/** Those of the repository. */
const definitions = definitionsOf({
  prefix: 'desafio-aws-dev',
  region: 'us-east-1',
  topics,
  applications,
  teams: Object.keys(topics),
  addresses: {},
  runbooks: 'https://example.com/runbooks',
});
const count = definitions.channels.length + definitions.rules.length + definitions.dashboards.length;

let signoz: SignozDouble;
let url: string;
let folder: string;
beforeEach(async () => {
  signoz = new SignozDouble();
  url = await signoz.start();
  folder = mkdtempSync(join(tmpdir(), 'definitions-'));
});
afterEach(() => {
  signoz.stop();
  rmSync(folder, { recursive: true });
});

/** Runs the job's program once. */
async function run(wanted: Partial<Definitions> = definitions, env: Record<string, string> = {}, file = program) {
  for (const [kind, content] of Object.entries(wanted)) {
    writeFileSync(join(folder, `${kind}.json`), JSON.stringify(content));
  }
  signoz.changes.length = 0;
  const { email, orgId, password } = signoz.user;
  return promisify(execFile)(process.execPath, [file], {
    env: {
      PATH: process.env.PATH,
      SIGNOZ_URL: url,
      EMAIL: email,
      PASSWORD: password,
      ORGANISATION: orgId,
      DEFINITIONS: folder,
      START_LIMIT: '0',
      ...env,
    },
  });
}

/** What SigNoz has, by identity, without the ids that it chose. */
const state = () => ({
  channels: signoz.channels.map(({ data, name }) => [name, JSON.parse(data)]),
  rules: signoz.rules.map(({ content }) => content),
  dashboards: signoz.dashboards.map(({ data }) => data),
});
const titles = () => signoz.dashboards.map(({ data }) => data.title);
const first = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error('There is none');
  return item;
};
const overview = () => first(signoz.dashboards.filter(({ data }) => data.tags.includes('dashboard:overview')));

describe('the job that puts the definitions into SigNoz', () => {
  test('makes channels, then rules, then dashboards', async () => {
    const { stderr, stdout } = await run();
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual([
      ...definitions.channels.map(({ name }) => `Made channel ${name}.`),
      ...definitions.rules.map(({ labels }) => `Made rule ${labels.rule}.`),
      ...definitions.dashboards.map(({ tags }) => `Made dashboard ${tags[1]}.`),
      `SigNoz has 3 channels, ${definitions.rules.length} rules and ${definitions.dashboards.length} dashboards.`,
    ]);
    expect(signoz.changes).toEqual([
      ...definitions.channels.map(() => 'POST /api/v1/channels'),
      ...definitions.rules.map(() => 'POST /api/v2/rules'),
      ...definitions.dashboards.map(() => 'POST /api/v1/dashboards'),
    ]);
    expect(state()).toMatchObject({ rules: definitions.rules, dashboards: definitions.dashboards });
    expect(state().channels).toMatchObject(definitions.channels.map((channel) => [channel.name, channel]));
  });

  test('is one file, which needs nothing else', async () => {
    const file = join(folder, 'index.mjs');
    copyFileSync(join(bundle('signoz'), 'index.mjs'), file);
    await run(definitions, {}, file);
    expect(signoz.rules).toHaveLength(definitions.rules.length);
  });

  test('changes nothing the second time', async () => {
    await run();
    // By a person, and nothing differs.
    overview().locked = true;
    const before = state();
    await run();
    expect(signoz.changes).toEqual([]);
    expect(state()).toEqual(before);
    expect(overview().locked).toBe(true);
  });

  test('works with a key of a service account, which it deletes afterwards, and makes one account only', async () => {
    await run();
    expect(signoz.usedKeys.size).toBe(1);
    expect([...signoz.usedKeys][0]).toMatch(/^run-\d+$/);
    expect(signoz.keys).toEqual([]);
    // Seconds. If the job is killed, the key is of no use after an hour.
    const [life = 0] = signoz.lives;
    expect(life).toBeGreaterThan(3_000);
    expect(life).toBeLessThanOrEqual(3_600);
    await run();
    expect(signoz.accounts.map(({ name, roles, status }) => [name, status, roles])).toEqual([
      ['repository', 'active', ['role-signoz-admin']],
    ]);
  });

  test('deletes the key of a run that was killed, and does not use an account that was deleted', async () => {
    await run();
    const account = first(signoz.accounts);
    const now = Math.floor(Date.now() / 1_000);
    // Which never expires, which has expired, and as the job makes them.
    for (const [id, expiresAt] of Object.entries({ 'k-1': 0, 'k-2': now - 60, 'k-3': now + 3_000 })) {
      signoz.keys.push({ id, name: `run-${id}`, key: `stolen-${id}`, account: account.id, expiresAt });
    }
    await run();
    expect(signoz.keys).toEqual([]);
    account.status = 'deleted';
    await run();
    expect(signoz.accounts.map(({ status }) => status)).toEqual(['deleted', 'active']);
  });

  test('uses no account of people, leaves its keys, and gives its own account the role that it needs', async () => {
    const people = { id: 'a-1', name: 'people', status: 'active' as const, roles: ['role-signoz-admin'] };
    const own = { id: 'a-2', name: 'repository', status: 'active' as const, roles: ['role-signoz-viewer'] };
    signoz.accounts.push(people, own);
    const key = { id: 'k-1', name: 'pipeline', key: 'theirs', account: people.id, expiresAt: 0 };
    signoz.keys.push(key);
    await run();
    expect(signoz.accounts).toEqual([people, { ...own, roles: ['role-signoz-viewer', 'role-signoz-admin'] }]);
    expect(signoz.keys).toEqual([key]);
    expect(new Set(signoz.rules.map(({ createdBy }) => createdBy))).toEqual(
      new Set(['repository@signozserviceaccount.com']),
    );
  });

  test('changes back what people changed by hand, and nothing else', async () => {
    await run();
    const wanted = state();
    first(signoz.channels).data = JSON.stringify({ name: 'repository: api', webhook_configs: [{}] });
    first(signoz.rules).content = { ...first(signoz.rules).content, disabled: true };
    // More than one panel, which SigNoz allows to no user.
    overview().data = { ...overview().data, widgets: [{ id: 'w-1' }, { id: 'w-2' }, { id: 'w-3' }] };
    const { stdout } = await run();
    expect(signoz.changes.map((change) => change.replace(/[\da-f-]{36}/, '<id>'))).toEqual([
      'PUT /api/v1/channels/<id>',
      'PUT /api/v2/rules/<id>',
      'PUT /api/v1/dashboards/<id>',
    ]);
    expect(stdout).toContain('Changed dashboard dashboard:overview.\n');
    expect(state()).toEqual(wanted);
  });

  test.each(['channels', 'rules', 'dashboards'] as const)(
    'fails, and deletes nothing, without the file of %s',
    async (kind) => {
      await run();
      rmSync(join(folder, `${kind}.json`));
      const { [kind]: _, ...others } = definitions;
      await expect(run(others)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(`${kind}.json`) });
      expect(signoz.changes).toEqual([]);
    },
  );

  test('does not say that it changed what SigNoz refused to change', async () => {
    await run();
    first(signoz.rules).content = { ...first(signoz.rules).content, disabled: true };
    signoz.changesLeft = 0;
    await expect(run()).rejects.toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/^SigNoz answered 500 to PUT \/api\/v2\/rules\/[\w-]+: database is locked\n$/),
    });
  });

  test('takes out what people added to a channel or a rule: another address, a field that changes its meaning', async () => {
    await run();
    const wanted = state();
    const channel = first(signoz.channels);
    const data = JSON.parse(channel.data);
    channel.data = JSON.stringify({
      ...data,
      sns_configs: [{ ...data.sns_configs[0], api_url: 'https://example.com' }],
    });
    // Of which a part is empty, as what SigNoz adds itself.
    const [, other] = signoz.channels;
    const changed = JSON.parse(String(other?.data));
    changed.sns_configs[0].attributes = { priority: '', kind: 'page' };
    Object.assign(other ?? {}, { data: JSON.stringify(changed) });
    const rule = first(signoz.rules);
    rule.content = { ...rule.content, notificationSettings: { ...rule.content.notificationSettings, usePolicy: true } };
    const { stdout } = await run();
    expect(stdout).toContain(
      'Changed channel repository: api.\nChanged channel repository: site.\nChanged rule sum-fails-now.\n',
    );
    expect(signoz.changes).toHaveLength(3);
    expect(state()).toEqual(wanted);
  });

  test('takes out a panel that people added to a dashboard of the repository', async () => {
    await run();
    const wanted = state();
    overview().data = { ...overview().data, widgets: [...overview().data.widgets, { id: 'w-1' }] };
    await run();
    expect(state()).toEqual(wanted);
  });

  test.each([undefined, null])(
    'changes back what people took out of a rule and of dashboards, which leaves %s',
    async (other) => {
      await run();
      const wanted = structuredClone(state());
      Object.assign(first(signoz.rules).content, { evaluation: other });
      const [byLayout, byPanel, byVariables] = signoz.dashboards.map(({ data }) => data);
      Object.assign(byLayout, { layout: other });
      Object.assign(byPanel.widgets[0], { query: other });
      Object.assign(byVariables, { variables: other });
      await run();
      expect(state()).toEqual(wanted);
    },
  );

  test('makes again what people deleted', async () => {
    await run();
    const wanted = state();
    signoz.dashboards.pop();
    await run();
    expect(signoz.changes).toEqual(['POST /api/v1/dashboards']);
    expect(state()).toEqual(wanted);
  });

  test('changes a dashboard that people locked', async () => {
    await run();
    Object.assign(overview(), { locked: true, data: { ...overview().data, title: 'x' } });
    await run();
    expect(overview().data.title).toBe('Visão geral · Overview');
  });

  test('deletes what left the repository: rules before their channels', async () => {
    await run();
    const [gone, old, ...channels] = definitions.channels;
    const names = [gone, old].map((channel) => String(channel?.name));
    const rules = definitions.rules.filter((rule) => !names.some((name) => JSON.stringify(rule).includes(`"${name}"`)));
    expect(definitions.rules.length - rules.length).toBeGreaterThan(2);
    overview().locked = true;
    const { stdout } = await run({ channels, rules, dashboards: definitions.dashboards.slice(2) });
    expect(signoz.channels.map(({ name }) => name)).toEqual(['repository: infrastructure']);
    expect(signoz.rules.map(({ content }) => content.alert)).toEqual(rules.map(({ alert }) => alert));
    expect(titles()).toEqual(definitions.dashboards.slice(2).map(({ title }) => title));
    const all = [...definitions.dashboards.slice(0, 2).map(({ tags }) => `dashboard ${tags[1]}`)];
    for (const name of [...all, ...names.map((channel) => `channel ${channel}`)]) {
      expect(stdout).toContain(`Deleted ${name}.\n`);
    }
    const deletions = signoz.changes.filter((change) => change.startsWith('DELETE'));
    expect(deletions.length).toBeGreaterThan(2);
    const kinds = deletions.map((change) => change.split('/')[3]);
    expect([...new Set(kinds)]).toEqual(['dashboards', 'rules', 'channels']);
    expect(kinds).toHaveLength(2 + definitions.rules.length - rules.length + 2);
  });

  test('leaves what people made by hand, and their copies, also once the original is no longer defined', async () => {
    await run();
    // As a person's address may begin.
    const createdBy = 'repository.owner@example.com';
    const byJob = first(signoz.rules).createdBy;
    const rule = first(definitions.rules);
    signoz.rules.unshift(
      { id: 'r-1', createdBy, content: { ...rule, alert: 'Ours', labels: { severity: 'x' } } },
      { id: 'r-2', createdBy, content: { ...rule, alert: 'Copy' } },
      // Of another job, which works with the same account.
      { id: 'r-3', createdBy: byJob, content: { ...rule, alert: 'Job', labels: { rule: 'x', managed_by: 'job' } } },
      { id: 'r-4', createdBy: byJob, content: { ...rule, alert: 'Bare', labels: { managed_by: 'repository' } } },
      { id: 'r-5', createdBy, content: { ...rule, alert: 'Without labels', labels: null } },
    );
    const copy: StoredDashboard = { id: 'd-1', createdBy, locked: false, data: { ...overview().data, title: 'Copy' } };
    const own: StoredDashboard = { id: 'd-2', createdBy, locked: true, data: { title: 'Own', widgets: [] } };
    const job: StoredDashboard = { ...own, id: 'd-3', createdBy: byJob, data: { title: 'Job', tags: ['x', 'y'] } };
    // SigNoz stores what it gets, and an empty list of Go is null.
    const bare: StoredDashboard = { ...own, id: 'd-4', data: { title: 'Bare', tags: null, widgets: [] } };
    signoz.dashboards.unshift(copy, own, job, bare);
    signoz.channels.push({ id: 'c-1', name: 'pager', data: '{}' });
    signoz.channels.push({ id: 'c-2', name: 'not in the repository: pager', data: '{}' });
    await run();
    expect(signoz.changes).toEqual([]);
    const wanted = { ...definitions, dashboards: definitions.dashboards.slice(1), rules: definitions.rules.slice(1) };
    await run(wanted);
    expect(signoz.changes).toHaveLength(2);
    await run(wanted);
    expect(signoz.changes).toEqual([]);
    expect(titles().slice(0, 4)).toEqual(['Copy', 'Own', 'Job', 'Bare']);
    expect(signoz.dashboards).toHaveLength(definitions.dashboards.length + 3);
    const alerts = signoz.rules.slice(0, 5).map(({ content }) => content.alert);
    expect(alerts).toEqual(['Ours', 'Copy', 'Job', 'Bare', 'Without labels']);
    expect(signoz.rules).toHaveLength(definitions.rules.length + 4);
    const kept = signoz.channels.map(({ name }) => name);
    expect(kept).toEqual(expect.arrayContaining(['pager', 'not in the repository: pager']));
  });

  test('deletes what two runs at once made twice', async () => {
    await run();
    const { content, createdBy } = first(signoz.rules);
    signoz.rules.push({ id: 'r-1', createdBy, content }, { id: 'r-2', createdBy, content });
    await run();
    expect(signoz.changes).toEqual(['DELETE /api/v2/rules/r-1', 'DELETE /api/v2/rules/r-2']);
    expect(signoz.rules).toHaveLength(definitions.rules.length);
  });

  test('keeps the channels that rules of people still name, says so, and deletes the others', async () => {
    await run();
    for (const team of ['api', 'infrastructure']) {
      const rule = first(definitions.rules.filter(({ labels }) => labels.team === team));
      signoz.rules.push({ id: `r-${team}`, createdBy: 'person@example.com', content: { ...rule, labels: {} } });
    }
    const { stdout } = await run({ ...definitions, channels: [], rules: [] });
    const [api, site, infrastructure, ...end] = stdout.split('\n').slice(-5);
    const kept = 'which is no longer defined. SigNoz answered 400';
    expect(api).toContain(`Kept channel repository: api, ${kept}`);
    expect(site).toBe('Deleted channel repository: site.');
    expect(infrastructure).toContain(`Kept channel repository: infrastructure, ${kept}`);
    expect(end).toEqual([`SigNoz has 0 channels, 0 rules and ${definitions.dashboards.length} dashboards.`, '']);
    expect(signoz.channels.map(({ name }) => name)).toEqual(['repository: api', 'repository: infrastructure']);
  });

  test.each([401, 403, 404, 409, 429, 500])(
    'fails if SigNoz answers %d to a deletion: no channel in use',
    async (failure) => {
      await run();
      Object.assign(signoz, { changesLeft: 0, failure });
      const wanted = { ...definitions, channels: definitions.channels.slice(0, -1) };
      await expect(run(wanted)).rejects.toMatchObject({
        code: 1,
        // Not that it was deleted.
        stdout: '',
        stderr: expect.stringMatching(
          new RegExp(`^SigNoz answered ${failure} to DELETE /api/v1/channels/[\\w-]+: database is locked\n$`),
        ),
      });
    },
  );

  test.each([1, 4, count - 1])('continues where it stopped if SigNoz fails after %d changes', async (changes) => {
    signoz.changesLeft = changes;
    const all = [
      ...definitions.channels.map(({ name }) => `Made channel ${name}.\n`),
      ...definitions.rules.map(({ labels }) => `Made rule ${labels.rule}.\n`),
      ...definitions.dashboards.map(({ tags }) => `Made dashboard ${tags[1]}.\n`),
    ];
    await expect(run()).rejects.toMatchObject({
      code: 1,
      stdout: all.slice(0, changes).join(''),
      stderr: expect.stringMatching(/^SigNoz answered 500 to POST \/api\/v\d\/\w+: database is locked\n$/),
    });
    expect(signoz.keys).toEqual([]);
    signoz.changesLeft = Number.POSITIVE_INFINITY;
    await run();
    expect(signoz.changes).toHaveLength(count - changes);
    expect(state()).toMatchObject({ rules: definitions.rules, dashboards: definitions.dashboards });
  });

  test('waits for SigNoz to start', async () => {
    signoz.cuts = 1;
    // Enough for a second attempt, some seconds later.
    await run(definitions, { START_LIMIT: '20000' });
    expect(signoz.rules).toHaveLength(definitions.rules.length);
  });

  test('has time for SigNoz, which gives up after 30 s and may first need a node', () => {
    expect(timeLimits.request).toBeGreaterThan(30_000);
    expect(timeLimits.request).toBeLessThanOrEqual(60_000);
    const minutes = timeLimits.start / 60_000;
    expect(minutes).toBeGreaterThanOrEqual(
      Math.max(dev.cluster.nodeProvisionMinutes, prd.cluster.nodeProvisionMinutes),
    );
    expect(minutes).toBeLessThanOrEqual(15);
  });

  test.each<[string, (double: SignozDouble) => void, RegExp, Record<string, string>?]>([
    [
      'never starts',
      (double) => double.stop(),
      /^SigNoz did not answer within 2 s: SigNoz gave no answer to GET \/api\/v1\/health: connect ECONNREFUSED .*\n$/,
      // Less than the pause between two attempts.
      { START_LIMIT: '2000' },
    ],
    ['breaks off', (double) => Object.assign(double, { cuts: 2 }), /^SigNoz did not answer within 0 s: .*\n$/],
    [
      'knows another password',
      (double) => Object.assign(double, { user: { ...double.user, password: 'Other-1' } }),
      /^SigNoz answered 401 to POST \/api\/v2\/sessions\/email_password: invalid email or password\n$/,
      { PASSWORD: 'Secret-1' },
    ],
    [
      'has another organisation',
      (double) => Object.assign(double, { user: { ...double.user, orgId: 'o-2' } }),
      /^SigNoz answered 404 to POST .*: user with email admin@example\.internal in org o-1 not found\n$/,
      { ORGANISATION: 'o-1' },
    ],
    [
      'is hidden behind a sign-in page',
      (double) => Object.assign(double, { isProxy: true }),
      /that is no JSON: <html>Sign in<\/html>\n$/,
    ],
    [
      'is hidden behind a long page',
      (double) => Object.assign(double, { isProxy: true, page: `<html>${'x'.repeat(1_000)}` }),
      /that is no JSON: <html>x{94}\n$/,
    ],
    [
      'is behind a gateway that fails',
      (double) => Object.assign(double, { isProxy: true, proxyStatus: 502 }),
      /^SigNoz did not answer within 0 s: SigNoz answered 502 to GET \/api\/v1\/health: <html>Sign in<\/html>\n$/,
    ],
    ...[
      ['{"error":"in maintenance"}', 'in maintenance'],
      ['{"error":{"code":"x"}}', '\\{"error":\\{"code":"x"\\}\\}'],
      ['', 'no reason'],
      [`<html>${'x'.repeat(1_000)}`, `<html>x{194}`],
    ].map(([page, reason]): [string, (double: SignozDouble) => void, RegExp] => [
      `refuses with ${page?.slice(0, 30) || 'nothing'}`,
      (double) => Object.assign(double, { isProxy: true, proxyStatus: 503, page }),
      new RegExp(`^SigNoz did not answer within 0 s: SigNoz answered 503 to GET /api/v1/health: ${reason}\\n$`),
    ]),
    ['has no role for the account', (double) => double.roles.splice(0), /^SigNoz has no role signoz-admin\.\n$/],
    ...['SIGNOZ_URL', 'EMAIL', 'PASSWORD', 'ORGANISATION', 'DEFINITIONS'].map(
      (name): [string, (double: SignozDouble) => void, RegExp, Record<string, string>] => [
        `is not configured by ${name}`,
        () => undefined,
        new RegExp(`^${name} is missing\\.\n$`),
        { [name]: '' },
      ],
    ),
  ])('fails with one clear sentence if SigNoz %s', async (_, fault, stderr, env = {}) => {
    fault(signoz);
    await expect(run(definitions, env)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(stderr) });
    expect(signoz.changes).toEqual([]);
  });
});
