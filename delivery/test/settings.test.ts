import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readSettings } from '../../infra/settings.ts';
import { type GithubSettingsProps, githubSettings, update } from '../github-settings.ts';
import { delivery } from './support/delivery.ts';
import { FakeGithub } from './support/github.ts';
import { Programs } from './support/programs.ts';

const settings = readSettings('', { INFRA_ACCOUNT_ID: '1'.repeat(12) });
const lines: string[] = [];

beforeEach(() => {
  lines.splice(0);
  for (const method of ['log', 'error'] as const) {
    jest.spyOn(console, method).mockImplementation((text: string) => void lines.push(text));
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

function run(github: FakeGithub, { apply = true, ...more }: { apply?: boolean } & Partial<GithubSettingsProps> = {}) {
  const props = { repository: 'owner/name', settings, reviewers: ['somebody'], isAlone: false, dockerHubUser: 'us' };
  const deployed = { dev: { runner: false }, prd: { runner: false } };
  return update(githubSettings({ ...props, deployed, api: github.api, ...more }), apply);
}

/** The rules of a branch, as a whole. */
const rules = (branch: string, methods: string[]) => ({
  name: `Branch entregue / Delivered branch ${branch}`,
  target: 'branch',
  enforcement: 'active',
  bypass_actors: [],
  conditions: { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } },
  rules: [
    { type: 'deletion' },
    { type: 'non_fast_forward' },
    {
      type: 'pull_request',
      parameters: {
        required_approving_review_count: 1,
        allowed_merge_methods: methods,
        dismiss_stale_reviews_on_push: true,
        require_code_owner_review: false,
        require_last_push_approval: false,
        required_review_thread_resolution: false,
      },
    },
    {
      type: 'required_status_checks',
      parameters: {
        strict_required_status_checks_policy: false,
        required_status_checks: [{ context: 'result', integration_id: 15_368 }],
      },
    },
  ],
});

/** All values in JSON that differ from this one in one place. An object may have more: GitHub adds to it. */
function editsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    const items = value as unknown[];
    return [
      [...items, 'more'],
      ...items.map((_, index) => items.toSpliced(index, 1)),
      ...items.flatMap((item, index) => editsOf(item).map((edited) => items.with(index, edited))),
    ];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, part]) => [
      Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)),
      ...editsOf(part).map((edited) => ({ ...value, [key]: edited })),
    ]);
  }
  if (typeof value === 'string') return [`${value}-other`, value.slice(0, -1), value.slice(1)];
  return [typeof value === 'boolean' ? !value : Number(value) - 1];
}

test('missing settings are listed in both languages, and nothing is changed without --apply', () => {
  const github = new FakeGithub();
  expect(run(github, { apply: false })).toEqual({ different: lines.length, refused: 0 });
  expect(lines).toEqual(
    expect.arrayContaining(['+ variável / variable INFRA_SETTINGS', '+ regras de / rules of main']),
  );
  for (const line of lines) expect(line).toContain(' / ');
  expect(github.changes).toEqual([]);
});

test('everything is set, and a second run changes nothing', () => {
  const github = new FakeGithub();
  run(github);
  const reviewers = [{ type: 'User', id: 'users/somebody'.length }];
  const limited = { protected_branches: false, custom_branch_policies: true };
  expect(github.variables).toEqual({
    AWS_ACCOUNT_ID_DEV: '1'.repeat(12),
    AWS_ACCOUNT_ID_PRD: '1'.repeat(12),
    AWS_REGION: 'us-east-1',
    CODEBUILD_RUNNERS: 'none',
    DOCKERHUB_USERNAME: 'us',
    IMAGE_REGISTRY: 'docker-hub',
    INFRA_SETTINGS: JSON.stringify(settings),
  });
  expect(github.environments).toEqual({
    dev: { deployment_branch_policy: limited, reviewers: [] },
    prd: { deployment_branch_policy: limited, reviewers },
    'infra-dev': { deployment_branch_policy: limited, reviewers: [] },
    'infra-prd': { deployment_branch_policy: limited, reviewers },
    images: { deployment_branch_policy: limited, reviewers: [] },
    costs: { deployment_branch_policy: null, reviewers },
  });
  expect(github.environmentBranches).toEqual({
    dev: ['develop'],
    prd: ['main'],
    'infra-dev': ['develop'],
    'infra-prd': ['main'],
    images: ['develop', 'main'],
  });
  // A squashed promotion would make the histories of the two branches differ.
  expect(github.rulesets).toEqual([rules('develop', ['merge', 'squash', 'rebase']), rules('main', ['merge'])]);
  expect([...github.branches]).toEqual([
    ['main', 'c0ffee'],
    ['develop', 'c0ffee'],
  ]);
  expect([...github.labels]).toEqual(['risk-accepted', 'wake dev']);
  expect(github.repository.allow_merge_commit).toBe(true);
  expect(github.workflowToken).toEqual({
    default_workflow_permissions: 'read',
    can_approve_pull_request_reviews: false,
  });

  github.changes.splice(0);
  expect(run(github)).toEqual({ different: 0, refused: 0 });
  expect(github.changes).toEqual([]);
});

