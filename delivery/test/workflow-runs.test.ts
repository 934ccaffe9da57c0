/**
 * What the workflows do, run by run: jobs and steps are decided as GitHub decides them, and scripts run in bash with
 * stand-ins for their programs.
 */
import { describe, expect, test } from '@jest/globals';
import { branches, environmentNames } from 'platform';
import { outcomeOf } from '../delivered.ts';
import { requiredCheck } from '../github-run.ts';
import { wakeLabel } from '../github-settings.ts';
import { acceptedRisk } from '../risks.ts';
import {
  type Answer,
  ancestors,
  type Given,
  github,
  type JobRun,
  resultsOf,
  runJob,
  runJobs,
  runWorkflow,
} from './support/workflow-run.ts';
import { workflow, workflowFiles } from './support/workflows.ts';

const settings = '{"owner":"us"}';
const vars = {
  AWS_ACCOUNT_ID_DEV: '111',
  AWS_ACCOUNT_ID_PRD: '222',
  AWS_REGION: 'sa-east-1',
  DOCKERHUB_USERNAME: 'team',
  INFRA_SETTINGS: settings,
  CODEBUILD_RUNNERS: 'none',
};
const secrets = { DOCKERHUB_TOKEN: 'docker-hub-token' };
const inputs = (environment: string, version = '') => ({ application: 'calculadora-api', environment, version });
const pullRequest = (base: string, { action = 'opened', labels = [] as string[], from = 'owner/name' } = {}) => ({
  inputs: {},
  github: github({
    base_ref: base,
    event: {
      action,
      number: 7,
      pull_request: { number: 7, labels: labels.map((name) => ({ name })), head: { repo: { full_name: from } } },
    },
  }),
});

/** The image of the commit, as `delivery image` names it. */
const image = (digest: string, passed: boolean): Answer => ({
  to: 'pnpm delivery image *',
  outputs: { repository: 'registry.example/api', tag: 'content-1', digest, passed: String(passed) },
});
const usual: readonly Answer[] = [
  image('', false),
  { to: 'jq *', prints: 'digest=sha256:built\n' },
  { to: 'pnpm delivery connect *', outputs: { address: 'https://site.example' } },
  { to: 'pnpm delivery release *', outputs: { previous: '3' } },
  { to: 'pnpm delivery changes *', outputs: { infra: 'true', parts: 'infra' } },
  { to: 'pnpm delivery plan *', outputs: { changes: 'true', risks: '0', fingerprint: 'f00d' } },
  { to: 'pnpm delivery compare-costs *', outputs: { above: 'false', rise: '1' } },
  { to: 'aws ecr get-login-password', prints: 'ecr-password' },
];

/** A run in which all goes well, but for the given answers. */
const given = (contexts: Given, ...answers: readonly Answer[]): Given => ({
  vars,
  secrets,
  ...contexts,
  answers: [...answers, ...usual],
});
const deliver = (environment: string, ...answers: readonly Answer[]) =>
  runWorkflow('ci-cd.yml', given({ inputs: inputs(environment) }, ...answers));
const callsOf = (ran: Readonly<Record<string, JobRun>>) => Object.values(ran).flatMap(({ calls }) => calls);

/** All workflows that have steps, with what they are called with for each environment. */
const runs = environmentNames.flatMap((environment) =>
  (
    [
      ['ci-cd.yml', { inputs: inputs(environment) }],
      ['terraform.yml', { inputs: { environment } }],
      ['pull-request.yml', pullRequest(branches[environment])],
      ['drift.yml', { inputs: {}, matrix: { environment, branch: branches[environment] } }],
      ['restore-drill.yml', { inputs: { environment } }],
    ] satisfies [string, Given][]
  ).map(([file, contexts]) => ({ file, environment, contexts: given(contexts) })),
);

/** Is about both environments at once. */
const proposal = 'versions.yml';
/** Is about dev alone. */
const waking = 'wake-dev.yml';

