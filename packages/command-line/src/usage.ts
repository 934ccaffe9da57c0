import type { Option, Syntax } from './command.ts';
import { inLanguage, type Language } from './text.ts';
import { texts } from './texts.ts';

const languages = ['pt', 'en'] as const;

/** The usage of one command, in both languages. `name` is its full name, such as `pnpm infra plan`. */
export function commandUsage(name: string, syntax: Syntax): string {
  return inBoth((language) => {
    const { description } = syntax;
    const options = Object.entries(syntax.options).map(([option, form]) => ({
      form,
      text: given(option, form, language),
    }));
    const forms = options.map(({ form, text }) => (form.required ? text : `[${text}]`));
    return [
      [texts.usage[language], name, ...wordForms(syntax, language), ...forms].join(' '),
      `  ${description[language]}`,
      ...table([
        ...options.map(({ form, text }): Row => [text, form.description[language]]),
        ['--help, -h', texts.help[language]],
      ]),
    ];
  });
}

/** The usage of a program: its commands by name, in both languages. */
export function programUsage(program: string, commands: Readonly<Record<string, Syntax>>): string {
  return inBoth((language) => [
    `${texts.usage[language]} ${program} ${texts.command[language]}`,
    ...table([
      ...Object.entries(commands).map(
        ([name, syntax]): Row => [[name, ...wordForms(syntax, language)].join(' '), syntax.description[language]],
      ),
      [`${texts.command[language]} --help`, texts.helpOfCommand[language]],
    ]),
  ]);
}

function inBoth(lines: (language: Language) => readonly string[]): string {
  return languages.map((language) => lines(language).join('\n')).join('\n\n');
}

function wordForms({ words }: Syntax, language: Language): string[] {
  return Object.values(words).map(({ name, optional }) => {
    const form = inLanguage(name, language);
    return optional ? `[${form}]` : form;
  });
}

function given(name: string, { value, repeated }: Option, language: Language): string {
  return value === undefined ? `--${name}` : `--${name} ${inLanguage(value, language)}${repeated ? '…' : ''}`;
}

type Row = readonly [form: string, description: string];

function table(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([form]) => form.length));
  return rows.map(([form, description]) => `  ${form.padEnd(width)}   ${description}`);
}
