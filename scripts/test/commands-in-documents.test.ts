/** Each command of this repository that a document names exists, with the words and options that it is given. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { environmentNames } from 'platform';
import { applications } from 'platform/applications';
import { readArguments } from '../../packages/command-line/src/arguments.ts';
import type { Command, WrongUsage } from '../../packages/command-line/src/index.ts';
import { workspaces } from '../../test/support/workspaces.ts';
import { root } from '../repository.ts';
import { blocksOf, documents, markedOf, read } from './support/documents.ts';

const programs = ['infra', 'delivery'] as const;
type Program = (typeof programs)[number];

/** Scripts that read their own arguments. */
const withUsage: Readonly<Record<string, string>> = {
  new: 'scripts/new-application.ts',
  remove: 'scripts/remove-application.ts',
  rename: 'scripts/rename.ts',
};
const tests = globSync('**/*.test.{ts,tsx}', { cwd: root, exclude: (path) => path.endsWith('node_modules') });
/** The subcommands that a program's usage lists. */
const listed: Partial<Record<Program, readonly string[]>> = {};

beforeAll(() => {
  for (const program of programs) {
    // Portuguese, then English.
    const names = [...usageOf(`${program}/cli.ts`).matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = '']) => name);
    listed[program] = [...new Set(names)];
  }
});

test('both programs list their commands', () => {
  for (const program of programs) expect(listed[program]?.length).toBeGreaterThan(5);
});

describe.each(documents)('%s names', (path) => {
  const text = read(path);

  test('in its blocks only commands that can be run as they are written', async () => {
    for (const command of blocksOf(text, 'sh').flatMap(commandsIn)) {
      expect([command, await problemOf(command)]).toEqual([command, undefined]);
    }
  });

  test('in its sentences only commands that exist', async () => {
    for (const command of markedOf(text)) {
      expect([command, await problemOf(command, { isName: true })]).toEqual([command, undefined]);
    }
  });
});

test('the documents name commands in blocks and in sentences', () => {
  const isOurs = (command: string) => /^(npx pnpm@12|pnpm|infra|delivery) /.test(command);
  const texts = documents.map(read);
  expect(texts.flatMap((text) => blocksOf(text, 'sh').flatMap(commandsIn)).filter(isOurs).length).toBeGreaterThan(20);
  expect(texts.flatMap(markedOf).filter(isOurs).length).toBeGreaterThan(20);
});