test('each workflow with steps is run here', () => {
  const withSteps = workflowFiles.filter((file) => Object.values(workflow(file).jobs).some(({ steps }) => steps));
  expect([...new Set(runs.map(({ file }) => file)), proposal, waking].toSorted()).toEqual(withSteps.toSorted());
});

describe.each(runs)('$file for $environment', ({ file, environment, contexts }) => {
  const { ran, results } = runWorkflow(file, contexts);
  const calls = callsOf(ran);

  test('works, and for no other environment', () => {
    const asked = ['cost-approval', 'risk-approval'];
    const jobs = Object.keys(results).filter((name) => !asked.includes(name));
    expect(jobs.map((name) => [name, results[name]])).toEqual(jobs.map((name) => [name, 'success']));
    // Whether restores are tried is asked for prd alone, once for both.
    const own = calls.filter((call) => !call.startsWith('pnpm delivery drilled '));
    const named = own.flatMap((call) => call.match(/(?<=^pnpm (?:delivery|infra) .*)\b(dev|prd)\b/g) ?? []);
    expect(named.length).toBeGreaterThan(1);
    expect(new Set(named)).toEqual(new Set([environment]));
  });

  test('assumes roles in the region and with the settings of the repository’s variables', () => {
    const assumed = calls.filter((call) => call.startsWith('aws-actions/configure-aws-credentials'));
    expect(assumed.filter((call) => !call.includes(' aws-region=sa-east-1'))).toEqual([]);
    const planning = Object.values(ran).filter(({ calls }) =>
      calls.some((call) => /delivery (plan|apply) /.test(call)),
    );
    expect(planning.length).toBe({ 'ci-cd.yml': 0, 'restore-drill.yml': 0, 'terraform.yml': 2 }[file] ?? 1);
    for (const { files } of planning) expect(files['infra/settings.json']).toBe(settings);
  });

  test('shows no secret in the arguments of a program', () => {
    expect(calls.length).toBeGreaterThan(5);
    for (const call of calls) expect(call.split(' < ')[0]).not.toMatch(/docker-hub-token|ecr-password|github-token/);
  });

  test('compares with the commit before only where that commit was checked out', () => {
    for (const { calls } of Object.values(ran).filter(({ calls }) => calls.join().includes('HEAD^1'))) {
      expect(calls[0]).toMatch(/^actions\/checkout .*fetch-depth=2$/);
    }
  });
});

/** What a job does after a failure of each of its calls. */
function failures(file: string, contexts: Given) {
  const tolerated: string[] = [];
  const later: Record<string, readonly string[]> = {};
  let count = 0;
  runJobs(file, contexts, (name, _, needs) => {
    const good = runJob(file, name, { ...contexts, needs });
    for (const [failing, call] of good.calls.entries()) {
      // All jobs begin with these; one job stands for all.
      const isShared = /^(actions\/(checkout|cache) |\.github\/actions\/install|pnpm install)/.test(call);
      if (isShared && name !== 'test') continue;
      count++;
      const bad = runJob(file, name, { ...contexts, needs, failing });
      if (bad.result !== 'failure') tolerated.push(`${name}: ${call}`);
      else if (bad.calls.length > failing + 1) later[`${name}: ${call}`] = bad.calls.slice(failing + 1);
    }
    return good;
  });
  return { count, tolerated, later };
}

