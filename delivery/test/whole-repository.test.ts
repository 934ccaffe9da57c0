/**
 * The commands that speak with GitHub about the repository, each as a whole: what it asks and tells other programs, what
 * it prints, in both languages, which files it leaves, and how it ends. After a change that is meant, `pnpm test
 * delivery/test/whole -u` writes the snapshots again: read their diff like the code's.
 */
import { expect, test } from '@jest/globals';
import { asText, loadCommands, type Situation } from './support/commands-in-world.ts';
import type { FakeGithub as Repository } from './support/github.ts';
import type { Answer } from './support/world.ts';

const run = await loadCommands();
const { FakeGithub } = await import('./support/github.ts');
expect.addSnapshotSerializer(asText);

const page = 'https://github.example/owner/name/actions/runs/12';

const inWorkflow = {
  GITHUB_REPOSITORY: 'owner/name',
  GITHUB_REF_NAME: 'main',
  GITHUB_RUN_NUMBER: '4',
  GITHUB_WORKFLOW_REF: 'owner/name/.github/workflows/infra-prd.yml@refs/heads/main',
};
const runs = (...statuses: string[]) => ({
  workflow_runs: statuses.map((status, index) => ({ id: index + 101, run_number: index + 1, status })),
});
const asksRuns = 'gh api repos/owner/name/actions/workflows/infra-prd.yml/runs?branch=main&created=* --method GET *';
/** The newest come first, as GitHub lists them. */
const manyRuns = (oldest: string) => ({
  total_count: 131,
  workflow_runs: Array.from({ length: 131 }, (_, index) => ({
    ...{ id: 1_000 - index, run_number: index < 130 ? 134 - index : 3, status: index < 130 ? 'completed' : oldest },
  })),
});
const cancels = { to: 'gh api repos/owner/name/actions/runs/* --method POST' };

test.each<[string, string, Situation]>([
  [
    'supersede ends the approvals of earlier runs',
    'supersede',
    {
      answers: [{ to: asksRuns, prints: runs('waiting', 'waiting', 'in_progress', 'in_progress', 'waiting') }, cancels],
    },
  ],
  [
    'supersede ends the approval of an earlier run, of which there are more than a page of newer ones',
    'supersede',
    { answers: [{ to: asksRuns, prints: manyRuns('waiting') }, cancels] },
  ],
  [
    'supersede --wait looks for an earlier run that works on every page',
    'supersede --wait',
    { answers: [{ to: asksRuns, turns: [manyRuns('in_progress'), manyRuns('completed')] }] },
  ],
  [
    'supersede --wait looks until the earlier runs have ended',
    'supersede --wait',
    {
      answers: [
        {
          to: asksRuns,
          turns: [
            runs('in_progress', 'queued', 'in_progress'),
            runs('completed', 'waiting', 'in_progress'),
            runs('completed', 'completed', 'completed', 'in_progress'),
          ],
        },
        cancels,
      ],
    },
  ],
  [
    'supersede --wait gives up in time',
    'supersede --wait',
    // How often it looks is as many pauses as fit into its time.
    { hidden: asksRuns, answers: [{ to: asksRuns, prints: runs('in_progress') }] },
  ],
  [
    'supersede goes on if a run has ended since it was listed',
    'supersede',
    {
      answers: [
        { to: asksRuns, prints: runs('waiting', 'waiting', 'in_progress', 'in_progress') },
        {
          to: 'gh api repos/owner/name/actions/runs/101/cancel --method POST',
          error: 'gh: Cannot cancel a workflow run that is completed. (HTTP 409)',
        },
        cancels,
      ],
    },
  ],
  [
    'supersede fails if it may not end a run',
    'supersede',
    {
      answers: [
        { to: asksRuns, prints: runs('waiting', 'waiting', 'in_progress', 'in_progress') },
        { ...cancels, error: 'gh: Resource not accessible by integration (HTTP 403)' },
      ],
    },
  ],
  [
    'supersede fails if GitHub does not show the runs',
    'supersede',
    { answers: [{ to: asksRuns, error: 'gh: HTTP 404' }] },
  ],
  ['supersede fails without an answer of GitHub', 'supersede', { answers: [{ to: asksRuns, error: 'gh: HTTP 502' }] }],
  ...Object.keys(inWorkflow).map((name): [string, string, Situation] => [
    `supersede is refused without ${name}`,
    'supersede',
    { env: { ...inWorkflow, [name]: '' } },
  ]),
])('%s', async (_, args, given) => {
  expect(await run(args, { env: inWorkflow, ...given })).toMatchSnapshot();
});

