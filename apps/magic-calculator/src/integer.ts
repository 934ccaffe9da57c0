import type { Language } from 'contract';

/** What stands between groups of three digits, as `formatInteger` writes them. */
const separators = { pt: '.', en: ',' } as const satisfies Record<Language, string>;

const digits = /^[+-]?\d+$/;
const grouped = /^[+-]?[1-9]\d{0,2}([ .,])\d{3}(\1\d{3})*$/;

/**
 * The integer that was typed or pasted, or undefined for what is none. Never −0; not exact beyond 2^53, but then still beyond it.
 *
 * Groups of three may stand apart, all by the same sign. One comma or point alone may also begin decimals: it is read as the
 * page itself would write it, so "1.234" is an integer in Portuguese alone and "1,234" in English alone. Two of them, or
 * spaces, can only separate groups.
 */
export function readInteger(typed: string, language: Language): number | undefined {
  let text = plain(typed);
  const [, separator, more] = grouped.exec(text) ?? [];
  if (separator && (more || separator === ' ' || separator === separators[language])) {
    text = text.replaceAll(separator, '');
  }
  if (!digits.test(text)) return undefined;
  // Infinity would be no integer to the contract, where four hundred digits are just too large a number.
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(text))) + 0;
}

/**
 * A text as it is seen: without blanks around it and without invisible marks, which come along when people copy. The mark that
 * turns digits around (U+202E) stays: with it "12" is seen as "21".
 */
export function seen(text: string): string {
  return text.replace(/(?!\u202e)\p{Cf}/gu, '').trim();
}

/** With ASCII digits, signs and spaces, in place of the full-width ones, true minus signs, dashes and spaces of other widths. */
function plain(text: string): string {
  return (
    seen(text)
      .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
      .replace(/[−–]/g, '-')
      .replace(/\p{Zs}/gu, ' ')
      // The result screen puts a negative operand in parentheses.
      .replace(/^\((-.+)\)$/, '$1')
  );
}