describe('when a program or an action fails, its job fails, and does nothing more than clean up:', () => {
  test('in the delivery of an application, where only a smoke test that fails leads to a rollback', () => {
    const { count, later, tolerated } = failures('ci-cd.yml', given({ inputs: inputs('dev') }));
    expect(count).toBeGreaterThan(15);
    expect(tolerated).toEqual([]);
    expect(later).toEqual({
      'release: pnpm delivery smoke calculadora-api --version dev-17': [
        'pnpm delivery rollback calculadora-api --to 3',
      ],
    });
  });

  test('when it goes back to a version', () => {
    const { count, later, tolerated } = failures('ci-cd.yml', given({ inputs: inputs('prd', 'prd-9') }));
    expect(count).toBeGreaterThan(5);
    expect([tolerated, later]).toEqual([[], {}]);
  });

  test('in the delivery of the infrastructure, where an apply that fails keeps a state that was not written', () => {
    const { count, later, tolerated } = failures('terraform.yml', given({ inputs: { environment: 'prd' } }));
    expect(count).toBeGreaterThan(15);
    // Without the cost before, the comparison says that it is not known.
    // Nor does an apply need an environment that is awake: it may be what repairs it.
    expect(tolerated).toEqual([
      'plan: pnpm --silent infra costs --json',
      'apply: pnpm infra wake prd --without-applications',
    ]);
    expect(later).toHaveProperty(['apply: pnpm delivery apply prd --fingerprint f00d']);
    const kept = 'actions/upload-artifact name=errored-state path=cdktf.out/stacks/*/errored.tfstate';
    for (const calls of Object.values(later)) expect(calls).toEqual([`${kept} if-no-files-found=ignore`]);
  });

  test('on a pull request', () => {
    const { count, later, tolerated } = failures('pull-request.yml', given(pullRequest('main')));
    expect(count).toBeGreaterThan(20);
    expect(tolerated).toEqual(['costs: pnpm --silent infra costs --json']);
    expect(later).toEqual({});
  });

  test('in the comparison with the code, which then reports nothing', () => {
    const contexts = given({ inputs: {}, matrix: { environment: 'dev', branch: 'develop' } });
    const { count, later, tolerated } = failures('drift.yml', contexts);
    expect(count).toBeGreaterThan(4);
    expect([tolerated, later]).toEqual([[], {}]);
  });
});

describe('the monthly restore drill', () => {
  test('keeps the report even if it fails, and fails then', () => {
    const { count, later, tolerated } = failures('restore-drill.yml', given({ inputs: { environment: 'prd' } }));
    expect(count).toBeGreaterThan(3);
    expect(tolerated).toEqual([]);
    const last = 'actions/upload-artifact name=restore-drill-prd path=drill.json if-no-files-found=ignore';
    // The program has deleted its copy by then, and nobody else's.
    expect(later['drill: pnpm infra drill restore prd --out drill.json']).toEqual([last]);
    for (const calls of Object.values(later)) expect(calls.at(-1)).toBe(last);
  });

  test('deletes the copy if it is cancelled', () => {
    const isCancelled = { to: 'pnpm infra drill restore prd --out *', isCancelled: true };
    const { ran, results } = runWorkflow('restore-drill.yml', given({ inputs: { environment: 'prd' } }, isCancelled));
    expect(results).toEqual({ drill: 'cancelled' });
    expect(callsOf(ran).at(-2)).toBe('pnpm infra drill restore prd --clean');
  });

  test('is of prd when nobody chooses', () => {
    const { ran } = runWorkflow('restore-drill.yml', given({ inputs: {} }));
    expect(callsOf(ran)).toContain('pnpm infra drill restore prd --out drill.json');
  });
});

describe('waking dev', () => {
  const asked = (label: string, from?: string) => {
    const { github: context, ...rest } = pullRequest('develop', { action: 'labeled', from });
    const event = { ...context.event, label: { name: label } };
    return runWorkflow(waking, given({ ...rest, github: { ...context, event, event_name: 'pull_request' } }));
  };

  test("by the button runs with the role of dev's releases", () => {
    const { ran, results } = runWorkflow(
      waking,
      given({ inputs: {}, github: github({ event_name: 'workflow_dispatch' }) }),
    );
    expect(results).toEqual({ label: 'skipped', wake: 'success' });
    expect(callsOf(ran).slice(3)).toEqual([
      'aws-actions/configure-aws-credentials role-to-assume=arn:aws:iam::111:role/desafio-aws-dev-deploy aws-region=sa-east-1 mask-aws-account-id=true',
      'pnpm infra wake dev',
    ]);
  });

  test('by the label presses that button on develop, and runs nothing of the pull request', () => {
    const { ran, results } = asked(wakeLabel);
    expect(results).toEqual({ label: 'success', wake: 'skipped' });
    expect(callsOf(ran)).toEqual([
      'gh workflow run wake-dev.yml --ref develop',
      `gh pr edit 7 --remove-label ${wakeLabel}`,
    ]);
  });

  test('is for no other label, and not for a fork, whose token may not do it', () => {
    for (const { results } of [asked(acceptedRisk), asked(wakeLabel, 'somebody/name')]) {
      expect(results).toEqual({ label: 'skipped', wake: 'skipped' });
    }
  });
});