const report = { pt: 'Um banco muda.', en: 'A database changes.' };
/** Issues of the label, as GitHub lists them. */
const issues = (label: string, ...numbers: number[]): Answer => ({
  to: `gh issue list --state=open --label=${label} --json=number`,
  prints: numbers.map((number) => ({ number })),
});
const opens: readonly Answer[] = [
  { to: 'gh label create *' },
  { to: 'gh issue create *', prints: 'https://github.example/owner/name/issues/8\n' },
];
const changesIssue: readonly Answer[] = [{ to: 'gh issue edit 7 *' }, { to: 'gh issue c* 7 *' }];

test.each<[string, string, Situation]>([
  ['drift opens an issue', 'prd --drifted true', { answers: [issues('drift-prd'), ...opens] }],
  ['drift updates the open issue', 'dev --drifted true', { answers: [issues('drift-dev', 7, 6), ...changesIssue] }],
  ['drift closes the issue', 'prd --drifted false', { answers: [issues('drift-prd', 7), ...changesIssue] }],
  ['drift has nothing to say', 'dev --drifted false', { files: {}, answers: [issues('drift-dev')] }],
  ['drift is refused without a plan', 'dev --drifted true', { files: { 'plan.json': '{}' } }],
  ['drift is refused without a plan in English', 'dev --drifted true', { files: { 'plan.json': { pt: 'Muda.' } } }],
  [
    'drift is refused without a plan in Portuguese',
    'dev --drifted true',
    { files: { 'plan.json': { en: 'Changes.' } } },
  ],
  ['drift is refused without an answer', 'dev --drifted perhaps', {}],
  ['drift fails with GitHub’s reason', 'dev --drifted false', { answers: [{ to: 'gh *', error: 'gh: HTTP 401' }] }],
])('%s', async (_, args, given) => {
  const files = { 'plan.json': report };
  expect(await run(`drift ${args} --plan plan.json --run ${page}`, { files, ...given })).toMatchSnapshot();
});

const raised: readonly Answer[] = [{ to: 'git status *', prints: ' M infra/environments/dev.ts\n' }, { to: 'git *' }];
const unchanged: Answer = { to: 'git status *' };

test.each<[string, string, Situation]>([
  [
    'propose pushes what was raised, and opens an issue',
    'dev: 1.36.2 → 1.36.3\n',
    { answers: [...raised, issues('versions'), ...opens] },
  ],
  [
    'propose updates the open issue',
    'dev: 1.36.2 → 1.36.3\n',
    { answers: [...raised, issues('versions', 7), ...changesIssue] },
  ],
  [
    'propose tells what is in the way',
    'dev: Kubernetes 1.36\n\n✗ O EKS avisa\n',
    { answers: [unchanged, issues('versions'), ...opens] },
  ],
  ['propose closes the issue', 'Nada a subir. ✗\n', { answers: [unchanged, issues('versions', 7), ...changesIssue] }],
  ['propose has nothing to say', 'Nada a subir.\n', { answers: [unchanged, issues('versions')] }],
  [
    'propose opens no issue for what it could not push',
    'dev: 1.36.2 → 1.36.3\n',
    { answers: [{ to: 'git push *', error: 'fatal: unable to access' }, ...raised] },
  ],
])('%s', async (_, printed, given) => {
  const files = { 'report.txt': printed };
  expect(await run(`propose --report report.txt --run ${page}`, { files, ...given })).toMatchSnapshot();
});