test('with an account for each environment, each variable has its own', () => {
  const github = new FakeGithub();
  const accounts = { dev: '1'.repeat(12), prd: '2'.repeat(12) };
  run(github, { settings: readSettings('', { INFRA_ACCOUNTS: JSON.stringify(accounts) }) });
  expect(github.variables).toMatchObject({ AWS_ACCOUNT_ID_DEV: accounts.dev, AWS_ACCOUNT_ID_PRD: accounts.prd });
});

test.each([
  [{ dev: true, prd: false }, 'dev'],
  [{ dev: true, prd: true }, 'dev prd'],
])('with runners in %j, jobs of %s run there', ({ dev, prd }, expected) => {
  const github = new FakeGithub();
  run(github, { deployed: { dev: { runner: dev }, prd: { runner: prd } } });
  expect(github.variables.CODEBUILD_RUNNERS).toBe(expected);
});

test('the branch develop is created before its rules, which would refuse it', () => {
  const github = new FakeGithub();
  expect(run(github).refused).toBe(0);
  const created = github.changes.indexOf('POST git/refs');
  expect(created).toBeGreaterThanOrEqual(0);
  expect(created).toBeLessThan(github.changes.indexOf('POST rulesets'));
});

test('where GitHub refuses reviewers, all else is set, and the refusals are reported', () => {
  const github = new FakeGithub({ isPrivate: true });
  expect(run(github).refused).toBe(3);
  expect(lines.filter((line) => line.startsWith('✗')).map((line) => line.split('\n')[0])).toEqual([
    '✗ ambiente / environment prd',
    '✗ ambiente / environment infra-prd',
    '✗ ambiente / environment costs',
  ]);
  expect(lines.join()).toContain('Failed to create the environment protection rule');
  expect(github.environmentBranches.prd).toEqual(['main']);
  expect(github.environments.prd).toEqual({
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  });
  expect(github.rulesets).toHaveLength(2);
  expect(github.workflowToken).toMatchObject({ default_workflow_permissions: 'read' });
});

test('where GitHub does not even show the rules of branches, all else is set, and looked at', () => {
  const github = new FakeGithub({ isFree: true });
  const { refused } = run(github);
  // Five environments with their branches, one without, and the rules of two branches.
  expect([refused, lines.filter((line) => line.startsWith('✗')).length]).toEqual([13, 13]);
  expect(github.workflowToken).toMatchObject({ default_workflow_permissions: 'read' });
  expect([...github.labels]).toHaveLength(2);
  github.changes.splice(0);
  expect(run(github, { apply: false })).toEqual({ different: 11, refused: 2 });
  expect(github.changes).toEqual([]);
});

test('in a team of one, an administrator may bypass the approval of a pull request, and only that', () => {
  const github = new FakeGithub();
  run(github, { isAlone: true });
  const actors = [{ actor_id: 5, actor_type: 'RepositoryRole', bypass_mode: 'pull_request' }];
  expect(github.rulesets.map(({ bypass_actors }) => bypass_actors)).toEqual([actors, actors]);
});

