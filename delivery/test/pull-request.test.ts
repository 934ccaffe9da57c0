import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { partsOf } from '../parts.ts';
import { longestInComment, summarise } from '../plan-summary.ts';
import { changesAnything, fingerprint, type Plan } from '../planned-changes.ts';
import { delivery } from './support/delivery.ts';

const everything = [...applications.map(({ name }) => name), 'infra'];
const folder = mkdtempSync(join(tmpdir(), 'pull-request-'));
const file = (name: string, content: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

describe('the changed parts', () => {
  test.each<[string, string[]]>([
    ['apps/calculadora-api/src/main.ts', ['calculadora-api']],
    ['apps/magic-calculator/k8s/base/deployment.yaml', ['magic-calculator']],
    ['packages/contract/src/limits.ts', everything],
    ['pnpm-lock.yaml', everything],
    ['infra/environments/dev.ts', ['infra']],
    ['docs/costs.md', []],
    ['apps/calculadora-api-old/README.md', []],
  ])('of a change to %s are %j', (path, expected) => {
    const changed = Object.entries(partsOf([path])).filter(([, isChanged]) => isChanged);
    expect(changed.map(([name]) => name)).toEqual(expected);
  });

  test('are all of them if git does not know the base commit', async () => {
    const { code, output, outputs } = await delivery(['changes', '--base', '0'.repeat(40)]);
    expect(code).toBe(0);
    expect(output).toContain('everything is treated as changed');
    expect(outputs).toEqual(Object.fromEntries(everything.map((part) => [part, 'true'])));
  });

  test('are those of the branch, without later changes of its base', async () => {
    const clone = mkdtempSync(join(tmpdir(), 'clone-'));
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: clone, encoding: 'utf8', stdio: 'pipe' }).trim();
    const commit = (path: string) => {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      writeFileSync(join(clone, path), path);
      git('add', '.');
      git('-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit', '--quiet', '--message', path);
    };
    git('init', '--quiet', '--initial-branch=develop');
    commit('README.md');
    git('switch', '--quiet', '--create', 'feature');
    commit('apps/magic-calculator/src/App.tsx');
    const head = git('rev-parse', 'HEAD');
    git('switch', '--quiet', 'develop');
    commit('infra/main.ts');
    const { outputs } = await delivery(['changes', '--base', git('rev-parse', 'HEAD'), '--head', head], {
      GIT_DIR: join(clone, '.git'),
    });
    expect(outputs).toEqual({
      ...Object.fromEntries(everything.map((part) => [part, 'false'])),
      'magic-calculator': 'true',
    });
  });
});

describe('the cost of a change', () => {
  const month = (total: number, approvalAbove = 20) => ({
    dev: { total, parts: { computing: total - 100, database: 100 }, approvalAbove },
    prd: { total: 400, parts: {}, approvalAbove: 50 },
  });
  const costs = (before: string, after: object) =>
    delivery(['compare-costs', 'dev', '--before', before, '--after', file('after.json', after)]);

  test.each([
    [300, 320, '20', 'false'],
    [300, 320.01, '20.01', 'true'],
    [300, 250, '-50', 'false'],
  ])('from %d to %d USD is a rise of %s, and needs a second approval: %s', async (before, after, rise, above) => {
    const { output, outputs, summary } = await costs(file('before.json', month(before)), month(after));
    expect(outputs).toEqual({ rise, above });
    // The log of the step says the same, and where the rest is.
    expect(output).toContain(`rise=${rise}\nabove=${above}\n`);
    expect(output).toContain('The summary is on the page of the workflow run.');
    expect(summary).toContain(`| **Total** | US$ ${before.toFixed(2)} | US$ ${after.toFixed(2)} |`);
    expect(summary.includes('second approval')).toBe(above === 'true');
  });

  test('is compared with the limit before the change: a pull request cannot raise its own', async () => {
    const { outputs } = await costs(file('before.json', month(300)), month(400, 1_000));
    expect(outputs.above).toBe('true');
  });

  test('needs a second approval if the cost before is unknown', async () => {
    const { outputs, summary } = await costs(join(folder, 'missing.json'), month(300));
    expect(outputs).toEqual({ rise: '', above: 'true' });
    expect(summary).toContain('is unknown');
  });

  test('is refused without an estimate of the cost after, with a message that says so', async () => {
    const files = ['--before', file('before.json', month(300)), '--after', file('after.json', '{}')];
    expect(await delivery(['compare-costs', 'dev', ...files])).toMatchObject({
      code: 2,
      output: expect.stringContaining('infra costs --json'),
    });
  });
});