const releases = (...notes: [tag: string, body: string | null][]): Answer => ({
  to: 'gh api repos/awslabs/amazon-eks-ami/releases --method GET *',
  prints: notes.map(([tag_name, body]) => ({ tag_name, body })),
});
/** Those between two images are on the second page. */
const oldReleases = (length: number): [string, null][] => Array.from({ length }, () => ['v20271111', null]);
const [fix, ...others] = ['CVE-2026-1234', 'CVE-2025-99999', 'CVE-2024-0001'];

test.each<[string, Answer]>([
  [
    'propose names the security fixes of all images after the pinned one',
    releases(
      ['v20261111', others.join()],
      ['v20261110', `| [${fix}](https://alas.example/${fix}) | CVE-2026-123`],
      ['v20260715', `${others[0]}, ${fix}.`],
      ['v20260801', null],
      ['v20260714', others.join()],
      ['v20260630', others.join()],
    ),
  ],
  [
    'propose names the security fixes of all images, however many releases there were since',
    releases(...oldReleases(120), ['v20261110', `${fix}`], ['v20260801', `${others[0]}`], ['v20260714', null]),
  ],
  [
    'propose names no security fixes if the notes name none',
    releases(['v20261110', 'kernel 6.12'], ['v20260714', fix]),
  ],
  ['propose says that the notes are older than the image', releases(['v20260714', fix])],
  ['propose says that the notes could not be read', { to: 'gh api *', error: 'gh: HTTP 403' }],
  ['propose says that there are no notes', { to: 'gh api *', error: 'gh: HTTP 404' }],
])('%s', async (_, answer) => {
  const printed = [
    'prd: Kubernetes 1.36',
    '  nodeRelease                    1.36.2-20260714 → 1.36.2-20260801',
    '',
    'dev: Kubernetes 1.36 → 1.37',
    '  nodeRelease                    1.36.2-20260801 → 1.37.9-20261110',
    '  addons.coredns                 v1.14.3-eksbuild.23 → v9.9.9-eksbuild.9',
  ].join('\n');
  const answers = [...raised, answer, issues('versions'), ...opens];
  const files = { 'report.txt': printed };
  expect(await run(`propose --report report.txt --run ${page}`, { files, answers })).toMatchSnapshot();
});

const drills = (...titles: string[]) => ({
  workflow_runs: titles.map((display_title, index) => ({
    display_title,
    updated_at: `2026-11-0${index + 1}T03:00:00Z`,
  })),
});

test.each<[string, Answer]>([
  [
    'drilled names the last one of the environment',
    { to: 'gh api *', prints: drills('Restore drill: dev', 'Restore drill: prd') },
  ],
  ['drilled fails if only another environment was restored', { to: 'gh api *', prints: drills('Restore drill: dev') }],
  ['drilled fails before there is such a workflow', { to: 'gh api *', error: 'gh: Not Found (HTTP 404)' }],
  ['drilled fails with GitHub’s reason', { to: 'gh api *', error: 'gh: HTTP 502' }],
  ['drilled fails with GitHub’s reason, whatever number it names', { to: 'gh api *', error: 'gh: HTTP 502, id 14041' }],
  ['drilled fails if GitHub’s program is killed', { to: 'gh api *', code: null }],
])('%s', async (_, answer) => {
  const answers = [answer, issues('restore-prd'), ...opens];
  expect(await run(`drilled prd --run ${page}`, { answers })).toMatchSnapshot();
});

test('drilled of dev does not count restores of prd', async () => {
  const answers = [{ to: 'gh api *', prints: drills('Restore drill: prd') }, issues('restore-dev'), ...opens];
  expect(await run(`drilled dev --run ${page}`, { answers })).toMatchSnapshot();
});

test.each([
  ['closes the issue after a drill that passed', 'prd'],
  ['updates the open issue', 'dev'],
])('drilled %s', async (_, restored) => {
  const answers = [
    { to: 'gh api *', prints: drills(`Restore drill: ${restored}`) },
    issues('restore-prd', 7),
    ...changesIssue,
  ];
  expect(await run(`drilled prd --run ${page}`, { answers })).toMatchSnapshot();
});

