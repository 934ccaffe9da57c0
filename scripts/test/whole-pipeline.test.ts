/**
 * `.ci/run` as a whole: which programs it starts, how, and in which order, what it prints, and how it ends. After a change
 * that is meant, `pnpm test scripts/test/whole -u` writes the snapshots again: read their diff like the code's.
 */
import * as real from 'node:child_process';
import { EventEmitter } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const before = { cwd: process.cwd(), execPath: process.execPath };
expect.addSnapshotSerializer({ test: () => true, serialize: (value) => String(value) });

/** What a program does. */
interface Answer {
  /** The code with which it ends. */
  readonly code?: number;
  readonly prints?: string;
  /** It is not installed. */
  readonly isMissing?: true;
  /** Runs until it is ended. */
  readonly waits?: true;
  /** It, or a program that it has started, does not end at Ctrl-C. */
  readonly ignores?: true;
  /** The report of the tests, by jest. */
  readonly report?: object;
  readonly does?: () => void;
  /** How many others end before it does. */
  readonly others?: number;
}

let folder: string;
let lines: string[];
/** By the beginning of the call, or a pattern. The first that fits counts. */
let answers: readonly (readonly [call: string | RegExp, Answer])[];
/** Variables that were given to a program. Their values are shown once. */
let known: Set<string>;
let started: number;
let ended: number;
/** Those that run. */
let children: Map<number, EventEmitter & { exitCode: number | null }>;

const note = (line: string) => void lines.push(line);

/** The report of tests: one for each status. */
const reportOf = (...statuses: string[]) => ({
  testResults: [
    {
      name: join(folder, 'a.test.ts'),
      status: statuses.includes('failed') ? 'failed' : 'passed',
      message: '',
      assertionResults: statuses.map((status, index) => ({
        fullName: `test ${index + 1}${status === 'pending' ? ' (needs the network: no)' : ''}`,
        status,
        failureMessages: status === 'failed' ? ['Expected: 1\n    at /node_modules/jest\nReceived: 2'] : [],
      })),
    },
  ],
});

function spawn(program: string, args: readonly string[], options: real.SpawnOptions): real.ChildProcess {
  const { cwd, detached, env = process.env, stdio, ...others } = options;
  if (Object.keys(others).length > 0) throw new Error(`Options that this test does not know: ${Object.keys(others)}`);
  const call = [program, ...args].join(' ');
  const added = Object.entries(env).filter(([name, value]) => value !== process.env[name]);
  const lost = Object.keys(process.env).filter((name) => !(name in env));
  const streams = (stdio as unknown[]).map((stream) => (typeof stream === 'number' ? 'file' : stream));
  note(`$ ${call}`);
  note(`    ${streams.join(' ')}${detached ? ', in a group of its own' : ''}${cwd ? `, in ${cwd}` : ''}`);
  const shown = added.map(([name, value]) => (known.has(`${name}=${value}`) ? name : `${name}=${value}`));
  for (const [name, value] of added) known.add(`${name}=${value}`);
  if (added.length > 0) note(`    ${shown.join(' ')}`);
  if (lost.length > 0) note(`    without ${lost}`);
  const answer =
    answers.find(([some]) => (typeof some === 'string' ? call.startsWith(some) : some.test(call)))?.[1] ?? {};
  const [, file] = /--outputFile=(\S+)/.exec(call) ?? [];
  const report = answer.report ?? reportOf('passed');
  if (file && !answer.waits) writeFileSync(file, JSON.stringify(report));
  const pid = 101 + started++;
  const piped = (index: number) => (streams[index] === 'pipe' ? new PassThrough() : null);
  const child = Object.assign(new EventEmitter(), {
    ...{ pid, stdout: piped(1), stderr: piped(2), exitCode: null as number | null },
    kill(signal: string) {
      note(`(${program} gets ${signal})`);
      end(0);
    },
  });
  children.set(pid, child);
  const end = (code: number | null) => {
    children.delete(pid);
    ended++;
    child.exitCode = code;
    for (const stream of [child.stdout, child.stderr]) stream?.end();
    child.emit('exit', code, code === null ? 'SIGINT' : null);
    setImmediate(() => child.emit('close', code, code === null ? 'SIGINT' : null));
  };
  if (!answer.ignores) child.once('SIGINT', () => end(null));
  child.once('SIGKILL', () => end(null));
  setImmediate(() => {
    if (answer.prints) {
      const [first = '', ...rest] = answer.prints;
      child.stdout?.write(first);
      child.stderr?.write(rest.join(''));
      if (child.stdout === null) note(`|| ${answer.prints}`);
    }
    answer.does?.();
    if (answer.isMissing) {
      child.exitCode = -2;
      child.emit('error', new Error(`spawn ${program} ENOENT`));
      return;
    }
    // An engine runs until it is ended.
    if (answer.waits || (program === 'dockerd' && answer.code === undefined)) return;
    const last = ended + (answer.others ?? 0);
    const endInTurn = () => (ended < last ? setImmediate(endInTurn) : end(answer.code ?? 0));
    endInTurn();
  });
  return child as unknown as real.ChildProcess;
}

