import { parseArgs } from 'node:util';
import type { Options, OptionValues, Syntax, Words, WordValues } from './command.ts';
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
  checkWords(words, positionals);
  return {
    words: Object.fromEntries(
      Object.entries(words).flatMap(([key, { read = String }], index) => {
        const text = positionals[index];
        return text === undefined ? [] : [[key, read(text)]];
      }),
    ),
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

/** Checks that the given words are as many as the command expects. */
function checkWords(words: Words, given: readonly string[]): void {
  const all = Object.values(words);
  const missing = all.slice(given.length).find(({ optional }) => !optional);
  if (missing) throw new WrongUsage(texts.missing(missing.name));
  if (given.length > all.length) throw new WrongUsage(texts.superfluous(given.slice(all.length)));
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
