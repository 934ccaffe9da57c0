/**
 * The commands that say what a pull request changes, and what became of it, each as a whole: what it asks and tells other
 * programs, what it prints and writes, in both languages, and how it ends. After a change that is meant, `pnpm test
 * delivery/test/whole -u` writes the snapshots again: read their diff like the code's.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { environmentNames } from 'platform';
import type { Plan } from '../planned-changes.ts';
import { asText, loadCommands, type Situation, stackOf } from './support/commands-in-world.ts';
import type { Answer } from './support/world.ts';

const run = await loadCommands();
const { fingerprint } = await import('../planned-changes.ts');
const { addToComment, deliveredIn } = await import('../delivered.ts');
const { texts } = await import('../delivery-texts.ts');
expect.addSnapshotSerializer(asText);

const page = 'https://github.example/owner/name/actions/runs/12';

test.each<[string, string, Answer]>([
  [
    'changes names the parts of one application',
    '--base HEAD^1',
    { to: 'git diff *', prints: 'apps/calculadora-api/src/main.ts\0docs/costs.md\0' },
  ],
  ['changes names every part of what all share', '--base HEAD^1', { to: 'git diff *', prints: 'pnpm-lock.yaml\0' }],
  [
    'changes reads more files than a program may print by default',
    '--base HEAD^1',
    { to: 'git diff *', prints: 'docs/page.md\0infra/main.ts\0', bytes: 2 ** 26 },
  ],
  ['changes names no part', '--base main --head c0ffee', { to: 'git diff *', prints: 'README.md\0' }],
  [
    'changes takes all for changed if git does not know',
    '--base 0000',
    { to: 'git diff *', error: 'fatal', code: 128 },
  ],
])('%s', async (_, args, answer) => {
  expect(await run(`changes ${args}`, { answers: [answer] })).toMatchSnapshot();
});

const resource = (address: string, actions: string[], change: object = {}, more: object = {}) => ({
  address,
  type: address.split('.')[0] ?? '',
  change: { actions, before: null, after: null, ...change },
  ...more,
});
const policy = (Action: string[]) => JSON.stringify({ Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

/** A plan with each kind of change. */
const several: Plan = {
  resource_changes: [
    resource('aws_vpc.network', ['no-op']),
    resource('data.aws_region.here', ['read']),
    resource('aws_iam_role.new_1A2B3C4D', ['create'], { after: { name: 'new', tags: { owner: 'us' } } }),
    resource('aws_db_instance.database_5E6F7A8B', ['update'], {
      before: { class: 'small', password: 'old', contact: 'a@example.com', engine: 'mysql', backups: 14 },
      after: { class: 'large', password: 'new', contact: 'b@example.com', engine: 'mysql', backups: 1, zone: 'a' },
      after_unknown: { status: true },
      before_sensitive: { password: true },
      after_sensitive: { password: true },
    }),
    resource('aws_iam_policy.api', ['update'], {
      before: { policy: policy(['s3:GetObject']) },
      after: { policy: policy(['s3:GetObject', 's3:PutObject']) },
    }),
    resource('aws_lb.entrance', ['delete', 'create'], {
      before: { subnets: ['a', 'b'], arn: 'arn:1' },
      after: { subnets: ['b', 'c'] },
      after_unknown: { arn: true },
      replace_paths: [['subnets', 0], ['name']],
    }),
    resource('aws_instance.nat[0]', ['create', 'delete'], {}, { action_reason: 'replace_because_tainted' }),
    resource('aws_s3_bucket.logs', ['delete'], { before: { bucket: 'logs' } }),
    resource('aws_s3_bucket.files', ['delete'], { before: { bucket: 'files' } }),
    resource('aws_lb_listener.old', ['delete'], { before: { port: 80 } }),
    resource('aws_eks_node_group.nodes', ['delete', 'create']),
    resource('kubernetes_namespace_v1.apps', ['delete', 'create']),
    resource('aws_subnet.new', ['no-op'], {}, { previous_address: 'aws_subnet.old_1A2B3C4D' }),
    resource('aws_route53_zone.known', ['no-op'], { importing: { id: 'Z1' } }),
    resource('aws_sqs_queue.left', ['forget'], { before: { name: 'left' } }),
  ],
  output_changes: { address: { actions: ['update'], before: 'one', after: 'another' } },
};
const long: Plan = {
  resource_changes: Array.from({ length: 900 }, (_, index) => resource(`aws_iam_role.role-${index}`, ['create'])),
};
/** Without its values it is short enough for a comment. */
const wordy: Plan = {
  resource_changes: Array.from({ length: 60 }, (_, index) =>
    resource(`aws_iam_role.role-${index}`, ['update'], {
      before: { description: 'x'.repeat(300) },
      after: { description: 'y'.repeat(300) },
    }),
  ),
};
/** A plan that deletes an environment. */
const gone: Plan = {
  resource_changes: [resource('aws_db_instance.database', ['delete']), resource('aws_vpc.network', ['delete'])],
};
const outputs: Plan = { output_changes: { address: { actions: ['create'], after: 'one' } } };