jest.unstable_mockModule('node:child_process', () => ({ ...real, spawn }));
jest.unstable_mockModule('node:fs/promises', () => ({
  ...files,
  // In one order: two steps read their reports at the same time.
  readFile: async (file: string) => readFileSync(file, 'utf8'),
  // Node and npm are large.
  copyFile: async (from: string, to: string) => note(`copies ${from} to ${to}`),
  cp: async (from: string, to: string, { recursive = false } = {}) =>
    note(`copies ${from} to ${to}${recursive ? ', with all that is in it' : ''}`),
}));
jest.unstable_mockModule('node:timers/promises', () => ({
  async setTimeout(milliseconds: number) {
    jest.setSystemTime(Date.now() + milliseconds);
    await new Promise(setImmediate);
  },
}));

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pipeline-')));
  lines = [];
  answers = [];
  known = new Set();
  started = 0;
  ended = 0;
  children = new Map();
  const contents = {
    'bin/npm': '',
    'apps/calculadora-api/Dockerfile':
      'FROM --platform=$BUILDPLATFORM node:1.2.3-slim AS build\nFROM --platform=$TARGETPLATFORM node:1.2.3-slim\n',
    'apps/magic-calculator/Dockerfile':
      'FROM --platform=$BUILDPLATFORM node:1.2.3-slim AS build\nFROM nginxinc/nginx-unprivileged:4.5.6-alpine@sha256:0123\n',
    'docker-compose.yml': 'services:\n  mysql:\n    image: mysql:7.8.9\n',
  };
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o755 });
  }
  process.chdir(folder);
  // The pipeline runs this test, too, with variables of its own.
  jest.replaceProperty(process, 'env', { PATH: join(folder, 'bin') });
  process.execPath = '/usr/bin/the-node';
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout', 'clearTimeout'] });
  jest.spyOn(console, 'log').mockImplementation((text) => note(`| ${text}`));
  jest.spyOn(console, 'error').mockImplementation((text) => note(`! ${text}`));
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    note(`|| ${text}`);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  process.chdir(before.cwd);
  process.execPath = before.execPath;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the pipeline to its end. @returns all that it did */
async function run(...given: typeof answers): Promise<string> {
  answers = given;
  const exited = new Promise<number>((resolve) => {
    jest.spyOn(process, 'exit').mockImplementation(((code: number) => {
      resolve(code);
      // Nothing runs after it.
      return new Promise(() => undefined);
    }) as never);
  });
  let interruptedAt: number | undefined;
  jest.spyOn(process, 'kill').mockImplementation((id, name) => {
    const child = id < 0 ? children.get(-id) : undefined;
    if (name === 'SIGINT') interruptedAt ??= Date.now();
    const waited = interruptedAt === undefined ? 0 : (Date.now() - interruptedAt) / 1_000;
    if (name !== 0) note(`(process ${id < 0 ? 'group' : ''} ${Math.abs(id)} gets ${name}, after ${waited} s)`);
    if (!child) throw new Error('ESRCH');
    if (name === 'SIGINT' || name === 'SIGKILL') child.emit(name);
    return true;
  });
  const unhandled = (error: unknown) => note(`An error that nobody handles: ${error}`);
  process.on('unhandledRejection', unhandled);
  await jest.isolateModulesAsync(async () => {
    import('../../.ci/pipeline.ts').catch((error) => note(`! ${error}`));
    note(`exit code ${await exited}`);
  });
  process.off('unhandledRejection', unhandled);
  const [working = 'none'] = /ci-\w{6}/.exec(lines.join('\n')) ?? [];
  if (existsSync(join(tmpdir(), working))) note('Its folder is left');
  const [port = ''] = /(?<=--project-name=mysql-)\d+/.exec(lines.join('\n')) ?? ['none'];
  return lines
    .join('\n')
    .replaceAll(folder, 'FOLDER')
    .replaceAll(join(tmpdir(), working), '/tmp/ci-…')
    .replaceAll(root, 'REPOSITORY')
    .replaceAll(port, 'PORT')
    .replaceAll(/@v\d[\w.]+/g, '@(version)')
    .replaceAll(/ +\d+\.\d s /g, ' … s ')
    .replaceAll(/\.{50,}/g, ({ length }) => `(${length} dots)`);
}

