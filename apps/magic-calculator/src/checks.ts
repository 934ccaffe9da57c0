import type { Mistake } from './form.ts';

// What comes from outside this page is `unknown` until one of these has looked at it: answers, and what the browser has kept,
// perhaps for another release of this site.

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isMistake(value: unknown): value is Mistake {
  return isRecord(value) && typeof value.code === 'string' && isOptionalText(value.detail);
}

export function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/** The value that a text of JSON stands for; undefined for a text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
