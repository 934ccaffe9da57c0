import { type Application, type EnvironmentName, environmentNames } from 'platform';
import { applications } from 'platform/applications';
import { Refused } from './command.ts';
import { texts } from './delivery-texts.ts';

/** Finds an application by name. @throws {Refused} if there is none */
export function applicationOf(name: string | undefined): Application {
  const application = applications.find((known) => known.name === name);
  const known = applications.map((some) => some.name).join(', ');
  if (!application) throw new Refused(texts.release.unknownApplication(name ?? '?', known));
  return application;
}

/** Finds an environment by name. @throws {Refused} if there is none */
export function environmentOf(name: string | undefined): EnvironmentName {
  const environment = environmentNames.find((known) => known === name);
  if (!environment) throw new Refused(texts.release.unknownEnvironment(name ?? '?'));
  return environment;
}
