/**
 * The programs that change the repository or run its tests, each as a whole: the files that `pnpm new application` writes,
 * what `pnpm run remove application` leaves, and what `pnpm rename` changes. After a change that is meant, `pnpm test
 * scripts/test/whole -u` writes the snapshots again: read their diff like the code's. `generators.test.ts` shows that what
 * they make works.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { project } from 'platform';
import { type Outcome, outcomeOf } from '../../test/support/outcome.ts';

const root = resolve(import.meta.dirname, '../..');
expect.addSnapshotSerializer({ test: () => true, serialize: (value) => String(value) });

/** What the programs read. Without the applications that somebody has added. */
const copied = [
  ...['package.json', 'docker-compose.yml', 'scripts', 'apps/calculadora-api', 'apps/magic-calculator/application.ts'],
  ...['packages/command-line', 'packages/contract', 'packages/platform', '.github/workflows'],
];
let copy: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), 'generators-')));
  const isCopied = (path: string) => !/\/(node_modules|dist|apps\/[\w-]+\/(src|test)|scripts\/test)$/.test(path);
  for (const path of copied) cpSync(join(root, path), join(copy, path), { recursive: true, filter: isCopied });
  for (const file of readdirSync(join(copy, '.github/workflows'))) {
    const isOthers = /^(api|front)-/.test(file) && !/-(calculadora-api|magic-calculator)\.yml$/.test(file);
    if (isOthers) rmSync(join(copy, '.github/workflows', file));
  }
  const modules = {
    yaml: join(root, 'node_modules/yaml'),
    typebox: join(root, 'packages/contract/node_modules/typebox'),
    ...Object.fromEntries(['contract', 'platform'].map((name) => [name, join(copy, 'packages', name)])),
  };
  mkdirSync(join(copy, 'node_modules/.bin'), { recursive: true });
  for (const [name, target] of Object.entries(modules)) symlinkSync(target, join(copy, 'node_modules', name));
  // They tell how they are called.
  const tells = '#!/bin/sh\necho "($(basename "$0") $* in $(pwd))"\n[ -z "$FAILS" ]\n';
  mkdirSync(join(copy, 'bin'));
  for (const file of ['bin/npx', 'node_modules/.bin/biome']) writeFileSync(join(copy, file), tells, { mode: 0o755 });
  // It tells how it is started, and ends as it is told.
  const fakeJest = `
    const { statSync } = require('node:fs');
    const { tmpdir } = require('node:os');
    const { FAILS = '0', NODE_COMPILE_CACHE, TESTS, TZ } = process.env;
    const folder = tmpdir() === '${tmpdir()}' ? 'the usual folder' : 'a folder of its own';
    const isFor = folder.startsWith('a') ? ', with the rights ' + (statSync(tmpdir()).mode & 0o7777).toString(8) : '';
    const args = [...process.execArgv, ...process.argv.slice(2)];
    console.log(['jest', ...args, 'in', process.cwd()].join(' '));
    console.log([TESTS, TZ, NODE_COMPILE_CACHE, folder + isFor].join('\\n'));
    console.log('FOLDER ' + tmpdir());
    if (args.includes('--killed')) process.kill(process.pid, 'SIGKILL');
    if (args.includes('--interrupted')) process.kill(process.ppid, 'SIGINT');
    process.exitCode = Number(FAILS);`;
  mkdirSync(join(copy, 'node_modules/jest/bin'), { recursive: true });
  writeFileSync(join(copy, 'node_modules/jest/package.json'), '{}');
  writeFileSync(join(copy, 'node_modules/jest/bin/jest.js'), fakeJest);
  env = {
    PATH: [join(copy, 'bin'), process.env.PATH].join(delimiter),
    HOME: copy,
    TMPDIR: tmpdir(),
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  };
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

async function run(script: string, args: string, more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const options = { cwd: tmpdir(), env: { ...env, ...more } };
  const program = join(copy, `scripts/${script}.ts`);
  const { code, output } = await outcomeOf(
    promisify(execFile)(process.execPath, [program, ...args.split(' ').filter(Boolean)], options),
  );
  return { code, output: output.replaceAll(copy, 'COPY') };
}

/** How several commands end. In one process, because the start is what takes time. */
async function toldBy(commands: readonly (readonly string[])[]): Promise<Outcome[]> {
  const program = `
    let output = '';
    console.log = console.error = (text) => { output += text; };
    const told = [];
    for (const [index, [script, ...args]] of ${JSON.stringify(commands)}.entries()) {
      output = '';
      process.argv = ['node', script, ...args];
      await import('${copy}/scripts/' + script + '.ts?' + index);
      told.push({ code: process.exitCode, output });
    }
    process.stdout.write(JSON.stringify(told));
    process.exitCode = 0;`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
  return JSON.parse(stdout);
}