describe('the weekly proposal of versions', () => {
  const upgrades = (kubernetes = '') =>
    callsOf(runWorkflow(proposal, given({ inputs: { kubernetes } })).ran).filter((call) => !call.includes('install'));

  test('raises prd to what dev has before it raises dev, and then tells', () => {
    expect(upgrades().slice(2)).toEqual([
      expect.stringMatching(
        /^aws-actions\/configure-aws-credentials role-to-assume=.*:111:role\/desafio-aws-dev-plan aws-region=sa-east-1/,
      ),
      'pnpm --silent infra upgrade prd --skip-cluster --write',
      'pnpm --silent infra upgrade dev --write',
      'gh auth setup-git',
      'pnpm delivery propose --report report.txt --run https://github.example/owner/name/actions/runs/12',
    ]);
  });

  test('takes a version of Kubernetes by hand, for dev alone', () => {
    expect(upgrades('1.37').filter((call) => call.includes('1.37'))).toEqual([
      'pnpm --silent infra upgrade dev 1.37 --write',
    ]);
  });

  test('tells also what is in the way, raises the other if one is refused, and then fails', () => {
    const { count, later, tolerated } = failures(proposal, given({ inputs: { kubernetes: '' } }));
    expect(count).toBeGreaterThan(3);
    // The stand-ins fail with 1, which means that something is in the way.
    const upgrades = ['prd --skip-cluster', 'dev'].map(
      (args) => `propose: pnpm --silent infra upgrade ${args} --write`,
    );
    expect(tolerated).toEqual(upgrades);
    expect(later).toEqual({});
    const refused = { to: 'pnpm --silent infra upgrade prd *', code: 2, fails: true };
    const { ran, results } = runWorkflow(proposal, given({ inputs: { kubernetes: '' } }, refused));
    expect(results).toEqual({ propose: 'failure' });
    expect(callsOf(ran).slice(-3)).toEqual([
      'pnpm --silent infra upgrade dev --write',
      'gh auth setup-git',
      expect.stringMatching(/^pnpm delivery propose /),
    ]);
  });
});

