import { parseArgs } from 'node:util';
import type { Options, OptionValues, Syntax, Word, Words, WordValues } from './command.ts';
import { WrongUsage } from './errors.ts';
import { texts } from './texts.ts';

export interface Given<W extends Words, O extends Options> {
  readonly words: WordValues<W>;
  readonly options: OptionValues<O>;
}

/**
 * Reads a command's arguments.
 *
 * @throws {WrongUsage} if they do not match the syntax
 * @throws {Refused} if one has a wrong value
 */
export function readArguments<W extends Words, O extends Options>(
  { words, options }: Syntax<W, O>,
  args: readonly string[],
): Given<W, O> {
  const { positionals, values } = parse(options, args);
  const given = distribute(words, positionals);
  return {
    words: Object.fromEntries(Object.entries(words).map(([key, word]) => [key, readWord(word, given[key] ?? [])])),
    options: readOptions(options, values),
  } as Given<W, O>;
}

/** Whether the arguments ask for the usage. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

type Parsed = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

function parse(options: Options, args: readonly string[]): { positionals: string[]; values: Parsed } {
  const config = {
    args: [...args],
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value, repeated = false }]) => [
        name,
        { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: repeated },
      ]),
    ),
  };
  // Node's own errors are in English only, so the tokens are checked here, with the same rules.
  const { tokens } = parseArgs({ ...config, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) throw new WrongUsage(texts.unknownOption(token.rawName));
    if (option.value === undefined) {
      if (token.value !== undefined) throw new WrongUsage(texts.noValue(token.rawName));
    } else if (token.value === undefined || (!token.inlineValue && /^-./.test(token.value))) {
      throw new WrongUsage(texts.needsValue(token.rawName));
    }
  }
  return parseArgs(config);
}

/** Assigns the given words to those that the command expects, by key. */
function distribute(words: Words, given: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const rest = [...given];
  const found: Record<string, readonly string[]> = {};
  for (const [key, word] of Object.entries(words)) {
    found[key] = rest.splice(0, word.repeated ? rest.length : 1);
    if (found[key].length === 0 && !word.optional) throw new WrongUsage(texts.missing(word.name));
  }
  if (rest.length > 0) throw new WrongUsage(texts.superfluous(rest));
  return found;
}

function readWord({ read = String, repeated }: Word, given: readonly string[]): unknown {
  const values = given.map((text) => read(text));
  return repeated ? values : values[0];
}

function readOptions(options: Options, values: Parsed): Readonly<Record<string, unknown>> {
  const missing = Object.entries(options).find(([name, { required }]) => required && values[name] === undefined);
  if (missing) throw new WrongUsage(texts.missing(`--${missing[0]}`));
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => {
      const { read = String } = option;
      const value = values[name] ?? option.default;
      if (option.value === undefined) return [name, value === true];
      if (option.repeated) return [name, [value ?? []].flat().map((text) => read(String(text)))];
      return [name, value === undefined ? undefined : read(String(value))];
    }),
  );
}