test('the table of commands in the README names all of `pnpm infra`, and of `pnpm delivery` some that exist', () => {
  const [infra = [], delivery = []] = programs.map((program) => {
    const row = new RegExp(`^\\| \`pnpm ${program}\` \\|(.*)$`, 'm').exec(read('README.md'))?.[1] ?? '';
    return [...row.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
  });
  expect(infra.toSorted()).toEqual([...(listed.infra ?? [])].sort());
  expect(delivery.length).toBeGreaterThan(5);
  expect(listed.delivery).toEqual(expect.arrayContaining(delivery));
});

test.each([
  ['a script that is missing', 'npx pnpm@12 deploy', 'no script deploy'],
  ['a script that another package lacks', 'pnpm --filter calculadora-api dev', 'no script dev'],
  ['a package that is missing', 'pnpm --filter calculadora start', 'no package calculadora'],
  ['a subcommand that is missing', 'pnpm infra apply dev', 'no command apply'],
  ['an option that is missing', 'pnpm infra rehearse dev --fails aws_eks_cluster', '--fails'],
  ['an option without its value', 'pnpm delivery rollback calculadora-api --to', '--to'],
  ['an environment that is missing', 'pnpm infra deploy staging', 'staging'],
  ['no environment', 'pnpm infra deploy', 'dev|prd'],
  ['a superfluous word', 'pnpm infra deploy dev prd', 'prd'],
  ['an application that is missing', 'pnpm delivery versions calculator', 'calculator'],
  ['an option that a script lacks', 'pnpm new application NAME --time TEAM', 'no option --time'],
  ['a test that is missing', 'pnpm test whole-stack-snapshots', 'no test whole-stack-snapshots'],
  ['a benchmark that is missing', 'pnpm bench infrastructure', 'no benchmark infrastructure'],
  ['a program that is missing', 'node test/kubernetes/without.ts', 'no file test/kubernetes/without.ts'],
  ['a built program that is missing', 'node dist/migrations.js', 'no file'],
  ['a program that an image lacks', 'kubectl exec deployment/calculadora-api -- node dist/lines.js', 'no file'],
  ['a workflow that is missing', 'gh workflow run infra-stg.yml --ref develop', 'no workflow infra-stg.yml'],
  ['a flag within a sentence', 'infra costs --yaml', '--yaml'],
])('%s is found', async (_, command, told) => {
  expect(await problemOf(command)).toContain(told);
});

test('a sentence may name a command without its arguments, but not one that is missing', async () => {
  expect(await problemOf('pnpm infra deploy', { isName: true })).toBeUndefined();
  expect(await problemOf('pnpm infra apply', { isName: true })).toBe('there is no command apply');
});

/** The commands of a block, without comments. A comment can name another one: `# or: npx pnpm@12 …`. */
function commandsIn(block: string): string[] {
  return block
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => [line.replace(/(^|\s+)#.*/, ''), /#.*?(npx pnpm@12 .*)/.exec(line)?.[1] ?? ''])
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

/**
 * What is wrong with a command, or undefined if nothing is, or if it is no command of this repository.
 *
 * @param isName whether arguments may be missing, because the command is only named
 */
async function problemOf(command: string, { isName = false } = {}): Promise<string | undefined> {
  const [program = '', ...args] = command.replace(/^npx pnpm@12/, 'pnpm').split(' ');
  switch (program) {
    case 'pnpm':
      return problemOfScript(args, isName);
    case 'infra':
    case 'delivery':
      return /^[a-z-]+$/.test(args[0] ?? '') ? problemOfProgram(program, args, isName) : undefined;
    case 'kubectl':
    case 'docker': {
      // What runs in a container of ours.
      const [, inner] = / exec .*?\b(node .*)/.exec(command) ?? [];
      return inner && problemOf(inner);
    }
    case 'node':
    case 'node_modules/.bin/node': {
      const [file = ''] = args.filter((arg) => !arg.startsWith('-'));
      const source = file.replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
      const folders = source === file ? [''] : workspaces;
      return folders.some((folder) => existsSync(join(root, folder, source))) ? undefined : `there is no file ${file}`;
    }
    case 'gh': {
      const [, file] = /^workflow run (\S+)/.exec(args.join(' ')) ?? [];
      const exists = file === undefined || existsSync(join(root, '.github/workflows', file));
      return exists ? undefined : `there is no workflow ${file}`;
    }
  }
  return undefined;
}

async function problemOfScript(given: readonly string[], isName: boolean): Promise<string | undefined> {
  const filtered = given[0] === '--filter' ? given[1] : undefined;
  const [name = '', ...args] = given.slice(filtered === undefined ? 0 : 2).filter((arg, at) => arg !== 'run' || at > 0);
  const folder = filtered === undefined ? '' : workspaces.find((each) => packageOf(each).name === filtered);
  if (folder === undefined) return `there is no package ${filtered}`;
  if (name === 'install' || existsSync(join(root, 'node_modules/.bin', name))) return undefined;
  if (packageOf(folder).scripts[name] === undefined) return `there is no script ${name}`;
  if (name === 'infra' || name === 'delivery') return problemOfProgram(name, args, isName);
  if (name === 'test') return missing('test', args, (part) => tests.some((file) => file.includes(part)));
  if (name === 'bench') return missing('benchmark', args, (part) => existsSync(join(root, `bench/${part}.ts`)));
  const script = withUsage[name];
  if (script === undefined || args.length === 0) return undefined;
  const usage = usageOf(script);
  return missing('option', args.join(' ').match(/--[\w-]+/g) ?? [], (option) => usage.includes(option), /^/);
}

/** Names the first argument that is not there. Options of other programs, and names that stand for a value, are left out. */
function missing(
  what: string,
  args: readonly string[],
  exists: (arg: string) => boolean,
  checked = /^[a-z]/,
): string | undefined {
  const found = args.find((arg) => checked.test(arg) && !exists(arg));
  return found && `there is no ${what} ${found}`;
}

async function problemOfProgram(
  program: Program,
  [name, ...given]: readonly string[],
  isName: boolean,
): Promise<string | undefined> {
  if (name === undefined) return undefined;
  if (!listed[program]?.includes(name)) return `there is no command ${name}`;
  if (isName && given.length === 0) return undefined;
  const { command } = (await import(`../../${program}/commands/${name}.ts`)) as { command: Command };
  const examples: Readonly<Record<string, string | undefined>> = {
    ...Object.fromEntries(['ambiente', 'environment', 'env'].map((word) => [word, environmentNames[0]])),
    ...Object.fromEntries(['aplicação', 'application'].map((word) => [word, applications[0]?.name])),
  };
  const args = given.map((arg) => arg.replace(/<(.+)>/, (whole, word: string) => examples[word] ?? whole));
  // A sentence may leave out what a block has to give.
  const { words, options } = isName ? optional(command) : command;
  try {
    readArguments({ description: command.description, words, options }, args);
    return undefined;
  } catch (error) {
    return (error as WrongUsage).message;
  }
}

/** The syntax of a command of which nothing is required. */
function optional({ words, options }: Command): Pick<Command, 'words' | 'options'> {
  const entries = Object.entries(options).map(([name, { required, ...option }]) => [name, option] as const);
  const given = Object.entries(words).map(([key, { read: readWord, ...word }]) => {
    return [key, { ...word, optional: true, ...(readWord && { read: (text: string) => text && readWord(text) }) }];
  });
  return { words: Object.fromEntries(given), options: Object.fromEntries(entries) };
}

function packageOf(folder: string): { name: string; scripts: Readonly<Record<string, string>> } {
  return JSON.parse(read(join(folder, 'package.json')));
}

function usageOf(program: string): string {
  return execFileSync(process.execPath, [program, '--help'], { cwd: root, encoding: 'utf8', env: process.env });
}