describe('after a job that did not succeed', () => {
  const application = { inputs: inputs('dev') };
  const outputs = {
    plan: { changes: 'true', risks: '2' },
    changes: { infra: 'true' },
    costs: { above: 'true' },
  } as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const all = (file: string) => Object.keys(workflow(file).jobs);
  /** The jobs that run although one did not succeed. */
  const running = (file: string, contexts: Given, failed: string, result: 'failure' | 'cancelled') => {
    const results = runJobs(file, contexts, (name) => ({
      result: name === failed ? result : 'success',
      outputs: outputs[name] ?? {},
    }));
    return all(file).filter((name) => name !== failed && results[name]?.result !== 'skipped');
  };

  test.each<[string, Given, Record<string, string[]>]>([
    [
      'ci-cd.yml',
      application,
      {
        test: ['supersede', 'tell'],
        supersede: ['test', 'image', 'order', 'tell'],
        image: ['test', 'supersede', 'tell'],
        order: ['test', 'supersede', 'image', 'tell'],
        release: ['test', 'supersede', 'image', 'order', 'tell'],
        accept: ['test', 'supersede', 'image', 'order', 'release', 'tell'],
      },
    ],
    [
      'terraform.yml',
      { inputs: { environment: 'dev' } },
      {
        test: ['supersede', 'tell'],
        supersede: ['test', 'tell'],
        plan: ['test', 'supersede', 'tell'],
        apply: ['test', 'supersede', 'plan', 'tell'],
      },
    ],
    [
      'pull-request.yml',
      pullRequest('main'),
      {
        changes: ['check', 'test', 'report', 'comment', 'result'],
        check: ['changes', 'test', 'plan', 'costs', 'cost-approval', 'risk-approval', 'report', 'comment', 'result'],
        test: ['changes', 'check', 'plan', 'costs', 'cost-approval', 'risk-approval', 'report', 'comment', 'result'],
        plan: ['changes', 'check', 'test', 'costs', 'cost-approval', 'report', 'comment', 'result'],
        costs: ['changes', 'check', 'test', 'plan', 'risk-approval', 'report', 'comment', 'result'],
        'cost-approval': ['changes', 'check', 'test', 'plan', 'costs', 'risk-approval', 'report', 'comment', 'result'],
        'risk-approval': ['changes', 'check', 'test', 'plan', 'costs', 'cost-approval', 'report', 'comment', 'result'],
        report: ['changes', 'check', 'test', 'plan', 'costs', 'cost-approval', 'risk-approval', 'result'],
      },
    ],
  ])('of %s, only these jobs run', (file, contexts, expected) => {
    for (const result of ['failure', 'cancelled'] as const) {
      const found = Object.keys(expected).map((failed) => [failed, running(file, contexts, failed, result)]);
      expect(Object.fromEntries(found)).toEqual(expected);
    }
    // No other job has any that need it.
    const needed = new Set(all(file).flatMap((name) => ancestors(workflow(file).jobs, name)));
    expect([...needed].filter((name) => !(name in expected))).toEqual([]);
  });

  test.each(['failure', 'cancelled'] as const)('the check that GitHub requires fails after each %s', (result) => {
    const file = 'pull-request.yml';
    const checks = ancestors(workflow(file).jobs, requiredCheck);
    expect(checks.length).toBeGreaterThan(5);
    const verdict = (failed?: string) =>
      resultsOf(
        runJobs(file, pullRequest('main'), (name, { steps }, needs) => {
          if (name === failed) return { result };
          const isVerdict = name === requiredCheck && steps;
          return isVerdict
            ? runJob(file, name, { ...pullRequest('main'), needs })
            : { result: 'success', outputs: outputs[name] ?? {} };
        }),
      )[requiredCheck];
    // A check that is skipped counts as passed.
    for (const failed of checks) expect([failed, verdict(failed)]).toEqual([failed, 'failure']);
    expect(verdict()).toBe('success');
  });

  test('with a version, an application only goes back to it', () => {
    const { ran, results } = runWorkflow('ci-cd.yml', given({ inputs: inputs('prd', 'prd-9') }));
    expect(Object.keys(ran)).toEqual(['supersede', 'release']);
    expect(results).toMatchObject({ supersede: 'success', release: 'success', accept: 'skipped', tell: 'skipped' });
    expect(ran.release?.calls.slice(-2)).toEqual([
      'pnpm delivery rollback calculadora-api --to prd-9',
      'pnpm delivery smoke calculadora-api --version prd-9',
    ]);
  });
});