/** Terraform, which makes a plan. @param failing commands that fail */
const terraform = (plan: Plan, ...failing: string[]): Answer[] => [
  ...failing.map((command) => ({ to: `terraform * ${command} *`, error: 'Error: no', code: 9 })),
  { to: 'terraform * plan *' },
  { to: 'terraform * show *', prints: plan },
  { to: 'terraform * apply *' },
  { to: 'terraform * state push *' },
];
const destroys = { 'infra/destroy_config.json': { dev: true, prd: true } };

test.each<[string, string, Situation]>([
  ['plan tells all that changes', 'prd', { answers: terraform(several) }],
  ['plan has nothing to change', 'dev', { answers: terraform({ resource_changes: [resource('a.b', ['no-op'])] }) }],
  ['plan changes only outputs', 'dev', { answers: terraform(outputs) }],
  ['plan is told without values where it is too long', 'dev', { answers: terraform(wordy) }],
  ['plan is told without names where it is too long', 'dev', { answers: terraform(long) }],
  ['plan destroys', 'dev', { files: destroys, answers: terraform(gone) }],
  ['plan does not destroy what is protected', 'prd', { files: destroys, answers: terraform(gone) }],
  [
    'plan of dev, while prd is to be destroyed',
    'dev',
    { files: { 'infra/destroy_config.json': { dev: false, prd: true } }, answers: terraform(outputs) },
  ],
  [
    'plan of prd, while dev is to be destroyed',
    'prd',
    { files: { 'infra/destroy_config.json': { dev: true, prd: false } }, answers: terraform(outputs) },
  ],
  [
    'plan does nothing with an ambiguous file',
    'dev',
    { files: { 'infra/destroy_config.json': { dev: 'no', prd: false } }, answers: terraform(several) },
  ],
  ['plan fails with Terraform', 'dev', { answers: terraform(several, 'plan') }],
])('%s', async (_, environment, given) => {
  expect(await run(`plan ${environment} --out plan.json`, given)).toMatchSnapshot();
});

test('plan writes no file without --out', async () => {
  expect(await run('plan dev', { answers: terraform({}) })).toMatchSnapshot();
});

const stackFolders = environmentNames.map((name) =>
  resolve(import.meta.dirname, '../../cdktf.out/stacks', stackOf(name)),
);
const stateFiles = stackFolders.map((folder) => join(folder, 'errored.tfstate'));
beforeAll(() => {
  for (const folder of stackFolders) mkdirSync(folder, { recursive: true });
});
afterAll(() => {
  for (const folder of stackFolders) rmSync(folder, { recursive: true });
});
/** Terraform could not write the state. */
const leavesState = {
  to: 'terraform * apply *',
  error: 'Error: no',
  code: 1,
  does() {
    for (const file of stateFiles) writeFileSync(file, '{}');
  },
};

