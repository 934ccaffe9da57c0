import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentName } from 'platform';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const strict = { additionalProperties: false } as const;
const Both = Type.Object({ pt: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) }, strict);
const Time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d)?(Z|[+-]\\d\\d:\\d\\d)$' });
const Incidents = Type.Array(Type.Object({ since: Time, until: Type.Optional(Time), title: Both, text: Both }, strict));

/** The notices of an environment's status page, written by hand. */
export const incidentsFile = (environment: EnvironmentName): string =>
  join(import.meta.dirname, '../../environments', environment, 'incidents.json');

/** @throws Error that says in both languages what is wrong, and where */
export function checkIncidents(file: string): void {
  const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const [problem] = Value.Check(Incidents, found) ? wrongTimes(found) : Value.Errors(Incidents, found);
  if (!problem) return;
  const where = `${file}${problem.instancePath}`;
  const example =
    '{"since": "2026-11-28T10:00-03:00", "title": {"pt": "…", "en": "…"}, "text": {"pt": "…", "en": "…"}}';
  throw new Error(
    `${where} não é um aviso como ${example}: ${problem.message}\n${where} is not a notice such as ${example}: ${problem.message}`,
  );
}

interface Problem {
  readonly instancePath: string;
  readonly message: string;
}

/** Times of the right form. A time that no calendar or clock has would break the page, and so all that it says. */
function wrongTimes(incidents: Static<typeof Incidents>): readonly Problem[] {
  return incidents.flatMap(({ since, until }, index) => {
    const unreal = Object.entries({ since, until }).filter(([, time]) => time !== undefined && !isReal(time));
    const isBackwards = until !== undefined && Date.parse(until) < Date.parse(since);
    return [
      ...unreal.map(([key]) => ({ instancePath: `/${index}/${key}`, message: 'must be a time that exists' })),
      ...(isBackwards ? [{ instancePath: `/${index}/until`, message: 'must not be before "since"' }] : []),
    ];
  });
}

/** Some browsers take 31 February for 3 March, and others for no time. */
const isReal = (time: string): boolean =>
  !Number.isNaN(Date.parse(time)) && new Date(time.slice(0, 10)).getUTCDate() === Number(time.slice(8, 10));