describe('a release that is cancelled', () => {
  test('during its smoke test is rolled back, and neither tagged nor reported as a success', () => {
    const { ran, results } = deliver('dev', { to: 'pnpm delivery smoke *', isCancelled: true });
    expect(ran.release?.calls.at(-1)).toBe('pnpm delivery rollback calculadora-api --to 3');
    expect(results).toMatchObject({ release: 'cancelled', accept: 'skipped', tell: 'success' });
    expect(toldOf(ran)).toBe('replaced');
  });

  test('while it works rolls back by itself, and nothing follows', () => {
    const { ran, results } = deliver('dev', { to: 'pnpm delivery release *', isCancelled: true });
    expect(ran.release?.calls.at(-1)).toMatch(/^pnpm delivery release /);
    expect(results).toMatchObject({ release: 'cancelled', accept: 'skipped' });
    expect(toldOf(ran)).toBe('replaced');
  });

  test('is not told as one that failed, or that serves', () => {
    expect(toldOf(deliver('dev', { to: 'pnpm delivery release *', fails: true }).ran)).toBe('stuck');
    expect(toldOf(deliver('dev').ran)).toBe('served');
  });

  test('or fails as the first one has nothing to go back to', () => {
    const first: Answer = { to: 'pnpm delivery release *', outputs: { previous: '' } };
    for (const end of ['fails', 'isCancelled']) {
      const { ran } = deliver('dev', { to: 'pnpm delivery smoke *', [end]: true }, first);
      expect(ran.release?.calls.at(-1)).toMatch(/^pnpm delivery smoke /);
    }
  });

  /** What the last job tells the pull request. */
  function toldOf({ tell }: Readonly<Record<string, JobRun>>) {
    const call = tell?.calls.find((call) => call.startsWith('pnpm delivery tell '));
    return outcomeOf(JSON.parse(/--needs (.*) --run/.exec(call ?? '')?.[1] ?? ''), []).outcome;
  }
});

describe('the image', () => {
  const of = (digest: string) => `registry.example/api@${digest}`;
  const scan = (calls: readonly string[] = []) => calls.find((call) => call.startsWith('anchore/scan-action'));

  test.each([
    ['that is new is built for both processors', '', 'sha256:built', 1],
    ['that is known is not built again', 'sha256:known', 'sha256:known', 0],
  ])('%s, and the one that was scanned is released and tagged', (_, known, digest, builds) => {
    const { ran } = deliver('dev', image(known, false));
    const built = ran.image?.calls.filter((call) => call.startsWith('docker buildx build')) ?? [];
    expect(built).toHaveLength(builds);
    for (const call of built)
      expect(call).toMatch(/ --platform linux\/amd64,linux\/arm64 .* --tag \S+\/api:content-1 /);
    expect(scan(ran.image?.calls)).toContain(` image=${of(digest)} `);
    expect(ran.release?.calls).toContain(`pnpm delivery release calculadora-api dev --image ${of(digest)}`);
    expect(ran.accept?.calls.at(-1)).toBe(`pnpm delivery accept ${of(digest)} dev --version dev-17`);
  });

  test.each(['pnpm delivery waivers', 'anchore/scan-action *'])(
    'for which %s fails is not released, unless it serves already: then there is a warning',
    (to) => {
      const fresh = deliver('dev', { to, fails: true });
      expect(fresh.results).toMatchObject({ image: 'failure', release: 'skipped', accept: 'skipped' });
      const serving = deliver('prd', { to, fails: true }, image('sha256:known', true));
      expect(serving.results).toMatchObject({ image: 'success', release: 'success', accept: 'success' });
      expect(serving.ran.image?.log).toContain('::warning::');
      expect(deliver('prd', image('sha256:known', true)).ran.image?.log).not.toContain('::warning::');
    },
  );

  test('that prd refuses is not built, and not released', () => {
    const { ran, results } = deliver('prd', { to: 'pnpm delivery image *', fails: true });
    expect(results).toMatchObject({ image: 'failure', order: 'skipped', release: 'skipped', accept: 'skipped' });
    expect(ran.image?.calls.at(-1)).toBe('pnpm delivery image calculadora-api prd');
  });

  test.each([
    ['docker-hub', 'docker login --username team --password-stdin < docker-hub-token'],
    ['', 'docker login --username team --password-stdin < docker-hub-token'],
    ['ecr', 'docker login --username AWS --password-stdin 222.dkr.ecr.sa-east-1.amazonaws.com < ecr-password'],
  ])('is pushed and tagged with the login of the registry %j', (registry, login) => {
    const { ran } = runWorkflow(
      'ci-cd.yml',
      given({ inputs: inputs('dev'), vars: { ...vars, IMAGE_REGISTRY: registry } }),
    );
    for (const name of ['image', 'accept']) {
      expect(ran[name]?.calls.filter((call) => call.startsWith('docker login'))).toEqual([login]);
    }
  });
});

