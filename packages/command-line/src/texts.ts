import { both, inLanguage, type Text } from './text.ts';

export const texts = {
  usage: { pt: 'Uso:', en: 'Usage:' },
  command: { pt: 'COMANDO', en: 'COMMAND' },
  help: { pt: 'mostra esta ajuda', en: 'shows this help' },
  helpOfCommand: { pt: 'mostra as opções de um comando', en: 'shows the options of a command' },
  unknownCommand: (command: string) => both(`Comando desconhecido: ${command}.`, `Unknown command: ${command}.`),
  unknownOption: (option: string) =>
    both(`Este comando não tem a opção ${option}.`, `This command has no option ${option}.`),
  needsValue: (option: string) => both(`A opção ${option} precisa de um valor.`, `The option ${option} needs a value.`),
  noValue: (option: string) => both(`A opção ${option} não recebe um valor.`, `The option ${option} takes no value.`),
  missing: (what: string | Text) => both(`Falta ${inLanguage(what, 'pt')}.`, `${inLanguage(what, 'en')} is missing.`),
  superfluous: (words: readonly string[]) => both(`A mais: ${words.join(' ')}.`, `Superfluous: ${words.join(' ')}.`),
  unknownEnvironment: (given: string, known: readonly string[]) =>
    both(
      `O ambiente ${given} não existe: use ${oneOf('pt', known)}.`,
      `There is no environment ${given}: use ${oneOf('en', known)}.`,
    ),
  notOnPath: (program: string) =>
    both(`Instale o ${program}: ele não está no PATH.`, `Install ${program}: it is not on the PATH.`),
} as const;

function oneOf(language: string, choices: readonly string[]): string {
  return new Intl.ListFormat(language, { type: 'disjunction' }).format(choices);
}