test.each<[string, Plan, Situation]>([
  ['apply applies the approved plan', several, { answers: terraform(several) }],
  ['apply applies changed outputs', outputs, { answers: terraform(outputs) }],
  ['apply has nothing to apply', {}, { answers: terraform({}) }],
  ['apply refuses another plan', long, { answers: terraform(outputs) }],
  ['apply refuses another plan to destroy', {}, { files: destroys, answers: terraform(gone) }],
  ['apply destroys', gone, { files: destroys, answers: terraform(gone) }],
  [
    'apply destroys in part, and writes the state again',
    gone,
    { files: destroys, answers: [leavesState, ...terraform(gone)] },
  ],
  [
    'apply destroys in part, and says where the state is',
    gone,
    { files: destroys, answers: [leavesState, ...terraform(gone, 'state push')] },
  ],
  [
    'apply of changed outputs fails, and writes the state again',
    outputs,
    { answers: [leavesState, ...terraform(outputs)] },
  ],
  ['apply fails', several, { answers: terraform(several, 'apply') }],
  ['apply fails, and writes the state again', several, { answers: [leavesState, ...terraform(several)] }],
  [
    'apply fails, and says where the state is',
    several,
    { answers: [leavesState, ...terraform(several, 'state push')] },
  ],
])('%s', async (_, approved, given) => {
  expect(await run(`apply dev --fingerprint ${fingerprint(approved)}`, given)).toMatchSnapshot();
  for (const file of stateFiles) rmSync(file, { force: true });
});

test.each(['abc', '0'.repeat(65), '0'.repeat(63), 'F'.repeat(64), ` ${'0'.repeat(64)}`])(
  'apply refuses %j, which is no fingerprint',
  async (given) => {
    const told = await run(['apply', 'dev', '--fingerprint', given]);
    expect(told).toBe(`! ${texts.plan.needsFingerprint.replace('\n', '\n! ')}\nexit code 2`);
  },
);

const month = (computing: number, more: object = {}) => ({
  total: computing + 100,
  parts: { computing, database: 100 },
  approvalAbove: 20,
  ...more,
});
/** The other environment has a limit of its own. */
const estimate = (dev: object) => ({ dev, prd: month(400, { approvalAbove: 500 }) });

test.each<[string, object | string, object | string]>([
  ['the same cost', estimate(month(200)), estimate(month(200))],
  ['a rise up to the limit', estimate(month(200)), estimate(month(220))],
  // 128.02 - 108.02 is 20.000000000000014.
  ['a rise up to the limit, in cents', estimate(month(8.02)), estimate(month(28.02))],
  ['a rise above the limit', estimate(month(200)), estimate(month(220.01))],
  ['a rise above the limit that it raises itself', estimate(month(200)), estimate(month(300, { approvalAbove: 500 }))],
  ['a saving', estimate(month(200)), estimate(month(150.5))],
  [
    'parts that move, come and go',
    estimate({ total: 300, parts: { computing: 200, database: 100 }, approvalAbove: 20 }),
    estimate({ total: 300, parts: { computing: 150, wayOut: 100, newPart: 50 }, approvalAbove: 20 }),
  ],
  [
    'parts that cost nothing and go or come',
    estimate({ total: 100, parts: { database: 100, firewall: 0 }, approvalAbove: 20 }),
    estimate({ total: 100, parts: { database: 100, edge: 0.001 }, approvalAbove: 20 }),
  ],
  ['a destroyed environment', estimate(month(200)), estimate(month(200, { isDestroyed: true }))],
  ['an environment that comes back', estimate(month(200, { isDestroyed: true })), estimate(month(200))],
  [
    'an environment that comes back and raises its limit itself',
    estimate(month(200, { isDestroyed: true })),
    estimate(month(200, { approvalAbove: 500 })),
  ],
  [
    'an environment that comes back and lowers its limit itself',
    estimate({ total: 15, parts: { database: 15 }, approvalAbove: 20, isDestroyed: true }),
    estimate({ total: 15, parts: { database: 15 }, approvalAbove: 10 }),
  ],
  [
    'a destroyed environment that raises its limit and its cost',
    estimate(month(200, { isDestroyed: true })),
    estimate(month(300, { isDestroyed: true, approvalAbove: 500 })),
  ],
  [
    'a rise from nothing above the limit that it raises itself',
    estimate({ total: 0, parts: {}, approvalAbove: 20 }),
    estimate(month(200, { approvalAbove: 500 })),
  ],
  [
    'a rise above no limit, which it raises itself',
    estimate(month(200, { approvalAbove: 0 })),
    estimate(month(201, { approvalAbove: 500 })),
  ],
  ['an unknown cost before and a limit that it raises itself', 'Error', estimate(month(200, { approvalAbove: 500 }))],
  ['an unknown cost before', 'Error', estimate(month(200))],
  ['a cost before of another form', { dev: month(200) }, estimate(month(200))],
  ['a cost before without its environment', { prd: month(200) }, estimate(month(200))],
  ['a cost before that is a text', estimate(month(200, { total: '300' })), estimate(month(200))],
  ['no cost after', estimate(month(200)), '{}'],
])('compare-costs of %s', async (_, before, after) => {
  const files = { 'before.json': before, 'after.json': after };
  const args = 'compare-costs dev --before before.json --after after.json --out costs.json';
  expect(await run(args, { files })).toMatchSnapshot();
});

