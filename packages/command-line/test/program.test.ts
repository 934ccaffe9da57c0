import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ended } from '../../../test/support/outcome.ts';
import { oneOf } from '../src/index.ts';

/** Runs the example program as people do: in a process of its own. */
const tool = (...args: string[]) => toolWith({}, ...args);

const toolWith = (env: NodeJS.ProcessEnv, ...args: string[]) => run('program.ts', args, env);

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const path = join(import.meta.dirname, 'support', program);
  return ended(promisify(execFile)(process.execPath, [path, ...args], { env: { ...process.env, ...env } }));
}

const usage = `Uso: pnpm tool send CARTA [CÓPIAS] --to NAME… [--via CITY…] [--days N] [--stamp N] [--urgent]
  envia uma carta
  --to NAME…    para quem
  --via CITY…   por onde
  --days N      o prazo
  --stamp N     o selo
  --urgent      hoje mesmo
  --help, -h    mostra esta ajuda

Usage: pnpm tool send LETTER [COPIES] --to NAME… [--via CITY…] [--days N] [--stamp N] [--urgent]
  sends a letter
  --to NAME…    to whom
  --via CITY…   which way
  --days N      the time limit
  --stamp N     the stamp
  --urgent      today
  --help, -h    shows this help
`;

test.each([
  ['--help', 'after the command', ['send', '--help']],
  ['-h', 'after everything else, even if that is wrong', ['send', '--speed', '9', '-h']],
])('%s %s shows the usage, with everything that the command accepts', async (_, __, args) => {
  expect(await tool(...args)).toEqual({ code: 0, stdout: usage, stderr: '' });
});

test('the usage of the program lists its commands', async () => {
  const lines = [
    'Uso: pnpm tool COMANDO',
    '  send CARTA [CÓPIAS]   envia uma carta',
    '  COMANDO --help        mostra as opções de um comando',
    '',
    'Usage: pnpm tool COMMAND',
    '  send LETTER [COPIES]   sends a letter',
    '  COMMAND --help         shows the options of a command',
    '',
  ];
  expect(await tool('--help')).toEqual({ code: 0, stdout: lines.join('\n'), stderr: '' });
  expect(await tool()).toEqual({ code: 2, stdout: '', stderr: lines.join('\n') });
});

test.each<[string[], unknown[]]>([
  [
    ['letter', '--to', 'Ana'],
    ['letter', null, ['Ana'], [], 3, null, false],
  ],
  [
    ['letter', '2', '--to', 'Ana', '--to=Bia', '--via', 'Rio', '--days=5', '--stamp', '', '--urgent'],
    ['letter', 2, ['Ana', 'Bia'], ['Rio'], 5, '', true],
  ],
  // A hyphen alone is a value, and so is what an equals sign joins to its option.
  [
    ['-', '--to', '-', '--to=--urgent', '--to=-', '--stamp=-1', '--stamp=a=b'],
    ['-', null, ['-', '--urgent', '-'], [], 3, 'a=b', false],
  ],
  [
    ['--to', 'Ana', '--', '--help'],
    ['--help', null, ['Ana'], [], 3, null, false],
  ],
])('%j is read', async (args, read) => {
  const { code, stdout } = await tool('send', ...args);
  expect([code, JSON.parse(stdout)]).toEqual([0, read]);
});

test.each([
  [
    'an unknown option',
    ['letter', '--to', 'Ana', '--speed', '9'],
    ['Este comando não tem a opção --speed.', 'This command has no option --speed.'],
  ],
  [
    'an unknown short option',
    ['letter', '--to', 'Ana', '-x'],
    ['Este comando não tem a opção -x.', 'This command has no option -x.'],
  ],
  [
    'the name of a property of every object',
    ['--constructor'],
    ['Este comando não tem a opção --constructor.', 'This command has no option --constructor.'],
  ],
  [
    'an option without its value',
    ['letter', '--to'],
    ['A opção --to precisa de um valor.', 'The option --to needs a value.'],
  ],
  [
    'an option in place of a value',
    ['letter', '--to', '--urgent'],
    ['A opção --to precisa de um valor.', 'The option --to needs a value.'],
  ],
  [
    'a value for a switch',
    ['letter', '--to', 'Ana', '--urgent=no'],
    ['A opção --urgent não recebe um valor.', 'The option --urgent takes no value.'],
  ],
  ['a missing word', ['--to', 'Ana'], ['Falta CARTA.', 'LETTER is missing.']],
  ['a missing option', ['letter'], ['Falta --to.', '--to is missing.']],
  ['one superfluous word', ['letter', '2', 'a', '--to', 'Ana'], ['A mais: a.', 'Superfluous: a.']],
  ['superfluous words', ['letter', '2', 'a', 'b', '--to', 'Ana'], ['A mais: a b.', 'Superfluous: a b.']],
])('%s is refused in both languages, with the usage', async (_, args, messages) => {
  const stderr = [...messages, '', usage].join('\n');
  expect(await tool('send', ...args)).toEqual({ code: 2, stdout: '', stderr });
});