describe('an environment', () => {
  test('is connected to in its own account, and an empty account gets a clear word', () => {
    const role = 'aws-actions/configure-aws-credentials *-deploy *';
    for (const [environment, account] of [
      ['dev', '111'],
      ['prd', '222'],
    ] as const) {
      const { ran } = deliver(environment);
      const assumed = `role-to-assume=arn:aws:iam::${account}:role/desafio-aws-${environment}-deploy aws-region=sa-east-1`;
      expect(ran.release?.calls).toContain(`aws-actions/configure-aws-credentials ${assumed}`);
      expect(ran.release?.log).not.toContain('::error::');
    }
    expect(deliver('dev', { to: role, fails: true }).ran.release?.log).toContain('A infraestrutura ainda não existe');
    const later = deliver('dev', { to: 'pnpm delivery preflight *', fails: true });
    expect(later.ran.release?.log).not.toContain('A infraestrutura ainda não existe');
  });

  test('that its plan does not change is not applied', () => {
    const plan = (changes: string): Answer => ({
      to: 'pnpm delivery plan *',
      outputs: { changes, risks: '0', fingerprint: 'f00d' },
    });
    const apply = (changes: string) =>
      runWorkflow('terraform.yml', given({ inputs: { environment: 'prd' } }, plan(changes))).results.apply;
    expect([apply('true'), apply('false')]).toEqual(['success', 'skipped']);
  });

  test.each([
    ['terraform.yml', 'plan', { inputs: { environment: 'dev' } }],
    ['pull-request.yml', 'costs', pullRequest('develop')],
  ] satisfies [string, string, Given][])(
    'whose cost before is not known leaves no empty estimate in %s',
    (file, name, contexts) => {
      const needs = { changes: { result: 'success', outputs: { infra: 'true' } } };
      const good = runJob(file, name, given({ ...contexts, needs }));
      expect(Object.keys(good.files)).toEqual(expect.arrayContaining(['before.json', 'after.json']));
      const failing = good.calls.indexOf('pnpm --silent infra costs --json');
      const { files } = runJob(file, name, given({ ...contexts, needs, failing }));
      expect(Object.keys(files)).toContain('after.json');
      expect(Object.keys(files)).not.toContain('before.json');
    },
  );

  test.each([['true'], ['false']])('that the weekly plan compares is reported: differs %s', (changes) => {
    const plan: Answer = { to: 'pnpm delivery plan prd --out plan.json', outputs: { changes } };
    const { ran } = runWorkflow(
      'drift.yml',
      given({ inputs: {}, matrix: { environment: 'prd', branch: 'main' } }, plan),
    );
    expect(ran.plan?.calls[0]).toBe('actions/checkout persist-credentials=false ref=main');
    expect(ran.plan?.calls.at(-1)).toMatch(
      `pnpm delivery drift prd --drifted ${changes} --plan plan.json --run https://`,
    );
  });
});

