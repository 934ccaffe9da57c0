/**
 * What `pnpm check` and the other scripts of the workflows really do. Neither a package without a script nor a file that no
 * tsconfig.json names is an error: each would be left out, and nobody told.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import { root, workspaces } from '../../test/support/workspaces.ts';

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
  const exclude = ['**/node_modules', '**/dist', 'cdktf.out'];
  const programs = globSync(['.ci/*.{ts,tsx}', '**/*.{ts,tsx}'], { cwd: root, exclude });
  expect(programs.length).toBeGreaterThan(300);
  expect(programs.filter((file) => !checked.has(file))).toEqual([]);
});