const waiver = (vulnerability: string, until: string) =>
  `  - { vulnerability: ${vulnerability}, until: ${until}, reason: no fix yet }\n`;

// It is 28 November 2026.
test.each<[string, string, string]>([
  [
    'waivers passes on what still counts',
    '',
    `waivers:\n${waiver('CVE-1', '2026-11-28')}${waiver('CVE-2', '2027-11-27')}`,
  ],
  [
    'waivers fails after the last day',
    '',
    `waivers:\n${waiver('CVE-1', '2026-11-27')}${waiver('CVE-2', '2026-12-01')}${waiver('CVE-3', '2025-12-31')}`,
  ],
  ['waivers writes an empty list', ' --out other.yaml', 'waivers: []'],
  ['waivers refuses a file without a list', '', 'CVE-1'],
  ['waivers refuses an empty file', '', ''],
  ...Object.entries({
    vulnerability: '{ until: 2026-12-01, reason: no fix yet }',
    'text for the vulnerability': '{ vulnerability: 1, until: 2026-12-01, reason: no fix yet }',
    until: '{ vulnerability: CVE-1, reason: no fix yet }',
    'date in until': '{ vulnerability: CVE-1, until: 2026-02-30, reason: no fix yet }',
    'day in until': '{ vulnerability: CVE-1, until: 2026-12, reason: no fix yet }',
    'text for until': '{ vulnerability: CVE-1, until: 2026, reason: no fix yet }',
    'whole date in until': '{ vulnerability: CVE-1, until: "2026-12-01T00:00:00Z", reason: no fix yet }',
    reason: '{ vulnerability: CVE-1, until: 2026-12-01 }',
    'word in reason': '{ vulnerability: CVE-1, until: 2026-12-01, reason: " " }',
    line: '',
  }).map(([missing, line]): [string, string, string] => [
    `waivers refuses a line without ${missing}`,
    '',
    `waivers:\n  - ${line}\n`,
  ]),
])('%s', async (_, more, list) => {
  expect(await run(`waivers --file list.yaml${more}`, { files: { 'list.yaml': list } })).toMatchSnapshot();
});

/** GitHub’s CLI, in front of a repository. */
function asked({ api }: Repository): Answer {
  return {
    to: 'gh api *',
    by([, path = '', , method], input) {
      const found = api(path, method, input === '' ? undefined : JSON.parse(input));
      if (method === 'GET' && found === undefined) throw new Error('gh: Not Found (HTTP 404)');
      return found ?? '';
    },
  };
}
const subject = (sub_claim_prefix?: string): Answer => ({
  to: 'gh api repos/owner/name/actions/oidc/customization/sub --method GET',
  prints: { use_default: true, sub_claim_prefix },
});
const usual = subject('repo:owner/name');
const known = { accountId: '111122223333', github: { repository: 'owner/name' } };
const files = { 'infra/settings.json': known };
/** What is asked is the same in all situations. */
const hidden = 'gh api * --method GET*';
const command = 'settings owner/name --reviewer ana --reviewer maria --docker-hub-user us';