describe('a plan', () => {
  const change = (actions: string[], more: object = {}) => ({
    address: 'aws_db_instance.database_instance_1A2B3C4D',
    type: 'aws_db_instance',
    change: { actions, before: null, after: null, ...more },
  });

  test('that only updates a resource with data loses nothing', () => {
    expect(summarise({ resource_changes: [change(['update'])] }, 'prd')).not.toContain('Data will be lost');
  });

  test.each([[['delete', 'create']], [['create', 'delete']]])(
    'that replaces by %j counts as one replacement',
    (actions) => {
      const summary = summarise({ resource_changes: [change(actions)] }, 'prd');
      expect(summary).toContain('| 0 | 0 | 1 | 0 |');
      expect(summary).toContain('**substitui / replaces `aws_db_instance.database_instance`:');
    },
  );

  test('that only reads changes nothing', () => {
    expect(summarise({ resource_changes: [change(['read']), change(['no-op'])] }, 'dev')).toContain('Nothing changes');
  });

  test('that changes only outputs has to be applied', () => {
    const plan: Plan = { output_changes: { site_address: { actions: ['update'] } } };
    expect(changesAnything(plan)).toBe(true);
    expect(summarise(plan, 'dev')).toContain('Only outputs change');
    expect(changesAnything({ output_changes: { site_address: { actions: ['no-op'] } } })).toBe(false);
  });

  test('that is too long for a comment keeps its counts and its losses', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => ({
      ...change(['create']),
      address: `aws_iam_role.role-${index}`,
    }));
    const long: Plan = { resource_changes: [...many, change(['delete'])] };
    expect(summarise(long, 'dev')).toContain('aws_iam_role.role-1999');
    const summary = summarise(long, 'dev', { longest: longestInComment });
    expect(summary.length).toBeLessThan(40_000);
    expect(summary).toContain('| 2000 | 0 | 0 | 1 |');
    expect(summary).toContain('destroys `aws_db_instance.database_instance`');
    expect(summary).toContain('on the page of the workflow run');
  });

  test('has a fingerprint that depends on every value except secret ones', () => {
    const plan = (password: string, size: number): Plan => ({
      resource_changes: [
        change(['update'], {
          before: { password: 'old', size: 1 },
          after: { password, size },
          before_sensitive: { password: true },
          after_sensitive: { password: true },
        }),
      ],
    });
    expect(fingerprint(plan('one', 2))).toBe(fingerprint(plan('another', 2)));
    expect(fingerprint(plan('one', 2))).not.toBe(fingerprint(plan('one', 3)));
  });
});

describe('the comment', () => {
  const plan = summarise({ resource_changes: [] }, 'dev');
  let planFile: string;

  beforeAll(() => {
    planFile = file('plan.md', plan);
  });

  const comment = (results: Record<string, string>, ...more: string[]) => {
    const needs = Object.fromEntries(
      Object.entries(results).map(([job, result]) => [
        job,
        { result, outputs: job === 'changes' && result === 'success' ? { infra: 'false' } : {} },
      ]),
    );
    return delivery([
      'comment',
      'dev',
      '--needs',
      JSON.stringify(needs),
      '--run',
      'https://github.example/run/1',
      ...more,
    ]);
  };

  test('says first whether the checks passed, and then what a merge changes', async () => {
    const { code, summary } = await comment({ check: 'success', test: 'success', plan: 'success' }, '--plan', planFile);
    expect(code).toBe(0);
    expect(summary).toMatch(/^## Tudo certo \/ All checks passed\n/);
    expect(summary).toContain('ao ambiente **dev** com o merge');
    expect(summary).toContain('Nothing changes');
  });

  test('on a failure links to the run and names the job that failed', async () => {
    const { summary } = await comment({ changes: 'success', test: 'failure', plan: 'skipped' });
    expect(summary).toMatch(/^## Algo falhou \/ Something failed\n/);
    expect(summary).toContain('(https://github.example/run/1)');
    expect(summary).toContain('| ❌ | Testes / Tests | falhou / failed |');
    expect(summary).toContain('The infrastructure does not change.');
  });

  test('claims nothing about the infrastructure if there is no plan and the changes are unknown', async () => {
    const { summary } = await comment({ changes: 'failure', plan: 'skipped' });
    expect(summary).toContain('There is no plan');
    expect(summary).not.toContain('does not change');
  });

  test('is refused if --needs is not GitHub’s JSON', async () => {
    expect(
      await delivery(['comment', 'dev', '--needs', 'success', '--run', 'https://github.example/run/1']),
    ).toMatchObject({ code: 2, output: expect.stringContaining('toJSON(needs)') });
  });
});