test('compare-costs of prd does not look at dev', async () => {
  const files = {
    'before.json': { dev: month(200), prd: month(400) },
    'after.json': { dev: month(900), prd: month(415) },
  };
  expect(await run('compare-costs prd --before before.json --after after.json', { files })).toMatchSnapshot();
});

const passed = { result: 'success', outputs: {} };
/** The results of the jobs of a pull request that changes all. */
const needs = {
  changes: { result: 'success', outputs: { parts: 'calculadora-api,infra' } },
  check: passed,
  test: passed,
  plan: { result: 'success', outputs: { risks: '0' } },
  costs: { result: 'success', outputs: { above: 'false' } },
  'risk-approval': { result: 'skipped', outputs: {} },
};
const failed = { result: 'failure', outputs: {} };
const plan = { pt: '### Infraestrutura de prd', en: '### Infrastructure of prd' };
const costs = { pt: '### Custo de prd por mês', en: '### Monthly cost of prd' };

const rules = (...reviewers: object[]) => ({
  protection_rules: [
    { type: 'branch_policy' },
    { type: 'required_reviewers', reviewers: reviewers.map((reviewer) => ({ reviewer })) },
  ],
});
const jobs = (...conclusions: [name: string, conclusion: string | null][]): Answer => ({
  to: 'gh api repos/owner/name/actions/runs/12/jobs?per_page=100 --method GET',
  prints: { jobs: conclusions.map(([name, conclusion], index) => ({ id: index + 51, name, conclusion })) },
});
const log = (id: number, ...lines: string[]): Answer => ({
  to: `gh api repos/owner/name/actions/jobs/${id}/logs --method GET`,
  prints: lines.map((line) => `2026-11-28T01:00:00.1234567Z ${line}\r\n`).join(''),
});
const approvers: readonly Answer[] = [
  {
    to: 'gh api repos/owner/name/environments/infra-prd --method GET',
    prints: rules({ login: 'ana' }, { name: 'Infra' }),
  },
  { to: 'gh api repos/owner/name/environments/prd --method GET', prints: rules({ login: 'bia' }) },
  { to: 'gh api repos/owner/name/environments/costs --method GET', prints: rules({ login: 'caio' }) },
];
const nobody: Answer = { to: 'gh api repos/owner/name/environments/*', error: 'gh: Not Found (HTTP 404)' };
const allPassed = jobs(['Testes / Tests', 'success'], ['Relatório / Report', null]);