test.each<[string, string, (github: Answer) => Situation]>([
  ['settings lists what differs, and changes nothing', '', (github) => ({ files, answers: [usual, github] })],
  ['settings --apply sets everything', ' --apply', (github) => ({ files, hidden, answers: [usual, github] })],
  [
    'settings --apply does not stop where GitHub refuses something',
    ' --apply',
    (github) => ({
      files,
      hidden: 'gh api *',
      answers: [
        usual,
        { to: 'gh api repos/owner/name/environments/prd --method PUT*', error: 'gh: Validation Failed (HTTP 422)' },
        { to: 'gh api repos/owner/name/labels --method POST*', error: 'gh: Validation Failed (HTTP 422)' },
        github,
      ],
    }),
  ],
  [
    'settings tells of another subject prefix, and leaves the file alone',
    '',
    (github) => ({ files, hidden, answers: [subject('repo:owner@1/name@2'), github] }),
  ],
  [
    'settings tells of a subject prefix that only begins like the usual one',
    '',
    (github) => ({ files, hidden: 'gh api *', answers: [subject('repo:owner/name@2'), github] }),
  ],
  // AWS tells capital letters from small ones.
  [
    'settings tells of a subject prefix in other letters',
    '',
    (github) => ({ files, hidden: 'gh api *', answers: [subject('repo:Owner/Name'), github] }),
  ],
  [
    'settings --apply takes another subject prefix into the file and the variables',
    ' --apply',
    (github) => ({
      files: { 'infra/settings.json': { ...known, github: { ...known.github, createProvider: true } } },
      hidden,
      answers: [subject('repo:owner@1/name@2'), github],
    }),
  ],
  [
    'settings --apply takes the subject prefix of a repository that has moved',
    ' --apply',
    (github) => ({
      files: {
        'infra/settings.json': { ...known, github: { repository: 'old/name', subjectPrefix: 'repo:old/name' } },
      },
      hidden: 'gh api *',
      answers: [subject('repo:owner@1/name@2'), github],
    }),
  ],
  [
    'settings --apply takes the subject prefix without a file',
    ' --apply',
    (github) => ({
      files: { 'infra/settings.example.json': {} },
      hidden: 'gh api *',
      answers: [subject('repo:owner@1/name@2'), github],
      env: { INFRA_ACCOUNT_ID: '111122223333' },
    }),
  ],
  [
    'settings is refused for a reviewer whom GitHub does not know',
    '',
    () => ({ files, answers: [usual, { to: 'gh api users/*', error: 'gh: Not Found (HTTP 404)' }] }),
  ],
])('%s', async (_, more, given) => {
  expect(await run(command + more, given(asked(new FakeGithub())))).toMatchSnapshot();
});

test.each<[string, Answer]>([
  ['has none', subject()],
  ['does not know of any', { to: usual.to, error: 'gh: Not Found (HTTP 404)' }],
])('settings --apply leaves the subject prefix alone if GitHub %s', async (_, answer) => {
  const byHand = { ...known, github: { ...known.github, subjectPrefix: 'repo:owner@1/name@2' } };
  for (const [settings, same] of [
    [known, usual],
    [byHand, subject('repo:owner@1/name@2')],
  ] as const) {
    const told = (first: Answer) =>
      run(`${command} --apply`, {
        files: { 'infra/settings.json': settings },
        hidden: 'gh api *',
        answers: [first, asked(new FakeGithub())],
      });
    expect(await told(answer)).toBe(await told(same));
  }
});

test.each(['https://github.example/owner/name', 'owner', 'owner/name/', 'owner/'])(
  'settings refuses %s, which is not the name of a repository',
  async (given) => {
    expect(await run(`settings ${given} --reviewer ana`, { answers: [] })).toMatchSnapshot();
  },
);

test('settings --apply begins the branch develop at the default branch, whatever its name', async () => {
  const github = new FakeGithub();
  github.repository = { ...github.repository, default_branch: 'trunk' };
  github.branches.delete('main');
  github.branches.set('trunk', 'decaf');
  await run(`${command} --apply`, { files, answers: [usual, asked(github)] });
  expect(github.branches.get('develop')).toBe('decaf');
});

test('settings --apply for a team of one, with runners, an account for each environment, and images in ECR', async () => {
  const accounts = { dev: '111122223333', prd: '444455556666' };
  const { github } = known;
  const situation: Situation = {
    files: { 'infra/settings.json': { accounts, github, imageRegistry: 'ecr', region: 'sa-east-1' } },
    runners: ['dev', 'prd'],
    hidden,
    answers: [usual, asked(new FakeGithub())],
  };
  // The account at Docker Hub is not needed there.
  const alone = 'settings owner/name --reviewer ana --alone --docker-hub-user us --apply';
  expect(await run(alone, situation)).toMatchSnapshot('the first time');
  expect(await run(alone, situation)).toMatchSnapshot('the second time');
});