describe('what was changed by hand is restored, and nothing else:', () => {
  const changed = (change: (github: FakeGithub) => void) => {
    const github = new FakeGithub();
    run(github);
    change(github);
    github.changes.splice(0);
    run(github);
    return github;
  };

  test('disabled rules', () => {
    const github = changed(({ rulesets }) => rulesets.splice(0, 1, { ...rulesets[0], enforcement: 'disabled' }));
    expect(github.changes).toEqual(['PUT rulesets/0']);
    expect(github.rulesets[0]).toEqual(rules('develop', ['merge', 'squash', 'rebase']));
  });

  test.each([true, false])('each part of the rules of a branch, in a team of one (%s)', (isAlone) => {
    const github = new FakeGithub();
    run(github, { isAlone });
    const wanted = github.rulesets.map((ruleset) => JSON.stringify(ruleset));
    const edits = github.rulesets.flatMap((ruleset, index) =>
      Object.entries(ruleset)
        // Rules of another name are others.
        .filter(([key]) => key !== 'name')
        .flatMap(([key, value]) => editsOf(value).map((edited) => [index, { ...ruleset, [key]: edited }] as const)),
    );
    expect(edits.length).toBeGreaterThan(80);
    for (const [index, edited] of edits) {
      github.changes.splice(0);
      github.rulesets[index] = edited;
      expect([edited, run(github, { isAlone }).different]).toEqual([edited, 1]);
      expect(github.changes).toEqual([`PUT rulesets/${index}`]);
      expect(github.rulesets.map((ruleset) => JSON.stringify(ruleset))).toEqual(wanted);
    }
  });

  test('an approver of an environment that needs none', () => {
    const github = changed(({ environments }) => {
      environments.dev = { ...environments.dev, reviewers: [{ type: 'User', id: 1 }] };
    });
    expect(github.changes).toEqual(['PUT environments/dev']);
  });

  test('another branch that may use an environment', () => {
    const github = changed(({ environmentBranches }) => environmentBranches['infra-prd']?.push('*'));
    expect(github.changes).toEqual(['DELETE environments/infra-prd/deployment-branch-policies/1']);
    expect(github.environmentBranches['infra-prd']).toEqual(['main']);
  });

  test.each(['main-old', 'old-main', 'MAIN', 'm*'])('the branch that may use an environment, which was %s', (other) => {
    const github = changed(({ environmentBranches }) => environmentBranches['infra-prd']?.splice(0, 1, other));
    const policies = 'environments/infra-prd/deployment-branch-policies';
    expect(github.changes).toEqual([`POST ${policies}`, `DELETE ${policies}/0`]);
    expect(github.environmentBranches['infra-prd']).toEqual(['main']);
  });

  test('an environment that asks for its approval on other branches', () => {
    const policies = [
      null,
      { protected_branches: true, custom_branch_policies: false },
      { protected_branches: false, custom_branch_policies: true },
    ];
    const names = Object.keys(changed(() => undefined).environments);
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) {
      for (const deployment_branch_policy of policies) {
        let isOther = false;
        const { changes } = changed(({ environments }) => {
          const now = environments[name] ?? {};
          isOther = JSON.stringify(now.deployment_branch_policy) !== JSON.stringify(deployment_branch_policy);
          environments[name] = { ...now, deployment_branch_policy };
        });
        expect([name, changes]).toEqual([name, isOther ? [`PUT environments/${name}`] : []]);
      }
    }
  });

  test('not the rules of a branch whose name begins the same', () => {
    const github = new FakeGithub();
    github.rulesets.push(rules('main-old', ['squash']));
    expect(run(github).refused).toBe(0);
    expect(github.rulesets).toHaveLength(3);
    expect(github.rulesets[0]).toEqual(rules('main-old', ['squash']));
  });

  test.each([29, 99, 100, 150])('what is behind %i others in a list', (count) => {
    const others = Array.from({ length: count }, (_, index) => `other-${index}`);
    const github = new FakeGithub();
    github.rulesets.push(...others.map((name) => rules(name, ['squash'])));
    run(github);
    Object.assign(github.rulesets[count + 1] ?? {}, { enforcement: 'disabled' });
    // The newest come first, and `main` last.
    github.environmentBranches.prd?.push(...others);
    github.changes.splice(0);
    expect(run(github)).toEqual({ different: 2, refused: 0 });
    expect(github.changes.filter((change) => !change.startsWith('DELETE'))).toEqual([`PUT rulesets/${count + 1}`]);
    expect([github.environmentBranches.prd, github.rulesets.length]).toEqual([['main'], count + 2]);
  });

  test.each<[string, object[]]>([
    ['without its approvers', []],
    ['with another person', [{ type: 'User', id: 1 }]],
    ['with a team that has the number of the person', [{ type: 'Team', id: 'users/somebody'.length }]],
  ])('an environment %s', (_, reviewers) => {
    const github = changed(({ environments }) => {
      environments['infra-prd'] = { ...environments['infra-prd'], reviewers };
    });
    expect(github.changes).toEqual(['PUT environments/infra-prd']);
  });
});

