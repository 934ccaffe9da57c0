/** The words that infrastructure, delivery, development and tests share. The list of applications is `platform/applications`. */
export * from './application.ts';
export * from './environments.ts';
export * from './names.ts';
export * from './teams.ts';
