import type { Language, SumRequest } from 'contract';
import { useEffect, useRef, useState } from 'react';
import { type Outcome, requestSum } from './api.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { emptyValues, otherMistakes, readForm, type Values } from './form.ts';
import { LanguageSwitch } from './LanguageSwitch.tsx';
import { useLanguage } from './language.ts';
import { endOperation, keyOf } from './operations.ts';
import { mainScreen, type Screen, useVisit } from './screen.ts';
import { ErrorScreen } from './screens/error.tsx';
import { MainScreen } from './screens/main.tsx';
import { ResultScreen } from './screens/result.tsx';
import { texts } from './texts.ts';

/** The whole site. Its first render reads nothing of the browser, so that a page can be built with the empty form in it. */
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
  // State is read too late for the second click of a double click.
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
    // The browser's way back leads to the form as it was sent.
    visit.amend(mainScreen(values));
    await send(form.request, values);
  }

  /** While one operation is on its way, others are not sent. */
  async function send(request: SumRequest, values: Values) {
    if (isSending.current) return;
    isSending.current = true;
    setIsBusy(true);
    const outcome = await requestSum(request, keyOf(request));
    isSending.current = false;
    setIsBusy(false);
    if (isAnswered(outcome)) endOperation(request);

    // The visitor may have gone elsewhere meanwhile: a form or a result found there is kept, an error has had its time.
    const { present } = visit;
    const isOverError = present.name === 'error';
    const show = (next: Screen) => (isOverError ? visit.replace(next) : visit.push(next));
    if ('resultado' in outcome) {
      show({ name: 'result', request });
    } else if ('failure' in outcome) {
      const isOverForm = isOverError ? present.isOverForm : present.name === 'main';
      show({ name: 'error', request, values, failure: outcome.failure, isOverForm });
    } else {
      const isSameForm = present.name === 'main' && JSON.stringify(present.values) === JSON.stringify(values);
      if (isSameForm) visit.replace(mainScreen(values, outcome.mistakes));
      else show(mainScreen(values, outcome.mistakes));
    }
  }

  /** Leads an exception to the error boundary, which sees those of rendering alone. */
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
      {/* Each move makes the screen anew, so that it takes the focus and is told again. */}
      <main className="card" key={moves}>
        {screen.name === 'main' && (
          <MainScreen
            {...common}
            values={screen.values}
            mistakes={screen.mistakes}
            isBusy={isBusy}
            onType={(name, value) =>
              visit.type(mainScreen({ ...screen.values, [name]: value }, otherMistakes(screen.mistakes, name)))
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
 * Whether an operation is done, so that the same values are a new one: its sum was seen, or it was refused for what it is, or
 * for its key. After any other answer nobody knows whether it was stored.
 */
function isAnswered(outcome: Outcome): boolean {
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
