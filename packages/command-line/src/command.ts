import { readArguments } from './arguments.ts';
import { WrongUsage } from './errors.ts';
import type { Text } from './text.ts';
import { texts } from './texts.ts';

/** A positional argument. Words come in a fixed order. */
export interface Word {
  /** How the usage names it. */
  readonly name: string | Text;
  /** Only the last word can be optional. */
  readonly optional?: true;
  /** Reads the word. Without it, the value is the word itself. @throws {Refused} */
  readonly read?: (given: string) => unknown;
}

export interface Option {
  readonly description: Text;
  /** How the usage names the option's value. An option without a value is a switch. */
  readonly value?: string | Text;
  readonly required?: true;
  /** The option may be given more than once. */
  readonly repeated?: true;
  /** The value of an option that was not given. */
  readonly default?: string;
  /** Reads the value. Without it, the value is the given text. @throws {Refused} */
  readonly read?: (given: string) => unknown;
}

export type Words = Readonly<Record<string, Word>>;
export type Options = Readonly<Record<string, Option>>;

/** What a command accepts. Its usage is generated from this, and its arguments are parsed with it. */
export interface Syntax<W extends Words = Words, O extends Options = Options> {
  readonly description: Text;
  readonly words: W;
  /** By name, without the two hyphens. */
  readonly options: O;
}

type Value<S> = S extends { readonly read: (given: string) => infer T } ? T : string;

export type WordValues<W extends Words> = {
  readonly [K in keyof W]: W[K] extends { readonly optional: true } ? Value<W[K]> | undefined : Value<W[K]>;
};

export type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { readonly value: string | Text }
    ? O[K] extends { readonly repeated: true }
      ? readonly Value<O[K]>[]
      : O[K] extends { readonly required: true } | { readonly default: string }
        ? Value<O[K]>
        : Value<O[K]> | undefined
    : boolean;
};

/** A command that a program can run. */
export interface Command extends Syntax {
  /**
   * @param args what follows the command's name
   * @returns the exit code
   * @throws {WrongUsage} if the arguments do not match the syntax
   * @throws {Refused} if an argument has a wrong value. The message of any other error says what to do.
   */
  run(args: readonly string[]): Promise<number>;
}

/** Defines a command by its syntax and its action. The types of the action's parameters follow from the syntax. */
export function defineCommand<const W extends Words, const O extends Options>(
  definition: Syntax<W, O> & {
    run(words: WordValues<W>, options: OptionValues<O>): number | Promise<number>;
  },
): Command {
  const { description, words, options } = definition;
  return {
    description,
    words,
    options,
    async run(args) {
      const given = readArguments({ description, words, options }, args);
      return definition.run(given.words, given.options);
    },
  };
}

/** A word that only has one valid value. */
export const exactly = <const W extends string>(word: W) => oneOf([word]);

/** A word that only has these valid values. */
export function oneOf<const W extends string>(words: readonly W[]) {
  return {
    name: words.join('|'),
    read(given: string): W {
      const word = words.find((known) => known === given);
      if (word === undefined) throw new WrongUsage(texts.unknownCommand(given));
      return word;
    },
  } as const;
}
