import { Refused } from 'command-line';
import { parse } from 'yaml';
import { texts } from './delivery-texts.ts';

/** A vulnerability that does not block a release for some time. */
export interface Waiver {
  readonly vulnerability: string;
  /** The last day, in UTC: `2026-12-31`. */
  readonly until: string;
  readonly reason: string;
}

/** Reads the list of waivers from YAML. @throws {Refused} if a line lacks something or has an impossible date */
export function readWaivers(yaml: string): Waiver[] {
  const { waivers } = (parse(yaml) ?? {}) as { readonly waivers?: unknown };
  if (!Array.isArray(waivers)) throw new Refused(texts.waivers.noList);
  return waivers.map((waiver) => {
    if (!isWaiver(waiver)) throw new Refused(texts.waivers.incomplete(JSON.stringify(waiver)));
    return waiver;
  });
}

/** Whether a waiver no longer counts. @param today such as `2026-12-31` */
export const isExpired = ({ until }: Waiver, today: string): boolean => until < today;

/** Settings of Grype, the scanner, that leave out the vulnerabilities. It reads them from `.grype.yaml`. */
export const grypeSettings = (waivers: readonly Waiver[]): string =>
  `${JSON.stringify({ ignore: waivers.map(({ vulnerability, reason }) => ({ vulnerability, reason })) })}\n`;

function isWaiver(some: unknown): some is Waiver {
  const { reason, until, vulnerability } = (some ?? {}) as Record<string, unknown>;
  return [vulnerability, reason].every((text) => typeof text === 'string' && text.trim() !== '') && isDate(until);
}

function isDate(some: unknown): boolean {
  if (typeof some !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(some)) return false;
  const date = new Date(`${some}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(some);
}
