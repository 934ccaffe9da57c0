import { Refused } from 'command-line';
import type { Application } from 'platform';
import { applications } from 'platform/applications';
import { texts } from './delivery-texts.ts';

/** The word that names an application. */
export const applicationWord = { name: { pt: 'APLICAÇÃO', en: 'APPLICATION' }, read: readApplication } as const;

/** How the usage names a duration. */
export const secondsForm = { pt: 'SEGUNDOS', en: 'SECONDS' } as const;

/** Reads a number of seconds. @throws {Refused} if it is not a number, or negative */
export function readSeconds(given: string): number {
  if (!/^\d+(\.\d+)?$/.test(given)) throw new Refused(texts.needsSeconds(given));
  return Number(given);
}

/** Reads the value of an option such as `--drifted`. @throws {Refused} if it is neither `true` nor `false` */
export const readBoolean =
  (option: string) =>
  (given: string): boolean => {
    if (given !== 'true' && given !== 'false') throw new Refused(texts.needsBoolean(option));
    return given === 'true';
  };

/** How the usage names a version. */
export const versionForm = { pt: 'VERSÃO', en: 'VERSION' } as const;

/** Reads the name of a version, which is also a tag of its image. @throws {Refused} if it is not a valid tag */
export function readVersion(given: string): string {
  if (!/^\w[\w.-]{0,100}$/.test(given)) throw new Refused(texts.images.badVersion(given));
  return given;
}

function readApplication(given: string): Application {
  const application = applications.find(({ name }) => name === given);
  const known = applications.map(({ name }) => name).join(', ');
  if (!application) throw new Refused(texts.release.unknownApplication(given, known));
  return application;
}