const bothFailed = [
  jobs(
    ['Estilo e tipos / Style and types', 'failure'],
    ['Testes / Tests', 'timed_out'],
    ['Plano / Plan', 'cancelled'],
    ['Custo / Cost', 'failure'],
    ['result', 'failure'],
  ),
  log(
    51,
    '##[group]Run pnpm check',
    '##[endgroup]',
    '\u001B[31m✗ one\u001B[39m',
    '##[error]Process completed with exit code 1.',
    'Post job',
  ),
  // More than a program may print by default.
  {
    ...log(52, ...Array.from('ABCDEFGHIJKLMNOPQRST', (letter) => `${letter} ${'.'.repeat(60)}`), 'x'.repeat(201)),
    bytes: 2 ** 28,
  },
  { to: 'gh api repos/owner/name/actions/jobs/54/logs *', error: 'gh: Not Found (HTTP 404)' },
  nobody,
];

test.each<[string, string, object, Situation]>([
  ['comment says who approves', 'prd', needs, { answers: [allPassed, ...approvers] }],
  ['comment asks nobody where nobody has to approve', 'prd', needs, { answers: [allPassed, nobody] }],
  [
    'comment of one application',
    'prd',
    { ...needs, changes: { result: 'success', outputs: { parts: 'magic-calculator' } } },
    { answers: [allPassed, ...approvers], files: {} },
  ],
  [
    'comment of the infrastructure alone names all who approve',
    'prd',
    { ...needs, changes: { result: 'success', outputs: { parts: 'infra' } } },
    { answers: [allPassed, ...approvers] },
  ],
  [
    'comment asks for the label alone, although some jobs did not run',
    'dev',
    {
      ...needs,
      plan: { result: 'success', outputs: { risks: '1' } },
      costs: { result: 'skipped', outputs: {} },
      'risk-approval': failed,
    },
    { answers: [allPassed, nobody], files: { 'plan.json': plan } },
  ],
  [
    'comment of nothing',
    'dev',
    {
      ...needs,
      changes: { result: 'success', outputs: { parts: '' } },
      plan: { result: 'skipped' },
      'new-check': passed,
    },
    { answers: [allPassed], files: {} },
  ],
  ['comment of what is not known', 'dev', { ...needs, changes: failed }, { answers: [allPassed], files: {} }],
  ['comment without a plan', 'prd', { ...needs, plan: failed }, { answers: [allPassed, nobody], files: {} }],
  [
    'comment shows the end of each failed job',
    'dev',
    { ...needs, check: failed, test: failed, costs: failed, plan: { result: 'cancelled' } },
    { answers: bothFailed },
  ],
  [
    'comment asks for the label and for the approval of the cost',
    'prd',
    {
      ...needs,
      plan: { result: 'success', outputs: { risks: '2' } },
      costs: { result: 'success', outputs: { above: 'true' } },
      'risk-approval': failed,
    },
    // The job that waits for the label has failed, as GitHub sees it.
    {
      answers: [
        jobs(['Testes / Tests', 'success'], ['Risco aceito / Risk accepted', 'failure']),
        log(52, '##[error]Falta a label risk-accepted'),
        ...approvers,
      ],
    },
  ],
  [
    'comment asks for the approval of the cost where GitHub does not say whose',
    'dev',
    { ...needs, costs: { result: 'success', outputs: { above: 'true' } } },
    { answers: [allPassed, nobody] },
  ],
  [
    'comment of a risk that was accepted',
    'prd',
    { ...needs, plan: { result: 'success', outputs: { risks: '2' } }, 'risk-approval': passed },
    { answers: [allPassed, ...approvers] },
  ],
  [
    'comment of a risk beside a failure',
    'prd',
    { ...needs, test: failed, plan: { result: 'success', outputs: { risks: '2' } }, 'risk-approval': failed },
    { answers: [jobs(['Testes / Tests', 'failure']), log(51, 'expected 3'), nobody] },
  ],
  [
    'comment leaves out the English plan where it is too long',
    'dev',
    needs,
    {
      answers: [allPassed, nobody],
      files: { 'plan.json': { pt: 'p'.repeat(40_000), en: 'e'.repeat(40_000) }, 'costs.json': costs },
    },
  ],
  [
    'comment leaves out both plans where they are too long',
    'dev',
    needs,
    {
      answers: [allPassed, nobody],
      files: { 'plan.json': { pt: 'p'.repeat(70_000), en: 'e'.repeat(70_000) }, 'costs.json': costs },
    },
  ],
  [
    'comment is cut where nothing else helps',
    'dev',
    { ...needs, ['j'.repeat(80_000)]: passed },
    { answers: [allPassed, nobody] },
  ],
  [
    'comment is written although GitHub does not answer',
    'prd',
    { ...needs, test: failed },
    { answers: [{ to: 'gh *', error: 'gh: HTTP 502' }] },
  ],
])('%s', async (_, environment, results, given) => {
  const args = `comment ${environment} --run ${page} --plan plan.json --costs costs.json --out comment.md --needs`;
  const files = { 'plan.json': plan, 'costs.json': costs };
  expect(await run([...args.split(' '), JSON.stringify(results)], { files, ...given })).toMatchSnapshot();
});

