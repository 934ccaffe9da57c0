import type { Language } from 'contract';
import { texts } from './texts.ts';

const names = { pt: 'Português', en: 'English' } as const satisfies Record<Language, string>;

export function LanguageSwitch(props: { language: Language; onChange: (language: Language) => void }) {
  return (
    <nav className="languages" aria-label={texts[props.language].languageSwitch}>
      {(Object.keys(names) as Language[]).map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={language === props.language}
          onClick={() => props.onChange(language)}
        >
          {names[language]}
        </button>
      ))}
    </nav>
  );
}
