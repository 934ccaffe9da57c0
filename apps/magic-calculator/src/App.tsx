import type { Language, SumRequest } from 'contract';
import { useEffect, useRef, useState } from 'react';
import { type Outcome, requestSum } from './api.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { emptyValues, readForm, remainingMistakes, type Values } from './form.ts';
import { LanguageSwitch } from './LanguageSwitch.tsx';
import { useLanguage } from './language.ts';
import { endOperation, keyOf } from './operations.ts';
import { mainScreen, type Screen, useVisit } from './screen.ts';
import { ErrorScreen } from './screens/error.tsx';
import { MainScreen } from './screens/main.tsx';
import { ResultScreen } from './screens/result.tsx';
import { texts } from './texts.ts';

/** The whole site. Its first render reads nothing from the browser, so that the build can prerender the empty form. */
export function App() {
  return (
    <ErrorBoundary>
      <Calculator />
    </ErrorBoundary>
  );
}

function Calculator() {
  const [language, setLanguage] = useLanguage();
  const { screen, moves, visit } = useVisit();
  const [isBusy, setIsBusy] = useState(false);
  // A ref, because the second click of a double click would still see the old state.
  const isSending = useRef(false);
  const [, throwInRender] = useState<never>();

  useEffect(() => {
    document.title = titleOf(screen, language);
  }, [screen, language]);

  async function submit(values: Values) {
    if (isSending.current) return;
    const form = readForm(values, language);
    if ('mistakes' in form) {
      visit.replace(mainScreen(values, form.mistakes));
      return;
    }
    // The browser's back button then leads to the form as it was sent.
    visit.update(mainScreen(values));
    await send(form.request, values);
  }

  /** Sends an operation, unless another one is in flight. */
  async function send(request: SumRequest, values: Values) {
    if (isSending.current) return;
    isSending.current = true;
    setIsBusy(true);
    const outcome = await requestSum(request, keyOf(request));
    isSending.current = false;
    setIsBusy(false);
    if (isFinished(outcome)) endOperation(request);

    // The visitor may be on another screen by now. A form or a result there stays in the history; an error is replaced.
    const { current } = visit;
    const isOverError = current.name === 'error';
    const show = (next: Screen) => (isOverError ? visit.replace(next) : visit.push(next));
    if ('resultado' in outcome) {
      show({ name: 'result', request });
    } else if ('failure' in outcome) {
      const isOverForm = isOverError ? current.isOverForm : current.name === 'main';
      show({ name: 'error', request, values, failure: outcome.failure, isOverForm });
    } else {
      const isSameForm = current.name === 'main' && JSON.stringify(current.values) === JSON.stringify(values);
      if (isSameForm) visit.replace(mainScreen(values, outcome.mistakes));
      else show(mainScreen(values, outcome.mistakes));
    }
  }

  /** Rethrows an exception during rendering, because an error boundary catches no others. */
  const guard = (work: Promise<void>) =>
    work.catch((error: unknown) =>
      throwInRender(() => {
        throw error;
      }),
    );

  const common = { language, hasMoved: moves > 0 };
  return (
    <>
      <LanguageSwitch language={language} onChange={setLanguage} />
      {/* Each move remounts the screen, so that it takes the focus and is announced again. */}
      <main className="card" key={moves}>
        {screen.name === 'main' && (
          <MainScreen
            {...common}
            values={screen.values}
            mistakes={screen.mistakes}
            isBusy={isBusy}
            onType={(name, value) =>
              visit.type(mainScreen({ ...screen.values, [name]: value }, remainingMistakes(screen.mistakes, name)))
            }
            onSubmit={() => guard(submit(screen.values))}
          />
        )}
        {screen.name === 'result' && (
          <ResultScreen
            {...common}
            request={screen.request}
            onAgain={() => visit.push(mainScreen({ ...emptyValues, nome: screen.request.nome }))}
          />
        )}
        {screen.name === 'error' && (
          <ErrorScreen
            {...common}
            failure={screen.failure}
            isBusy={isBusy}
            onRetry={() => guard(send(screen.request, screen.values))}
            onBack={() =>
              screen.isOverForm && history.length > 1 ? history.back() : visit.replace(mainScreen(screen.values))
            }
          />
        )}
      </main>
    </>
  );
}

/**
 * Whether the operation is finished, so that the same values start a new one: its sum was shown, or the API refused its
 * values or its key. After any other outcome, it is unknown whether it was stored.
 */
function isFinished(outcome: Outcome): boolean {
  return (
    !('failure' in outcome) || ['idempotency_key_reused', 'invalid_idempotency_key'].includes(outcome.failure.code)
  );
}

function titleOf(screen: Screen, language: Language): string {
  const { title, resultTitle, errorTitle, error } = texts[language];
  if (screen.name === 'result') return `${resultTitle} · ${title}`;
  if (screen.name === 'error') return `${errorTitle} · ${title}`;
  return Object.keys(screen.mistakes).length > 0 ? `${error} · ${title}` : title;
}
