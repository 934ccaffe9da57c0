import type { Language } from 'contract';
import { useEffect, useRef, useState } from 'react';
import { requestSum } from './api.ts';
import { emptyValues, type Mistakes, readForm, type Values } from './form.ts';
import { LanguageSwitch } from './LanguageSwitch.tsx';
import { useLanguage } from './language.ts';
import { type Screen, useScreen } from './screen.ts';
import { ErrorScreen } from './screens/error.tsx';
import { MainScreen } from './screens/main.tsx';
import { ResultScreen } from './screens/result.tsx';
import { texts } from './texts.ts';

export function App() {
  const [language, setLanguage] = useLanguage();
  const { screen, hasMoved, push, replace } = useScreen();
  const [mistakes, setMistakes] = useState<Mistakes>({});
  const [isBusy, setIsBusy] = useState(false);
  // State is read too late for the second click of a double click.
  const isSending = useRef(false);

  useEffect(() => {
    document.title = titleOf(screen, language);
  }, [screen, language]);

  /** One submit is one operation: while one is on its way, others are not sent. */
  async function submit(values: Values) {
    if (isSending.current) return;
    const form = readForm(values);
    setMistakes('mistakes' in form ? form.mistakes : {});
    if ('mistakes' in form) return;

    isSending.current = true;
    setIsBusy(true);
    const outcome = await requestSum(form.request);
    isSending.current = false;
    setIsBusy(false);

    // The browser's way back leads to the form as it was sent. From the error screen it already does.
    const isRetry = screen.name === 'error';
    if (!isRetry) replace({ name: 'main', values });
    const show = isRetry ? replace : push;
    if ('resultado' in outcome) show({ name: 'result', request: form.request, resultado: outcome.resultado });
    else if ('failure' in outcome) show({ name: 'error', values, failure: outcome.failure });
    else {
      setMistakes(outcome.mistakes);
      if (isRetry) replace({ name: 'main', values });
    }
  }

  const common = { language, hasMoved };
  return (
    <>
      <LanguageSwitch language={language} onChange={setLanguage} />
      <main className="card">
        {screen.name === 'main' && (
          <MainScreen
            {...common}
            // A step back to another main screen is another form.
            key={JSON.stringify(screen.values)}
            values={screen.values}
            mistakes={mistakes}
            isBusy={isBusy}
            onSubmit={submit}
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
            onRetry={() => submit(screen.values)}
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
