import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { project } from 'platform';
import { buildImage, usableDocker } from '../../test/support/docker.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type Outcome, outcomeOf } from '../../test/support/outcome.ts';
import { freePort } from '../../test/support/ports.ts';
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
  ['the path of the status page', ['application', 'status', '--team', 'sales'], 'is taken'],
  ['a team that AWS would refuse as a topic', ['application', 'shop', '--team', 'The Team'], 'lower-case letters'],
  ['a team name longer than the settings allow', ['application', 'shop', '--team', 'a'.repeat(32)], 'at most 31'],
  ['a database that is taken', ['application', 'calculadora', '--team', 'sales', '--database'], 'use another name'],
  ['a database of MySQL itself', ['application', 'sys', '--team', 'sales', '--database'], 'belongs to MySQL'],
  ['no team', ['application', 'shop'], 'Usage: pnpm new application NAME --team TEAM [--database]'],
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
  ['new-application', 'pnpm new application NAME --team TEAM [--database]'],
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

    test('one command makes an application that all checks and tests accept, with or without a database', async () => {
      await pnpm('new', 'application', 'shop', '--team', 'sales');
      await pnpm('new', 'application', 'stock-list', '--team', 'sales', '--database');
      await pnpm('check');
      for (const application of ['shop', 'stock-list']) await pnpm('--filter', application, 'build');
      const suites = [
        ...['apps/shop', 'apps/stock-list', 'packages/platform', 'infra/test/bootstrap', 'infra/test/alarms'],
        ...['delivery/test/workflows', 'delivery/test/pull-request', 'delivery/test/smoke'],
        ...['delivery/test/manifests', 'delivery/test/each-application'],
      ];
      // The jobs of a pull request would run all of this again.
      const tests = await pnpm('test', ...suites, '--testNamePattern', '^(?!act)', '--verbose');
      expect(tests).toMatch(/PASS shop\b/);
      expect(tests).toMatch(/PASS stock-list\b/);
      expect(tests).toMatch(/of shop in prd[\s\S]*✓ serve on the application’s port/u);
      expect(tests).toContain('✓ stock-list is released with its migration');
      expect(tests).toMatch(/of stock-list in prd[\s\S]*✓ take the database from the infrastructure’s ConfigMap/u);
    });

    test('the built application with a database stores, and its migration asks for its settings', async () => {
      const folder = join(copy, 'apps/stock-list');
      const file = join(folder, '.data/test.sqlite');
      const port = String(await freePort());
      const env = { PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: port, DB_FILE: file };
      const service = spawn(process.execPath, ['dist/main.js'], { cwd: folder, env, stdio: 'ignore' });
      try {
        const address = `http://127.0.0.1:${port}/stock-list`;
        await eventually(async () => (await fetch(`${address}/health/ready`)).ok);
        expect(await (await fetch(`${address}/visits`, { method: 'POST' })).text()).toBe('The visit was stored');
        expect(await (await fetch(`${address}/visits`)).json()).toEqual({ visits: 1 });
      } finally {
        const exited = once(service, 'exit');
        service.kill();
        expect(await exited).toEqual([0, null]);
      }
      const { code, output } = await run(folder, process.execPath, 'dist/migrate.js');
      expect([code, output]).toEqual([1, expect.stringContaining('DB_MIGRATION_SECRET is missing')]);
    });

    const image = usableDocker() ? test : test.skip;
    image('the application with a database has an image', () => buildImage('stock-list', 'stock-list-test', copy));

    test('the other command leaves nothing of them', async () => {
      for (const application of ['shop', 'stock-list']) await pnpm('run', 'remove', 'application', application);
      expect(await succeed('git', 'status', '--short')).toBe('');
    });

    test('another command gives the project your own name, and the tests pass', async () => {
      await pnpm('rename', 'acme');
      const person = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
      await succeed('git', ...person, 'commit', '--quiet', '--all', '--message=rename');
      expect((await run(copy, 'git', 'grep', '--ignore-case', project)).output).toBe('');
      await pnpm('check');
      const named = 'alarms|bootstrap|rights|runbooks|settings';
      const tests = await pnpm('test', `infra/test/(${named})`, 'packages/(contract|platform)');
      expect(tests).toContain('PASS infra');
    });
  },
);
