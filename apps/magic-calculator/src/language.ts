import type { Language } from 'contract';
import { useEffect, useLayoutEffect, useState } from 'react';
import { visitor } from './storage.ts';

const storageKey = 'language';
const locales = { pt: 'pt-BR', en: 'en' } as const satisfies Record<Language, string>;

/** The visitor's last choice, else the browser's language, else Portuguese. */
export function preferredLanguage(): Language {
  const wanted = [visitor.get(storageKey), ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase());
  return (wanted.find((tag) => tag !== undefined && tag in locales) as Language | undefined) ?? 'pt';
}

/** The current language and a setter that remembers the choice. The first render, also the prerendered one, is `pt`. */
export function useLanguage(): [Language, (language: Language) => void] {
  const [language, setLanguage] = useState<Language>('pt');
  useLayoutEffect(() => setLanguage(preferredLanguage()), []);
  useEffect(() => declareLanguage(language), [language]);
  return [
    language,
    (chosen) => {
      setLanguage(chosen);
      visitor.set(storageKey, chosen);
    },
  ];
}

/** Tells browsers and screen readers the language of the page. */
export function declareLanguage(language: Language): void {
  document.documentElement.lang = locales[language];
}

/** Formats an integer for the language, with a true minus sign. */
export function formatInteger(value: number, language: Language): string {
  return new Intl.NumberFormat(locales[language]).format(value).replace('-', '−');
}
