import { fieldMessages, type Language, problemMessages } from 'contract';
import type { Failure } from './api.ts';
import type { Mistake } from './form.ts';
import { texts } from './texts.ts';

/** What a person reads about a wrong field. */
export function mistakeMessage(mistake: Mistake, language: Language): string {
  return inWords(fieldMessages, mistake, language) ?? texts[language].unexpected;
}

/** What a person reads when there is no sum: what happened, and what to do. */
export function failureMessage(failure: Failure, language: Language): string {
  if (failure.code === 'offline' || failure.code === 'timeout') return texts[language][failure.code];
  return inWords(problemMessages, failure, language) ?? texts[language].unexpected;
}

/** The contract's words for a code, in the visitor's language; for a code that it does not know, the API's own. */
function inWords(
  known: Readonly<Record<string, Record<Language, string>>>,
  { code, detail }: { readonly code: string; readonly detail?: string },
  language: Language,
): string | undefined {
  return Object.hasOwn(known, code) ? known[code]?.[language] : detail;
}
