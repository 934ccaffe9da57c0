import type { Language } from 'contract';
import { useEffect, useRef, useState } from 'react';
import { requestSum } from './api.ts';
import { emptyValues, readForm, type Values } from './form.ts';
import { LanguageSwitch } from './LanguageSwitch.tsx';
import { useLanguage } from './language.ts';
import { currentScreen, type Screen, useScreen } from './screen.ts';
import { ErrorScreen } from './screens/error.tsx';
import { MainScreen } from './screens/main.tsx';
import { ResultScreen } from './screens/result.tsx';
import { texts } from './texts.ts';

export function App() {
  const [language, setLanguage] = useLanguage();
  const { screen, moves, push, replace, amend } = useScreen();
  const [isBusy, setIsBusy] = useState(false);
  // State is read too late for the second click of a double click.
  const isSending = useRef(false);

  useEffect(() => {
    document.title = titleOf(screen, language);
  }, [screen, language]);

  /**
   * One submit is one operation: while one is on its way, others are not sent. A retry has the key of what it tries again, so
   * that the operation is stored once. Browsers make keys on safe connections alone.
   */
  async function submit(values: Values, key: string | undefined = crypto.randomUUID?.()) {
    if (isSending.current) return;
    const form = readForm(values);
    if ('mistakes' in form) {
      amend({ name: 'main', values, mistakes: form.mistakes });
      return;
    }
    // The browser's way back leads to the form as it was sent. From the error screen it already does.
    if (screen.name === 'main') amend({ name: 'main', values });

    isSending.current = true;
    setIsBusy(true);
    const outcome = await requestSum(form.request, key);
    isSending.current = false;
    setIsBusy(false);

    // The visitor may have gone back meanwhile: a form or a result found there is kept, an error has had its time.
    const present = currentScreen().name;
    const show = present === 'error' ? replace : push;
    if ('resultado' in outcome) show({ name: 'result', request: form.request, resultado: outcome.resultado });
    else if ('failure' in outcome) show({ name: 'error', values, failure: outcome.failure, ...(key && { key }) });
    else (present === 'result' ? push : replace)({ name: 'main', values, mistakes: outcome.mistakes });
  }

  const common = { language, hasMoved: moves > 0 };
  return (
    <>
      <LanguageSwitch language={language} onChange={setLanguage} />
      {/* Each move makes the screen anew: another form forgets what the last one held, and a second failure is told again. */}
      <main className="card" key={moves}>
        {screen.name === 'main' && (
          <MainScreen
            {...common}
            values={screen.values}
            mistakes={screen.mistakes ?? {}}
            isBusy={isBusy}
            onSubmit={(values) => submit(values)}
          />
        )}
        {screen.name === 'result' && (
          <ResultScreen
            {...common}
            request={screen.request}
            resultado={screen.resultado}
            onAgain={() => push({ name: 'main', values: { ...emptyValues, nome: screen.request.nome } })}
          />
        )}
        {screen.name === 'error' && (
          <ErrorScreen
            {...common}
            failure={screen.failure}
            isBusy={isBusy}
            onRetry={() => submit(screen.values, screen.key)}
            onBack={() => history.back()}
          />
        )}
      </main>
    </>
  );
}

function titleOf({ name }: Screen, language: Language): string {
  const { title, resultTitle, errorTitle } = texts[language];
  if (name === 'main') return title;
  return `${name === 'result' ? resultTitle : errorTitle} · ${title}`;
}