test('comment of a run whose page has another form asks GitHub nothing', async () => {
  const args = ['comment', 'prd', '--run', 'https://github.example/other', '--needs', JSON.stringify(needs)];
  expect(await run(args)).toMatchSnapshot();
});

const robot = { login: 'github-actions[bot]' };
const before = { id: 2, body: '<!-- desafio-aws -->\n## ✅ Tudo certo\n\n- testes', user: robot };
/** Of somebody whose account is gone. */
const ofNobody = { id: 9, body: 'An old quote: <!-- desafio-aws -->', user: null };
const ofPerson = { id: 1, body: 'A quote: <!-- desafio-aws -->', user: { login: 'ana' } };
const pulls: Answer = {
  to: 'gh api repos/owner/name/commits/c0ffee/pulls?per_page=100&page=1 --method GET',
  prints: [
    ...['develop-old', 'old-develop'].map((ref) => ({ number: 4, merged_at: '2026-11-28T01:00:00Z', base: { ref } })),
    { number: 5, merged_at: null, base: { ref: 'develop' } },
    { number: 6, merged_at: '2026-11-28T01:00:00Z', base: { ref: 'main' } },
    { number: 7, merged_at: '2026-11-28T01:00:00Z', base: { ref: 'develop' } },
  ],
};
const all = (...results: [job: string, result: string][]) =>
  JSON.stringify(Object.fromEntries(results.map(([job, result]) => [job, { result, outputs: {} }])));
const released = all(
  ['test', 'success'],
  ['supersede', 'success'],
  ['image', 'success'],
  ['order', 'success'],
  ['release', 'success'],
);

/** The comments of a pull request. @param write what happens to one that is written */
function comments(
  known: readonly object[],
  write: (body: string, memory: Record<string, unknown>) => string = (body) => body,
): Answer {
  return {
    to: 'gh api repos/owner/name/issues/*',
    by([, path = '', , method], input, memory) {
      memory.there ??= structuredClone(known);
      const there = memory.there as { id: number; body: string; user: object | null }[];
      if (method === 'GET') return there;
      const body = write(JSON.parse(input).body, memory);
      const id = Number(/comments\/(\d+)$/.exec(path)?.[1] ?? 0);
      const same = there.find((comment) => comment.id === id);
      if (same) same.body = body;
      else there.push({ id: 3, body, user: robot });
      return {};
    },
  };
}
/** Another delivery wrote the comment at the same moment, so many times. */
function overwritten(times: number): Answer {
  return comments([before], (body, memory) => {
    const [told] = deliveredIn(body);
    const already = Number(memory.overwritten ?? 0);
    if (!told || already === times) return body;
    memory.overwritten = already + 1;
    return addToComment(before.body, { ...told, part: 'infra', outcome: 'unchanged' });
  });
}
const told = (outcome: 'stuck' | 'served') =>
  addToComment(before.body, {
    ...{ part: 'calculadora-api', environment: 'dev', outcome, lines: outcome === 'stuck' ? ['No settings'] : [] },
    ...{ run: page, at: '2026-11-27T10:00:00.000Z' },
  } as Parameters<typeof addToComment>[1]);

