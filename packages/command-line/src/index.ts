/** Usage, arguments and errors of the repository's command lines: `pnpm infra`, `pnpm delivery` and the scripts. */
export * from './command.ts';
export * from './environment.ts';
export * from './errors.ts';
export * from './program.ts';
export * from './required-program.ts';
export { both, duration, fileForm, inLanguage, type Language, type Text } from './text.ts';
