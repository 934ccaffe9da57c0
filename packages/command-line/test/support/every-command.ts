import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** More words than any command takes. */
const words = ['dev', 'dev', 'dev'];

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Tests what every command of a program has in common.
 *
 * @param folder of the commands' modules
 * @param run runs the program
 */
export function testEveryCommand(
  program: string,
  folder: string,
  run: (...args: string[]) => Outcome | Promise<Outcome>,
): void {
  const commands = readdirSync(folder).map((file) => basename(file, '.ts'));
  const usage = { pt: `Uso: ${program}`, en: `Usage: ${program}` };

  test.each(['--help', '-h'])(`${program} %s lists every command, in both languages`, async (option) => {
    const { code, stdout, stderr } = await run(option);
    expect([code, stderr]).toEqual([0, '']);
    const [portuguese = '', english = ''] = stdout.split('\n\n');
    expect(portuguese).toContain(`${usage.pt} COMANDO`);
    expect(english).toContain(`${usage.en} COMMAND`);
    for (const part of [portuguese, english]) {
      const listed = [...part.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name);
      expect(listed.toSorted()).toEqual(commands.toSorted());
    }
  });

  test.each([
    ['without a command', [], usage.en],
    ['with an unknown command', ['deplyo', 'dev'], 'Unknown command: deplyo.'],
    ['with the name of a property of every object', ['constructor'], 'Unknown command: constructor.'],
    ['with an option instead of a command', ['--yes'], 'Unknown command: --yes.'],
  ])(`${program} %s shows the usage as an error`, async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    for (const text of [usage.pt, usage.en, message]) expect(stderr).toContain(text);
  });

  test(`${program} has commands`, () => {
    expect(commands.length).toBeGreaterThan(5);
  });

  describe.each(commands)(`${program} %s`, (command) => {
    const own = { pt: `${usage.pt} ${command}`, en: `${usage.en} ${command}` };

    test('has a usage in both languages, on standard output', async () => {
      const { code, stdout, stderr } = await run(command, '--help');
      expect([code, stderr]).toEqual([0, '']);
      for (const text of [own.pt, own.en]) expect(stdout).toContain(text);
      expect(await run(command, 'dev', '-h')).toEqual({ code, stdout, stderr });
    });

    test('refuses an unknown option, with its usage', async () => {
      const { code, stdout, stderr } = await run(command, '--no-such-option');
      expect([code, stdout]).toEqual([2, '']);
      for (const text of ['no option --no-such-option', own.pt, own.en]) expect(stderr).toContain(text);
    });

    test('refuses a superfluous word, with its usage', async () => {
      const { code, stdout, stderr } = await run(command, ...words, 'superfluous');
      expect([code, stdout]).toEqual([2, '']);
      for (const text of ['Superfluous: ', own.pt, own.en]) expect(stderr).toContain(text);
    });
  });
}