const noJobs = jobs(['Testes / Tests', 'success']);
const hasFailed = (job: string, ...lines: string[]) => [
  jobs(['Testes / Tests', 'success'], [job, 'failure']),
  log(52, ...lines),
];
const releaseFailed = released.replace(/"release":\{"result":"success"/, '"release":{"result":"failure"');

test.each<[string, string, string, readonly Answer[], Situation?]>([
  [
    'tell writes into the comment of the checks',
    'calculadora-api dev',
    released,
    [
      noJobs,
      comments([
        ofNobody,
        ofPerson,
        { id: 4, body: 'A preview', user: robot },
        { ...ofPerson, id: 6, user: { login: 'renovate[bot]' } },
        before,
        { ...ofPerson, id: 5 },
      ]),
    ],
  ],
  ['tell writes a comment of its own', 'calculadora-api dev', released, [noJobs, comments([ofPerson])]],
  ['tell writes to the pull request of its environment', 'calculadora-api prd', released, [noJobs, comments([before])]],
  [
    'tell writes again, once another delivery has overwritten it',
    'calculadora-api dev',
    released,
    [noJobs, overwritten(1)],
  ],
  [
    'tell does not write for ever',
    'calculadora-api dev',
    released,
    [noJobs, overwritten(9)],
    { hidden: 'gh api * --method PATCH *' },
  ],
  [
    'tell replaces what it told of the same part',
    'calculadora-api dev',
    released,
    [noJobs, comments([{ ...before, body: told('stuck') }])],
  ],
  [
    'tell says again that the same part serves',
    'calculadora-api dev',
    released,
    [noJobs, comments([{ ...before, body: told('served') }])],
  ],
  [
    'tell of another part keeps the first',
    'magic-calculator dev',
    released,
    [noJobs, comments([{ ...before, body: told('stuck') }])],
  ],
  [
    'tell of the same part in one environment keeps what became of it in the other',
    'calculadora-api dev',
    released,
    [noJobs, comments([{ ...before, body: told('stuck').replace('"environment":"dev"', '"environment":"prd"') }])],
  ],
  [
    'tell of a job whose name it does not know',
    'infra dev',
    all(['new-job', 'failure'], ['apply', 'skipped']),
    [noJobs, comments([before])],
  ],
  [
    'tell of a third part keeps the first two, each with its own end',
    'infra dev',
    all(['plan', 'success'], ['apply', 'success']),
    [
      noJobs,
      comments([
        {
          ...before,
          body: addToComment(told('stuck'), {
            ...{ part: 'magic-calculator', environment: 'dev', outcome: 'notReleased', job: 'test' },
            ...{ lines: ['expected 3'], run: page, at: '2026-11-27T11:00:00.000Z' },
          }),
        },
      ]),
    ],
  ],
  [
    'tell of a release that went back',
    'calculadora-api dev',
    releaseFailed,
    [
      ...hasFailed(
        'Entrega / Delivery / Entrada em serviço / Release',
        'DB_HOST is missing',
        texts.release.back('calculadora-api', 'image'),
      ),
      comments([before]),
    ],
  ],
  [
    'tell of a release that may not be back',
    'calculadora-api dev',
    releaseFailed,
    [
      ...hasFailed(
        'Entrega / Delivery / Entrada em serviço / Release',
        texts.release.notBack('calculadora-api', 'image'),
      ),
      comments([before]),
    ],
  ],
  [
    'tell of two failed jobs names the first, and shows its end',
    'calculadora-api dev',
    all(
      ['test', 'failure'],
      ['supersede', 'failure'],
      ['image', 'skipped'],
      ['order', 'skipped'],
      ['release', 'skipped'],
    ),
    [
      jobs(
        ['Entrega / Delivery / Testes / Tests', 'failure'],
        ['Entrega / Delivery / Aprovações antigas / Earlier approvals', 'failure'],
      ),
      log(51, 'expected 3'),
      log(52, 'gh: HTTP 502'),
      comments([before]),
    ],
  ],
  [
    'tell of a failure without a log',
    'calculadora-api prd',
    all(['test', 'failure'], ['release', 'skipped']),
    [{ to: 'gh api repos/owner/name/actions/*', error: 'gh: HTTP 403' }, comments([before])],
  ],
  [
    'tell of a failure after which the rest was cancelled',
    'calculadora-api dev',
    all(['test', 'cancelled'], ['supersede', 'failure'], ['image', 'skipped'], ['release', 'skipped']),
    [...hasFailed('Entrega / Delivery / Aprovações antigas / Earlier approvals', 'gh: HTTP 502'), comments([before])],
  ],
  [
    'tell of a cancelled delivery',
    'calculadora-api dev',
    all(['test', 'success'], ['image', 'cancelled'], ['release', 'skipped']),
    [noJobs, comments([before])],
  ],
  [
    'tell of an apply that failed',
    'infra dev',
    all(['plan', 'success'], ['apply', 'failure']),
    [...hasFailed('Aplicação / Apply', '```', 'Error: quota --> of <nobody>'), comments([before])],
  ],
  [
    'tell of nothing to apply',
    'infra prd',
    all(['plan', 'success'], ['apply', 'skipped']),
    [noJobs, comments([before])],
  ],
  [
    'tell of what was applied',
    'infra prd',
    all(['plan', 'success'], ['apply', 'success']),
    [noJobs, comments([before])],
  ],
  [
    'tell shortens a comment that is too long',
    'infra prd',
    all(['apply', 'success']),
    [noJobs, comments([{ ...before, body: `${before.body}\n${'x'.repeat(65_000)}` }])],
  ],
  [
    'tell fails if GitHub does not take it',
    'infra prd',
    all(['apply', 'success']),
    [noJobs, { to: 'gh api *', error: 'gh: HTTP 403' }],
  ],
])('%s', async (_, what, results, answers, more = {}) => {
  const args = `tell ${what} --run ${page} --commit c0ffee --needs`.split(' ');
  // Only from dev something is promoted.
  const differs = /promova|promote/;
  expect(await run([...args, results], { answers: [pulls, ...answers], differs, ...more })).toMatchSnapshot();
});

test.each([
  ['tell has no pull request to write to', page, { ...pulls, prints: [] }],
  ['tell has a commit that GitHub does not know', page, { to: pulls.to, error: 'gh: Not Found (HTTP 404)' }],
  [
    'tell has no pull request of its branch',
    page,
    { ...pulls, prints: [{ number: 6, merged_at: '2026-11-28T01:00:00Z', base: { ref: 'main' } }] },
  ],
  ['tell does not know its run', 'https://github.example/other', pulls],
])('%s', async (_, address, answer) => {
  const args = `tell infra dev --run ${address} --commit c0ffee --needs {}`;
  expect(await run(args, { answers: [answer] })).toMatchSnapshot();
});

test('tell refuses an unknown part, and jobs without results', async () => {
  expect(await run(`tell docs dev --run ${page} --commit c0ffee --needs {}`)).toMatchSnapshot('part');
  expect(await run(`tell infra dev --run ${page} --commit c0ffee --needs {"apply":{}}`)).toMatchSnapshot('results');
});
