import { type Field, fieldMessages, type Language, problemMessages } from 'contract';
import type { Failure } from './api.ts';
import type { Mistake } from './form.ts';
import { visible } from './integer.ts';
import { texts } from './texts.ts';

/** The message for an invalid field that contains `typed`. */
export function mistakeMessage(field: Field, typed: string, mistake: Mistake, language: Language): string {
  const text = texts[language];
  return `${text.error}: ${describe()}`;

  function describe() {
    const value = visible(typed);
    if (value === '') return text.missing[field];
    if (mistake.code === 'not_integer') return text.notInteger(shorten(value));
    return messageOf(fieldMessages, mistake, language) ?? text.unexpected;
  }
}

/** The message for a failure: what happened and what to do. */
export function failureMessage(failure: Failure, language: Language): string {
  const { offline, timeout, unavailable, unexpected } = texts[language];
  const own: Readonly<Record<string, string>> = { offline, timeout, unavailable, unexpected };
  return (
    (Object.hasOwn(own, failure.code) ? own[failure.code] : messageOf(problemMessages, failure, language)) ?? unexpected
  );
}

/** The contract's message for a code, in the visitor's language. For a code that the contract lacks, the API's own. */
function messageOf(
  known: Readonly<Record<string, Record<Language, string>>>,
  { code, detail }: Mistake,
  language: Language,
): string | undefined {
  return known[code]?.[language] || detail || undefined;
}

/** Shortens a long text so that it fits into a sentence. */
function shorten(text: string): string {
  const characters = [...text];
  return characters.length > 24 ? `${characters.slice(0, 20).join('')}…` : text;
}