describe('a pull request', () => {
  const check = (contexts: Given, ...answers: Answer[]) => runWorkflow('pull-request.yml', given(contexts, ...answers));
  const risky: Answer = { to: 'pnpm delivery plan *', outputs: { risks: '2' } };

  test('with a risky plan passes only with its label, given to this commit', () => {
    const verdict = (action: string, labels: string[]) => {
      const { results } = check(pullRequest('main', { action, labels }), risky);
      return [results['risk-approval'], results[requiredCheck]];
    };
    expect(verdict('opened', [])).toEqual(['failure', 'failure']);
    expect(verdict('synchronize', [acceptedRisk])).toEqual(['failure', 'failure']);
    expect(verdict('labeled', [acceptedRisk])).toEqual(['success', 'success']);
    expect(check(pullRequest('main')).results['risk-approval']).toBe('skipped');
  });

  test('whose cost rises above the limit asks for a second approval', () => {
    const asked = (above: string) =>
      check(pullRequest('main'), { to: 'pnpm delivery compare-costs *', outputs: { above } }).results['cost-approval'];
    expect([asked('true'), asked('false')]).toEqual(['success', 'skipped']);
  });

  test('of a fork gets neither a plan nor a comment, and one without infrastructure no plan and no cost', () => {
    expect(check(pullRequest('main', { from: 'fork/name' })).results).toMatchObject({
      plan: 'skipped',
      costs: 'success',
      comment: 'skipped',
      result: 'success',
    });
    const application: Answer = {
      to: 'pnpm delivery changes *',
      outputs: { infra: 'false', parts: 'calculadora-api' },
    };
    expect(check(pullRequest('main'), application).results).toMatchObject({
      plan: 'skipped',
      costs: 'skipped',
      report: 'success',
      comment: 'success',
      result: 'success',
    });
  });

  test('is told the results of all its checks, in one comment, and loses the label that a push outdates', () => {
    const { ran } = check(pullRequest('develop', { action: 'synchronize', labels: [acceptedRisk] }), {
      to: 'pnpm test',
      fails: true,
    });
    const report = ran.report?.calls.find((call) => call.startsWith('pnpm delivery comment dev'));
    const needs = JSON.parse(/--needs (.*) --run/.exec(report ?? '')?.[1] ?? '{}');
    expect(needs).toMatchObject({ test: { result: 'failure' }, plan: { result: 'success', outputs: { risks: '0' } } });
    // The second approval is GitHub's own, and may come days later.
    const checks = ancestors(workflow('pull-request.yml').jobs, requiredCheck);
    expect(Object.keys(needs).toSorted()).toEqual(checks.filter((name) => name !== 'cost-approval').toSorted());
    expect(ran.comment?.calls.slice(-2)).toEqual([
      'gh pr comment 7 --edit-last --create-if-none --body-file comment.md',
      `gh pr edit 7 --remove-label ${acceptedRisk}`,
    ]);
  });

  test('is checked for each branch that is delivered', () => {
    expect(workflow('pull-request.yml').on.pull_request?.branches).toEqual(Object.values(branches));
  });
});

/** What the steps of a job may do with the token of its run, by what they call. */
const rights: readonly (readonly [RegExp, string, 'read' | 'write'])[] = [
  [/^actions\/checkout /, 'contents', 'read'],
  [/^pnpm delivery (await|comment|drilled|tell) /, 'actions', 'read'],
  [/^pnpm delivery supersede/, 'actions', 'write'],
  [/^pnpm delivery tell |^gh pr /, 'pull-requests', 'write'],
  [/^pnpm delivery dri(ft|lled) /, 'issues', 'write'],
];

test('each job has exactly the rights that its steps use', () => {
  let count = 0;
  for (const { file, contexts } of runs) {
    runJobs(file, contexts, (name, job, needs) => {
      const { calls, ...ended } = runJob(file, name, { ...contexts, needs });
      const used = rights.filter(([pattern]) => calls.some((call) => pattern.test(call)));
      // Whether a job may have an OIDC token depends on its roles, which have a test of their own.
      const { 'id-token': _, ...permissions } = job.permissions ?? {};
      const wanted = Object.fromEntries(used.map(([, right, level]) => [right, level]));
      expect([file, name, permissions]).toEqual([file, name, wanted]);
      count += Object.keys(wanted).length;
      return ended;
    });
  }
  expect(count).toBeGreaterThan(30);
});