test('an error that is not a refusal of GitHub ends the command', () => {
  const failing = {
    name: 'a setting',
    wanted: 1,
    read: () => undefined,
    write() {
      throw new TypeError('a mistake');
    },
  };
  expect(() => update([failing], true)).toThrow('a mistake');
});

describe('the command', () => {
  /** Puts a fake `gh` on the PATH, which answers one call and finds nothing else. */
  function gh(path: string, answer: object): NodeJS.ProcessEnv {
    const script = `[ "$2" = ${path} ] && echo '${JSON.stringify(answer)}' && exit 0\necho 'HTTP 404' >&2; exit 1`;
    return new Programs().shell('gh', script).env;
  }

  test('asks GitHub’s CLI, and says how many settings differ', async () => {
    const args = ['settings', 'owner/name', '--reviewer', 'somebody'];
    const { code, output } = await delivery(args, gh('users/somebody', { id: 1 }));
    expect(code).toBe(0);
    expect(output).toContain('+ ambiente / environment infra-prd\n');
    expect(output).toMatch(/Settings to change: \d\d\. Run again with --apply\./);
  });

  test.each([
    [false, undefined],
    [true, 'repo:owner@1/name@2'],
  ])('takes the prefix of GitHub’s subjects into the settings, with --apply only (%s)', (apply, written) => {
    const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'settings.json');
    writeFileSync(file, JSON.stringify({ owner: 'us', github: { repository: 'owner/name', createProvider: true } }));
    const module = resolve(import.meta.dirname, '../subject-prefix.ts');
    const script = `
      import { adoptSubjectPrefix } from ${JSON.stringify(module)};
      for (const _ of [1, 2]) console.log(adoptSubjectPrefix('owner/name', ${apply}, ${JSON.stringify(file)}));`;
    const env = {
      ...process.env,
      ...gh('repos/owner/name/actions/oidc/customization/sub', { sub_claim_prefix: 'repo:owner@1/name@2' }),
    };
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      env,
      encoding: 'utf8',
    });
    // Once it is in the settings, it is known.
    expect(stdout.match(/^(true|false)$/gm)).toEqual(['true', apply ? 'false' : 'true']);
    expect(stdout).toMatch(/github\.subjectPrefix = repo:owner@1\/name@2\ntrue\n/);
    const github = { repository: 'owner/name', createProvider: true, ...(written && { subjectPrefix: written }) };
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ owner: 'us', github });
  });

  test('takes an answer of 404 for nothing only where it asks, and not where it writes', () => {
    const module = resolve(import.meta.dirname, '../github-api.ts');
    const script = `
      import { gh } from ${JSON.stringify(module)};
      console.log(gh('repos/owner/name/none'));
      gh('repos/owner/name/none', 'PATCH', {});`;
    const { stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, ...gh('users/somebody', { id: 1 }) },
      encoding: 'utf8',
    });
    expect(stdout).toBe('undefined\n');
    expect(stderr).toContain('GithubRefused: PATCH repos/owner/name/none: HTTP 404');
  });

  test('takes no other refusal for nothing, such as that of an expired token', () => {
    const module = resolve(import.meta.dirname, '../github-api.ts');
    const script = `
      import { gh } from ${JSON.stringify(module)};
      for (const status of [400, 401, 403, 405, 410, 422, 429, 500, 502, 503, 504, 404]) {
        try {
          console.log(gh(String(status)));
        } catch (error) {
          console.log(error.name + ': ' + error.message);
        }
      }`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, ...new Programs().shell('gh', 'echo "gh: no (HTTP $2)" >&2; exit 1').env },
      encoding: 'utf8',
    });
    const refused = [400, 401, 403, 405, 410, 422, 429, 500, 502, 503, 504];
    const told = refused.map((status) => `GithubRefused: GET ${status}: gh: no (HTTP ${status})`);
    expect(stdout.trim().split('\n')).toEqual([...told, 'undefined']);
  });

  test.each([
    ['without a repository', ['settings', '--reviewer', 'somebody'], 'OWNER/REPOSITORY'],
    ['without a reviewer', ['settings', 'owner/name'], '--reviewer'],
  ])('%s is refused', async (_, args, message) => {
    const { code, output } = await delivery(args);
    expect(code).toBe(2);
    expect(output).toContain(message);
  });
});
