import { asksForHelp, type Given, readArguments } from './arguments.ts';
import type { Command, Options, Syntax, Words } from './command.ts';
import { ProgramFailed, Refused, WrongUsage } from './errors.ts';
import { texts } from './texts.ts';
import { commandUsage, programUsage } from './usage.ts';

/** Commands by name. They are loaded on demand, so that a command does not load the modules of the others. */
export type Commands = Readonly<Record<string, () => Promise<{ readonly command: Command }>>>;

/**
 * Runs the command that the arguments name. What people have to read is printed: a usage that was asked for on standard
 * output, errors on standard error.
 *
 * @param program what is typed before the command
 * @returns the exit code: 2 if the command was used wrongly
 */
export async function runProgram(
  program: string,
  commands: Commands,
  [name, ...args]: readonly string[] = process.argv.slice(2),
): Promise<number> {
  try {
    const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load) {
      const { command } = await load();
      return await withHelp(`${program} ${name}`, command, args, () => command.run(args));
    }
    const usage = programUsage(program, await loadAll(commands));
    if (name !== undefined && asksForHelp([name])) {
      console.log(usage);
      return 0;
    }
    throw new Refused(name === undefined ? usage : `${texts.unknownCommand(name)}\n\n${usage}`);
  } catch (error) {
    return report(error);
  }
}

/**
 * The arguments of a program that has no commands. If they are wrong, or ask for the usage, the process exits.
 *
 * @param program what is typed before the arguments
 */
export async function argumentsOf<const W extends Words, const O extends Options>(
  program: string,
  syntax: Syntax<W, O>,
  args: readonly string[] = process.argv.slice(2),
): Promise<Given<W, O>> {
  try {
    const given = await withHelp(program, syntax, args, () => readArguments(syntax, args));
    if (given !== 0) return given;
    process.exit(0);
  } catch (error) {
    process.exit(report(error));
  }
}

/** Prints the usage if it is asked for, and returns 0. Otherwise does something, and adds the usage to a `WrongUsage`. */
async function withHelp<T>(
  name: string,
  syntax: Syntax,
  args: readonly string[],
  action: () => T | Promise<T>,
): Promise<T | 0> {
  const usage = commandUsage(name, syntax);
  if (asksForHelp(args)) {
    console.log(usage);
    return 0;
  }
  try {
    return await action();
  } catch (error) {
    throw error instanceof WrongUsage ? new Refused(`${error.message}\n\n${usage}`) : error;
  }
}

/** Prints an error. @returns the exit code */
function report(error: unknown): number {
  if (error instanceof ProgramFailed) return error.code;
  console.error((error as Error).message);
  return error instanceof Refused ? 2 : 1;
}

async function loadAll(commands: Commands): Promise<Readonly<Record<string, Command>>> {
  const loaded = Object.entries(commands).map(async ([name, load]) => [name, (await load()).command] as const);
  return Object.fromEntries(await Promise.all(loaded));
}
