import { type EnvironmentName, environmentNames } from 'platform';
import { Refused } from './errors.ts';
import { texts } from './texts.ts';

/** The word that names an environment. */
export const environmentWord = { name: environmentNames.join('|'), read: readEnvironment } as const;

function readEnvironment(given: string): EnvironmentName {
  const environment = environmentNames.find((known) => known === given);
  if (!environment) throw new Refused(texts.unknownEnvironment(given, environmentNames));
  return environment;
}
