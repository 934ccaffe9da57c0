/** The stand-in providers know what AWS refuses by this module alone. */
export * from '../rules/index.ts';