test('settings counts the one that differs, and the one that GitHub refuses', async () => {
  const github = new FakeGithub();
  const situation: Situation = { files, hidden, answers: [usual, asked(github)] };
  await run(`${command} --apply`, situation);
  github.labels.delete('wake dev');
  expect(await run(command, situation)).toMatchSnapshot('that differs');
  const refuses = { to: 'gh api repos/owner/name/labels --method POST*', error: 'gh: Forbidden (HTTP 403)' };
  expect(await run(`${command} --apply`, { ...situation, answers: [refuses, usual, asked(github)] })).toMatchSnapshot(
    'that is refused',
  );
  // An answer that nobody can read is no refusal.
  const garbled = { to: 'gh api repos/owner/name/labels --method POST*', prints: '<html>' };
  const told = await run(`${command} --apply`, { ...situation, answers: [garbled, usual, asked(github)] });
  expect(told).toContain('exit code 1');
  expect(told).not.toContain('✗');
});

test('settings of a private repository of GitHub Free, in which much is refused', async () => {
  const situation: Situation = {
    files,
    hidden: 'gh api *',
    answers: [usual, asked(new FakeGithub({ isFree: true }))],
  };
  expect(await run(`${command} --apply`, situation)).toMatchSnapshot('set');
  expect(await run(command, situation)).toMatchSnapshot('looked at');
});

test('settings knows environments for which GitHub lists no rules', async () => {
  const plain = { to: 'gh api repos/owner/name/environments/dev --method GET', prints: { name: 'dev' } };
  const answers = [plain, usual, asked(new FakeGithub())];
  expect(await run(command, { files, hidden, answers })).toMatchSnapshot();
});

test('settings --apply knows its rules, and takes other branches out, behind more than a page of others', async () => {
  const github = new FakeGithub();
  const situation: Situation = { files, hidden, answers: [usual, asked(github)] };
  await run(`${command} --apply`, situation);
  const others = Array.from({ length: 120 }, (_, index) => `other-${index}`);
  // GitHub lists the newest first.
  github.environmentBranches.prd?.unshift(...others);
  github.rulesets.unshift(...others.map((name) => ({ name, conditions: { ref_name: { include: [] } } })));
  await run(`${command} --apply`, situation);
  expect(github.environmentBranches.prd).toEqual(['main']);
  expect(github.rulesets).toHaveLength(122);
  expect(await run(command, situation)).toBe(await run(`${command} --apply`, situation));
});

test('settings --apply takes a tag for no branch, and the rules of the organization for none of its own', async () => {
  const github = new FakeGithub();
  const situation: Situation = { files, hidden, answers: [usual, asked(github)] };
  await run(`${command} --apply`, situation);
  github.environmentBranches.prd = ['tags/main'];
  github.environmentBranches['infra-prd']?.push('tags/main');
  github.organizationRulesets.push(...github.rulesets);
  await run(`${command} --apply`, situation);
  expect([github.environmentBranches.prd, github.environmentBranches['infra-prd']]).toEqual([['main'], ['main']]);
  github.rulesets.splice(0);
  await run(`${command} --apply`, situation);
  expect(github.rulesets).toEqual(github.organizationRulesets);
});

test('settings --apply restores what was changed by hand', async () => {
  const github = new FakeGithub();
  const situation: Situation = { files, hidden, answers: [usual, asked(github)] };
  await run(`${command} --apply`, situation);
  Object.assign(github.variables, { AWS_REGION: 'eu-west-1' });
  Object.assign(github.environments['infra-prd'] ?? {}, { reviewers: [] });
  github.environmentBranches.prd?.push('*', 'release');
  github.environmentBranches.images = ['develop', 'release'];
  Object.assign(github.environments['infra-dev'] ?? {}, { deployment_branch_policy: null });
  github.rulesets.splice(1, 1, { ...github.rulesets[1], enforcement: 'disabled' });
  github.labels.delete('wake dev');
  Object.assign(github.workflowToken, { can_approve_pull_request_reviews: true });
  expect(await run(`${command} --apply`, situation)).toMatchSnapshot();
});
