/**
 * What `pnpm check` and the other scripts of the workflows really do. Neither a package without a script nor a file that no
 * tsconfig.json names is an error: each would be left out, and nobody told.
 */
import { execFile, execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, normalize, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { root, workspaces } from '../../test/support/workspaces.ts';

const exclude = ['**/node_modules', '**/dist', 'cdktf.out'];
const scriptsOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts;

test('the workflows run all tests, all checks and both programs by these scripts', () => {
  expect(scriptsOf('.')).toMatchObject({
    build: 'pnpm --recursive run build',
    check: 'biome check . && pnpm run check:types',
    'check:types': 'tsc --noEmit && pnpm --recursive run check:types',
    delivery: 'node delivery/cli.ts',
    infra: 'node infra/cli.ts',
    test: 'node scripts/test.ts',
    'test:deep': 'node scripts/test.ts --deep',
  });
  expect(workspaces.length).toBeGreaterThan(10);
  const others = workspaces.filter((folder) => scriptsOf(folder)['check:types'] !== 'tsc --noEmit');
  expect(others).toEqual([]);
});

test('every program has its types checked, as strictly as all others', () => {
  const compiler = join(root, 'node_modules/.bin/tsc');
  const configured = ['.', ...workspaces].map((folder) => ({
    folder,
    ...JSON.parse(execFileSync(compiler, ['--showConfig', '-p', join(root, folder)], { encoding: 'utf8' })),
  }));
  const strictness = {
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noImplicitOverride: true },
    ...{ noFallthroughCasesInSwitch: true, noUnusedLocals: true, noUnusedParameters: true },
    ...{ verbatimModuleSyntax: true, erasableSyntaxOnly: true },
  };
  for (const { compilerOptions, folder } of configured) {
    expect({ folder, ...compilerOptions }).toMatchObject({ folder, ...strictness });
    const weaker = Object.entries(compilerOptions).filter(
      ([name, value]) => name.startsWith('strict') && value !== true,
    );
    expect([folder, weaker]).toEqual([folder, []]);
  }
  const checked = new Set(
    configured.flatMap(({ files, folder }) => files.map((file: string) => normalize(join(folder, file)))),
  );
  const programs = globSync(['.ci/*.{ts,tsx}', '**/*.{ts,tsx}'], { cwd: root, exclude });
  expect(programs.length).toBeGreaterThan(300);
  expect(programs.filter((file) => !checked.has(file))).toEqual([]);
});

/** What `pnpm test` runs with these arguments. */
async function testsOf(...args: string[]): Promise<string[]> {
  const program = join(root, 'scripts/test.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, '--listTests']);
  const lines = stdout.split('\n').filter((line) => /\.test\.tsx?$/.test(line));
  return lines.map((line) => relative(root, line)).toSorted();
}

test('the fast and the deep tests are all tests, each once, and a path finds both', async () => {
  const deepOne = 'infra/test/checkov.test.ts';
  const fastOne = 'infra/test/waivers.test.ts';
  const [fast, deep, named] = await Promise.all([testsOf(), testsOf('--deep'), testsOf(deepOne, fastOne)]);
  expect([fast.includes(fastOne), deep.includes(deepOne), named]).toEqual([true, true, [deepOne, fastOne]]);
  expect([...fast, ...deep].toSorted()).toEqual(globSync('**/*.test.{ts,tsx}', { cwd: root, exclude }).toSorted());
});

test('a run that finds no test has failed', async () => {
  const program = join(root, 'scripts/test.ts');
  await expect(promisify(execFile)(process.execPath, [program, 'no-such-test'])).rejects.toMatchObject({ code: 1 });
});

// One more exception is one look at this list: a rule that is off says nothing in any pull request.
test('the linters pass over these files and rules, and no others', () => {
  const { files, linter, overrides, plugins } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  expect(files.includes).toEqual([
    ...['**', '!**/*.md', '!**/openapi.json', '!infra/charts'],
    ...['!rehearsal/constraints/aws.json', '!rehearsal/rights/actions.json'],
  ]);
  expect([linter.enabled, linter.rules.preset, overrides]).toEqual([undefined, 'recommended', undefined]);
  expect(plugins).toEqual(['./scripts/awaited-sleep.grit']);
  const { preset, ...groups } = linter.rules;
  const levels = Object.values(groups).flatMap((rules) => Object.values(rules as object));
  expect(levels.length).toBeGreaterThan(3);
  expect(new Set(levels)).toEqual(new Set(['error']));
  expect(parse(readFileSync(join(root, '.github/zizmor.yml'), 'utf8'))).toEqual({
    rules: { 'self-repository': { disable: true } },
  });
});
