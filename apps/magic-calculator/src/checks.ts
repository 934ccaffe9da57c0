import type { Mistake } from './form.ts';

// Data from outside this page is `unknown` until one of these has checked it: responses, and data saved in the browser,
// perhaps by another release of the site.

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isMistake(value: unknown): value is Mistake {
  return isRecord(value) && typeof value.code === 'string' && isOptionalText(value.detail);
}

export function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/** The parsed value, or undefined if the text is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
