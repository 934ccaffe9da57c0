/** Names and types shared by all parts of the repository. The list of applications is in `platform/applications`. */
export * from './application.ts';
export * from './environments.ts';
export * from './names.ts';
export * from './teams.ts';