/** All files of the copy, but for those that are linked. */
function files(): ReadonlyMap<string, string> {
  const entries = readdirSync(copy, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile() && !/\/(\.git|node_modules)(\/|$)/.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(copy.length + 1), readFileSync(path, 'utf8')] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** The files that are new, whole, the lines of others from the first that differs to the last, and the files that are gone. */
function changes(before: ReturnType<typeof files>): string {
  const after = files();
  const lines = [...after].flatMap(([file, content]) => {
    const old = before.get(file);
    if (old === content) return [];
    if (old === undefined) return [`--- ${file}`, content];
    const [olds, news] = [old.split('\n'), content.split('\n')];
    const start = news.findIndex((line, index) => line !== olds[index]);
    const shorter = Math.min(olds.length, news.length) - start;
    let same = 0;
    while (same < shorter && news.at(-1 - same) === olds.at(-1 - same)) same++;
    const shown = news.slice(start, news.length - same);
    return [`--- ${file}, line ${start + 1}, in place of ${olds.length - news.length + shown.length} lines`, ...shown];
  });
  const gone = [...before.keys()].filter((file) => !after.has(file)).map((file) => `--- ${file} is gone`);
  const bases = /(?<=[ :][\w./-]+:)\d+\.\d+\.\d+([\w.-]*)(?:@sha256:[0-9a-f]{64})?/g;
  return [...lines, ...gone].join('\n').replaceAll(bases, '(version)$1');
}

test('an application without a database, and one with it, and then neither', async () => {
  const first = files();
  const shop = await run('new-application', 'application shop --team sales');
  expect(`${shop.output}exit code ${shop.code}\n${changes(first)}`).toMatchSnapshot('without');
  const second = files();
  const stock = await run('new-application', 'application stock-list --team logistics --database');
  expect(`${stock.output}exit code ${stock.code}\n${changes(second)}`).toMatchSnapshot('with');
  // Another's name may end the same.
  const third = files();
  const list = await run('new-application', 'application list --team logistics');
  expect([list.code, list.output]).toEqual([0, expect.stringContaining('http://localhost:7003/list')]);
  const again = await run('new-application', 'application shop --team sales');
  expect([again.code, again.output]).toEqual([2, expect.stringContaining('shop is taken')]);
  const unlisted = await run('remove-application', 'application list');
  expect([unlisted.code, changes(third)]).toEqual([0, '']);
  const removed = await run('remove-application', 'application shop');
  expect(`${removed.output}exit code ${removed.code}`).toMatchSnapshot('removed');
  await run('remove-application', 'application stock-list');
  expect(changes(first)).toBe('');
});

test('a lockfile that could not be written is told', async () => {
  for (const [script, args] of [
    ['new-application', 'application shop --team sales'],
    ['remove-application', 'application shop'],
  ] as const) {
    const { code, output } = await run(script, args, { FAILS: 'yes' });
    expect([code, output]).toEqual([1, expect.stringContaining('The installation failed: run pnpm install.')]);
  }
});

test('what is refused changes nothing', async () => {
  const first = files();
  const refused = {
    Shop: 'lower-case letters',
    'shop-': 'lower-case letters',
    '1shop': 'lower-case letters',
    shop_two: 'lower-case letters',
    [`a${'b'.repeat(25)}`]: 'at most 25',
    'calculadora-api': 'is taken',
    backend: 'is taken',
    status: 'is taken',
    calculadora: 'belongs to calculadora-api',
    'information-schema': 'belongs to MySQL',
    mysql: 'belongs to MySQL',
    'performance-schema': 'belongs to MySQL',
    sys: 'belongs to MySQL',
    'shop --team Sales': 'at most 31 lower-case letters',
    [`shop --team ${'a'.repeat(32)}`]: 'at most 31',
  };
  const commands = Object.keys(refused).map((name) => [
    'new-application',
    ...['application', ...name.split(' '), ...(name.includes('--team') ? [] : ['--team', 'sales']), '--database'],
  ]);
  const names = ['ab', 'a'.repeat(21), 'Acme', '1acme', 'acme-', 'acme--two', 'acme_two'];
  expect(await toldBy([...commands, ...names.map((name) => ['rename', name])])).toEqual([
    ...Object.values(refused).map((reason) => ({ code: 2, output: expect.stringContaining(reason) })),
    ...names.map(() => ({ code: 2, output: expect.stringContaining('use 3 to 20 lower-case letters') })),
  ]);
  expect(changes(first)).toBe('');
});

test.each([
  ['all but the deep ones', '', {}],
  ['with options', '--verbose', {}],
  ['by a path', 'infra/test', {}],
  ['that fail', '', { FAILS: '3' }],
  ['the deep ones', '--deep --selectProjects=images', {}],
  ['the deep ones of a path', '--deep infra', {}],
  ['whose process is killed', '--killed', {}],
  ['that are interrupted', '--interrupted', { FAILS: '130' }],
])('the tests, %s', async (_, args, more) => {
  const { code, output } = await run('test', args, {
    NODE_COMPILE_CACHE: join(copy, 'cache'),
    TZ: 'Asia/Tokyo',
    ...more,
  });
  const [, folder = ''] = /^FOLDER (.*)$/m.exec(output) ?? [];
  if (folder === '') throw new Error(output);
  const isLeft = existsSync(folder) ? 'its folder is left' : 'its folder is gone';
  expect(`${output.replace(/^FOLDER .*$/m, isLeft)}exit code ${code}`).toMatchSnapshot();
});

test('another name of the project stands in every file in place of the old one', async () => {
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: copy, env });
  await git('init', '--quiet');
  writeFileSync(join(copy, 'more.md'), `${project}, ${project}-dev and ${project.toUpperCase()}\n`);
  await git('add', '--all');
  const before = files();
  const named = [...before].filter(([, content]) => content.includes(project)).map(([file]) => file);
  expect(named.length).toBeGreaterThan(2);
  const { code, output } = await run('rename', 'acme');
  expect([code, output.trim().split('\n')]).toEqual([0, [...named, '(biome format --write . in COPY)']]);
  const renamed = [...before].map(([file, content]) => [file, content.replaceAll(project, 'acme')]);
  expect(files()).toEqual(new Map(renamed as [string, string][]));
  const taken = await run('rename', 'acme');
  expect([taken.code, taken.output]).toEqual([2, expect.stringContaining('The project is already called acme.')]);
});
