import { type Field, fieldMessages, type Language, problemMessages } from 'contract';
import type { Failure } from './api.ts';
import type { Mistake } from './form.ts';
import { seen } from './integer.ts';
import { texts } from './texts.ts';

/** What a person reads about a wrong field, in which `typed` stands. */
export function mistakeMessage(field: Field, typed: string, mistake: Mistake, language: Language): string {
  const text = texts[language];
  return `${text.error}: ${describe()}`;

  function describe() {
    const value = seen(typed);
    if (value === '') return text.missing[field];
    if (mistake.code === 'not_integer') return text.notInteger(shorten(value));
    return inWords(fieldMessages, mistake, language) ?? text.unexpected;
  }
}

/** What a person reads when there is no sum: what happened, and what to do. */
export function failureMessage(failure: Failure, language: Language): string {
  const { offline, timeout, unavailable, unexpected } = texts[language];
  const own: Readonly<Record<string, string>> = { offline, timeout, unavailable, unexpected };
  return (
    (Object.hasOwn(own, failure.code) ? own[failure.code] : inWords(problemMessages, failure, language)) ?? unexpected
  );
}

/** The contract's words for a code, in the visitor's language; for a code that it does not know, the API's own. */
function inWords(
  known: Readonly<Record<string, Record<Language, string>>>,
  { code, detail }: Mistake,
  language: Language,
): string | undefined {
  return (Object.hasOwn(known, code) && known[code]?.[language]) || detail || undefined;
}

/** As much of a text as a sentence can hold. */
function shorten(text: string): string {
  const characters = [...text];
  return characters.length > 24 ? `${characters.slice(0, 20).join('')}…` : text;
}
