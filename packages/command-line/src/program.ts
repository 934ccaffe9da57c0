import { asksForHelp } from './arguments.ts';
import type { Command } from './command.ts';
import { ProgramFailed, Refused, WrongUsage } from './errors.ts';
import { texts } from './texts.ts';
import { commandUsage, programUsage } from './usage.ts';

/** Commands by name. They are loaded on demand, so that a command does not load the modules of the others. */
export type Commands = Readonly<Record<string, () => Promise<{ readonly command: Command }>>>;

/**
 * Runs the command that the first argument names. A requested usage is printed to standard output, errors to standard
 * error.
 *
 * @param program how people call the program, such as `pnpm infra`
 * @returns the exit code: 2 if the command was used wrongly
 */
export function runProgram(
  program: string,
  commands: Commands,
  [name, ...args]: readonly string[] = process.argv.slice(2),
): Promise<number> {
  return exitCodeOf(async () => {
    const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load) return runWithHelp(`${program} ${name}`, (await load()).command, args);
    const usage = programUsage(program, await loadAll(commands));
    if (name !== undefined && asksForHelp([name])) {
      console.log(usage);
      return 0;
    }
    throw new Refused(name === undefined ? usage : `${texts.unknownCommand(name)}\n\n${usage}`);
  });
}

/**
 * Runs a program that has a single command, as `runProgram` does.
 *
 * @param program how people call the program, such as `pnpm rename`
 * @returns the exit code: 2 if the command was used wrongly
 */
export function runCommand(
  program: string,
  command: Command,
  args: readonly string[] = process.argv.slice(2),
): Promise<number> {
  return exitCodeOf(() => runWithHelp(program, command, args));
}

/** Prints the usage if the arguments ask for it. Otherwise runs the command, and adds the usage to a `WrongUsage`. */
async function runWithHelp(name: string, command: Command, args: readonly string[]): Promise<number> {
  const usage = commandUsage(name, command);
  if (asksForHelp(args)) {
    console.log(usage);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    throw error instanceof WrongUsage ? new Refused(`${error.message}\n\n${usage}`) : error;
  }
}

/** The exit code of an action. An error is printed. */
async function exitCodeOf(action: () => Promise<number>): Promise<number> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ProgramFailed) return error.code;
    console.error((error as Error).message);
    return error instanceof Refused ? 2 : 1;
  }
}

async function loadAll(commands: Commands): Promise<Readonly<Record<string, Command>>> {
  const loaded = Object.entries(commands).map(async ([name, load]) => [name, (await load()).command] as const);
  return Object.fromEntries(await Promise.all(loaded));
}