test('all that it starts, if all passes', async () => {
  expect(await run()).toMatchSnapshot();
});

/** Without the calls. */
const told = (whole: string) => whole.replaceAll(/^(\$|copies| {4}(?=ignore|[A-Z_]+[ =])| {4}[A-Z_]+$).*\n/gm, '');
/** What it starts after a step. */
const startedAfter = (step: string, whole: string) =>
  [...whole.slice(whole.indexOf(`=== ${step}`)).matchAll(/^(?:===|\$) .*/gm)].map(([line]) => line.slice(0, 90));

test('steps that fail: the others go on, and all reasons are at the end', async () => {
  const failed = { code: 1, report: reportOf('passed', 'failed', 'pending', 'failed') };
  const whole = await run(
    ['bash', { code: 100, prints: `Get:1${'.'.repeat(1_990)}\nE: Unable to locate package chromium` }],
    ['npx pnpm@12 check', { code: 1 }],
    ['npx pnpm@12 test --', failed],
    ['nice -n 19 /usr/bin/the-node', { code: 2, prints: 'no space left on device' }],
  );
  expect(told(whole)).toMatchSnapshot();
});

test('a jest that fails although every test passed, and a file that fails without a test', async () => {
  const testResults = [
    { name: join(folder, 'b.test.ts'), status: 'failed', message: 'Cannot find module', assertionResults: [] },
  ];
  const whole = await run(
    ['npx pnpm@12 test --', { code: 1 }],
    ['nice -n 19 npx', { code: 1, report: { testResults } }],
  );
  expect(told(whole)).toMatchSnapshot();
});

test.each<[string, ...(typeof answers)[number][]]>([
  ['ends at once', ['dockerd', { code: 1 }], ['docker version', { code: 1 }]],
  ['is not installed', ['dockerd', { isMissing: true }], ['docker version', { isMissing: true }]],
  ['does not answer', ['docker version', { code: 1 }]],
])('an engine that %s', async (_, ...given) => {
  const whole = await run(...given);
  const attempts = whole.match(/^\$ docker version$/gm)?.length;
  expect(`${attempts} attempts\n${told(whole)}`).toMatchSnapshot();
  expect(startedAfter('engine', whole.replaceAll(/\$ docker version\n/g, ''))).toMatchSnapshot('what follows');
});

test('the tests that run beside the others are awaited', async () => {
  const whole = await run(['nice -n 19 npx', { others: 3, prints: 'the tests of the programs' }]);
  expect(told(whole)).toMatchSnapshot();
});

test('a server that cannot be stopped is told, and the others are stopped', async () => {
  const whole = await run([/^docker compose .* down/, { code: 1, prints: 'no such service' }]);
  expect(told(whole)).toMatchSnapshot();
});

test('an image for which there is no stand-in', async () => {
  writeFileSync(join(folder, 'docker-compose.yml'), 'services:\n  cache:\n    image: redis:8.0.0\n');
  expect(told(await run())).toContain('There is no stand-in for the base image redis:8.0.0');
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends all that runs, and nothing follows', async (signal) => {
  let listeners: number | undefined;
  const does = () => {
    if (!process.emit(signal)) process.exit(9);
    listeners = process.listenerCount(signal);
  };
  const whole = await run(
    ['nice -n 19 npx', { waits: true, ignores: true }],
    ['npx pnpm@12 test:deep', { waits: true, does }],
  );
  // Where nobody listens, a second one ends the process, also while what it stops hangs.
  expect(listeners).toBe(0);
  expect(told(whole).replaceAll(signal, 'THE SIGNAL')).toMatchSnapshot('SIGNAL');
  expect(startedAfter('deep', whole)).toMatchSnapshot('what follows');
});

test('a signal while the engine starts ends the engine, too', async () => {
  const does = () => void process.emit('SIGTERM');
  const whole = await run(['docker version', { waits: true, does }]);
  expect(told(whole)).toMatchSnapshot();
  expect(startedAfter('engine', whole)).toMatchSnapshot('what follows');
});

test.each([
  'run',
  'install-tools',
  'install-linters',
  'mysql.yml',
  ...readdirSync(join(root, '.ci/base-images')).map((name) => `base-images/${name}`),
])('.ci/%s is the one in the snapshot', (name) => {
  const text = readFileSync(join(root, '.ci', name), 'utf8');
  // Versions are raised now and then.
  expect(text.replaceAll(/^ *#(?!!).*\n/gm, '').replaceAll(/(==|@v?)\d[\w.]+/g, '$1(version)')).toMatchSnapshot();
});
