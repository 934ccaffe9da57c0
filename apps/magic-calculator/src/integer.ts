import type { Language } from 'contract';

/** Thousands separators, as `formatInteger` writes them. */
const separators = { pt: '.', en: ',' } as const satisfies Record<Language, string>;

const digits = /^[+-]?\d+$/;
const grouped = /^[+-]?[1-9]\d{0,2}([ .,])\d{3}(\1\d{3})*$/;

/**
 * The integer that was typed or pasted, or undefined if it is not one. Never −0. Numbers beyond 2^53 are not exact, but
 * stay beyond it.
 *
 * Digits may be grouped in threes, with the same separator throughout. A single comma or point could also be the
 * decimal separator, so it must be the thousands separator of the language: "1.234" is an integer only in Portuguese,
 * "1,234" only in English. Two or more of them, or spaces, can only separate thousands.
 */
export function readInteger(typed: string, language: Language): number | undefined {
  let text = normalised(typed);
  const [, separator, more] = grouped.exec(text) ?? [];
  if (separator && (more || separator === ' ' || separator === separators[language])) {
    text = text.replaceAll(separator, '');
  }
  if (!digits.test(text)) return undefined;
  // Without the limits, 400 digits would become Infinity, and the contract would report no integer instead of too
  // large.
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(text))) + 0;
}

/**
 * The text without surrounding blanks and without invisible characters, which are often copied along. U+202E stays,
 * because it reverses what is seen: it shows "12" as "21".
 */
export function visible(text: string): string {
  return text.replace(/(?!\u202e)\p{Cf}/gu, '').trim();
}

/** Replaces full-width characters, true minus signs, dashes and other spaces with their ASCII counterparts. */
function normalised(text: string): string {
  return (
    visible(text)
      .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
      .replace(/[−–]/g, '-')
      .replace(/\p{Zs}/gu, ' ')
      // The result screen puts a negative operand in parentheses.
      .replace(/^\((-.+)\)$/, '$1')
  );
}