test('a wrong value is refused in one sentence, without the usage', async () => {
  const refused = { code: 2, stdout: '', stderr: 'many não é um número.\nmany is not a number.\n' };
  expect(await tool('send', 'letter', 'many', '--to', 'Ana')).toEqual(refused);
  expect(await tool('send', 'letter', '--to', 'Ana', '--days', 'many')).toEqual(refused);
  // Also an empty one, as a script gives it whose variable is not set.
  const empty = { ...refused, stderr: refused.stderr.replaceAll('many', '') };
  expect(await tool('send', 'letter', '--to', 'Ana', '--days', '')).toEqual(empty);
  expect(await tool('send', 'letter', '', '--to', 'Ana')).toEqual(empty);
});

test('a word with several values is one of them, and whole', () => {
  const { name, read } = oneOf(['restore', 'zone', 'zone-b']);
  expect([name, ...['restore', 'zone', 'zone-b'].map(read)]).toEqual([
    'restore|zone|zone-b',
    'restore',
    'zone',
    'zone-b',
  ]);
  // A script whose variable is not set gives an empty one.
  for (const given of ['', 'r', 'zon', 'zone-', 'one', 'restored', 'RESTORE', ' zone', 'zone\n', 'restore|zone']) {
    expect(() => read(given)).toThrow(`Comando desconhecido: ${given}.\nUnknown command: ${given}.`);
  }
});

test('a missing program is named, and so is one whose file nobody may run', async () => {
  const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'path-')));
  const [first = '', second = ''] = folders.map((folder) => join(folder, 'no-such-sealing-wax'));
  const sealed = () => toolWith({ PATH: folders.join(delimiter) }, 'send', 'sealed', '--to', 'Ana');
  const missing = {
    code: 1,
    stdout: '',
    stderr:
      'Instale o no-such-sealing-wax: ele não está no PATH.\nInstall no-such-sealing-wax: it is not on the PATH.\n',
  };
  expect(await toolWith({ PATH: undefined }, 'send', 'sealed', '--to', 'Ana')).toEqual(missing);
  writeFileSync(first, '', { mode: 0o644 });
  expect(await sealed()).toEqual(missing);
  writeFileSync(second, '', { mode: 0o755 });
  expect((await sealed()).code).toBe(0);
  for (const folder of folders) rmSync(folder, { recursive: true });
});

test('the exit code of a program that failed is passed on, without another message', async () => {
  expect(await tool('send', 'lost', '--to', 'Ana')).toEqual({ code: 75, stdout: '', stderr: '' });
});

describe('a program that has a single command', () => {
  const single = (...args: string[]) => run('command.ts', args);
  const uses = [
    'Uso: pnpm single dev|prd',
    '  repete um ambiente',
    '  --help, -h   mostra esta ajuda',
    '',
    'Usage: pnpm single dev|prd',
    '  repeats an environment',
    '  --help, -h   shows this help',
    '',
  ].join('\n');

  test('runs it with all its arguments, and ends with its exit code', async () => {
    expect(await single('dev')).toEqual({ code: 3, stdout: 'dev\n', stderr: '' });
    expect(await single('prd')).toEqual({ code: 3, stdout: 'prd\n', stderr: '' });
    expect(await single('--help')).toEqual({ code: 0, stdout: uses, stderr: '' });
    const stderr = `Falta dev|prd.\ndev|prd is missing.\n\n${uses}`;
    expect(await single()).toEqual({ code: 2, stdout: '', stderr });
  });

  test.each(['DEV', 'de', 'dev|prd', 'production', ''])('knows no environment %j', async (given) => {
    const stderr = `O ambiente ${given} não existe: use dev ou prd.\nThere is no environment ${given}: use dev or prd.\n`;
    expect(await single(given)).toEqual({ code: 2, stdout: '', stderr });
  });
});
