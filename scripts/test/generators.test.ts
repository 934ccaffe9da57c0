import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { project } from 'platform';
import { type Outcome, outcomeOf } from '../../test/support/outcome.ts';
import { describeWith } from '../../test/support/tools.ts';

const root = resolve(import.meta.dirname, '../..');

/** Runs a program to its end. */
function run(cwd: string, program: string, ...args: string[]): Promise<Outcome> {
  const env = { ...process.env, REQUIRE_TOOLS: undefined, NODE_OPTIONS: undefined, npm_config_yes: 'true' };
  return outcomeOf(promisify(execFile)(program, args, { cwd, env, maxBuffer: 2 ** 26 }));
}

test.each([
  ['a name with capitals', ['application', 'Shop', '--team', 'sales'], 'lower-case letters'],
  ['a name that AWS would refuse as a target group', ['application', 'a'.repeat(26), '--team', 'sales'], 'at most 25'],
  ['a name that is taken', ['application', 'calculadora-api', '--team', 'sales'], 'is taken'],
  ['a path that is taken', ['application', 'backend', '--team', 'sales'], 'is taken'],
  ['a team that AWS would refuse as a topic', ['application', 'shop', '--team', 'The Team'], 'lower-case letters'],
  ['a team name longer than the settings allow', ['application', 'shop', '--team', 'a'.repeat(32)], 'at most 31'],
  ['no team', ['application', 'shop'], 'Usage: pnpm new application NAME --team TEAM'],
  ['an unknown option', ['application', 'shop', '--tema', 'sales'], 'This command has no option --tema.'],
  ['a superfluous word', ['application', 'shop', 'stock', '--team', 'sales'], 'Superfluous: stock.'],
  ['anything but an application', ['database', 'shop', '--team', 'sales'], 'Usage:'],
])('pnpm new refuses %s, and says what to do', async (_, args, told) => {
  const { code, output } = await run(root, process.execPath, 'scripts/new-application.ts', ...args);
  expect([code, output]).toEqual([2, expect.stringContaining(told)]);
});

test.each([
  ['no name', [], 'Usage: pnpm rename PROJECT'],
  ['a name that AWS would refuse', ['Acme_1'], 'lower-case letters'],
  ['a name that is too long for the names made of it', ['a'.repeat(21)], '3 to 20'],
  ['the name that it has', [project], 'already called'],
])('pnpm rename refuses %s', async (_, args, told) => {
  const { code, output } = await run(root, process.execPath, 'scripts/rename.ts', ...args);
  expect([code, output]).toEqual([2, expect.stringContaining(told)]);
});

test.each([
  ['new-application', 'pnpm new application NAME --team TEAM'],
  ['remove-application', 'pnpm run remove application NAME'],
  ['rename', 'pnpm rename PROJECT'],
])('scripts/%s.ts --help shows the usage, and changes nothing', async (script, usage) => {
  const { code, output } = await run(root, process.execPath, `scripts/${script}.ts`, '--help');
  expect([code, output]).toEqual([0, expect.stringContaining(`Usage: ${usage}\n`)]);
});

test('pnpm run remove refuses an application that is not there', async () => {
  const { code, output } = await run(root, process.execPath, 'scripts/remove-application.ts', 'application', 'shop');
  expect([code, output]).toEqual([2, expect.stringContaining('There is no application shop')]);
});

// A run on a developer's machine does not ask the registry.
describeWith(
  'the package registry, by REQUIRE_TOOLS=1',
  process.env.REQUIRE_TOOLS && 'npm',
  'in a copy of the repository',
  () => {
    let copy: string;
    /** Runs a program there. @returns what it wrote @throws Error with that, if it fails */
    const succeed = async (program: string, ...args: string[]): Promise<string> => {
      const { code, output } = await run(copy, program, ...args);
      if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`);
      return output;
    };
    const pnpm = (...args: string[]) => succeed('npx', 'pnpm@12', ...args);

    beforeAll(async () => {
      copy = await mkdtemp(join(tmpdir(), 'new-application-'));
      await succeed('git', 'clone', '--quiet', '--local', root, '.');
      await pnpm('install', '--frozen-lockfile', '--prefer-offline');
    });
    afterAll(() => rm(copy, { recursive: true, force: true }));

    test('one command makes an application that all checks and tests accept', async () => {
      await pnpm('new', 'application', 'shop', '--team', 'sales');
      await pnpm('check');
      await pnpm('--filter', 'shop', 'build');
      const suites = [
        ...['apps/shop', 'packages/platform', 'infra/test/environment', 'infra/test/bootstrap', 'infra/test/alarms'],
        ...['infra/test/config-maps', 'delivery/test/workflows', 'delivery/test/pull-request', 'delivery/test/smoke'],
        'delivery/test/manifests',
      ];
      // The jobs of a pull request would run all of this again.
      const tests = await pnpm('test', ...suites, '--testNamePattern', '^(?!act)', '--verbose');
      expect(tests).toContain('PASS shop');
      expect(tests).toMatch(/of shop in prd[\s\S]*✓ serve on the application’s port/u);
    });

    test('the other command leaves nothing of it', async () => {
      await pnpm('run', 'remove', 'application', 'shop');
      expect(await succeed('git', 'status', '--short')).toBe('');
    });

    test('another command gives the project your own name, and the tests pass', async () => {
      await pnpm('rename', 'acme');
      const person = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
      await succeed('git', ...person, 'commit', '--quiet', '--all', '--message=rename');
      expect((await run(copy, 'git', 'grep', '--ignore-case', project)).output).toBe('');
      await pnpm('check');
      const tests = await pnpm('test', 'infra/test', 'packages', `--filter=${join(copy, 'scripts/deep-tests.cjs')}`);
      expect(tests).toContain('PASS infra');
    });
  },
);
