import type { Language } from 'contract';
import { useEffect, useState } from 'react';

const storageKey = 'language';
const locales = { pt: 'pt-BR', en: 'en' } as const satisfies Record<Language, string>;

/** The language of the visitor's last choice, else of the browser, else Portuguese. */
function preferredLanguage(): Language {
  const wanted = [readChoice(), ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase());
  return (wanted.find((tag) => tag !== undefined && tag in locales) as Language | undefined) ?? 'pt';
}

/** The language shown, and a way to choose another, which is remembered. */
export function useLanguage(): [Language, (language: Language) => void] {
  const [language, setLanguage] = useState<Language>('pt');
  useEffect(() => setLanguage(preferredLanguage()), []);
  useEffect(() => {
    document.documentElement.lang = locales[language];
  }, [language]);
  return [
    language,
    (chosen) => {
      setLanguage(chosen);
      rememberChoice(chosen);
    },
  ];
}

/** A whole number as people of that language write it, with a true minus sign. */
export function formatInteger(value: number, language: Language): string {
  return new Intl.NumberFormat(locales[language]).format(value).replace('-', '−');
}

// A browser that keeps nothing for this site throws; the choice then lasts until the page is closed.
function readChoice(): string | undefined {
  try {
    return localStorage.getItem(storageKey) ?? undefined;
  } catch {
    return undefined;
  }
}

function rememberChoice(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // See above.
  }
}
