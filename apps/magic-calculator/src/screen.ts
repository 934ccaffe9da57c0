import type { SumRequest } from 'contract';
import { useEffect, useState } from 'react';
import type { Failure } from './api.ts';
import { emptyValues, type Values } from './form.ts';

/** What is shown, with all that it takes to show it again after a reload or a step back. */
export type Screen =
  | { readonly name: 'main'; readonly values: Values }
  | { readonly name: 'result'; readonly request: SumRequest; readonly resultado: number }
  | { readonly name: 'error'; readonly values: Values; readonly failure: Failure };

export interface Navigation {
  readonly screen: Screen;
  /** False until the visitor has moved: a page that has just been opened does not take the focus. */
  readonly hasMoved: boolean;
  /** Goes on to a screen: the browser's own way back leads to the present one. */
  readonly push: (screen: Screen) => void;
  /** Puts a screen in the place of the present one. */
  readonly replace: (screen: Screen) => void;
}

/** The screen kept in the browser's history, so that back, forward and reload do what people expect and send nothing again. */
export function useScreen(): Navigation {
  const [screen, setScreen] = useState(currentScreen);
  const [hasMoved, setHasMoved] = useState(false);

  const show = (next: Screen) => {
    setScreen(next);
    setHasMoved(true);
  };
  useEffect(() => {
    const onPopState = () => {
      setScreen(currentScreen());
      setHasMoved(true);
    };
    addEventListener('popstate', onPopState);
    return () => removeEventListener('popstate', onPopState);
  }, []);

  return {
    screen,
    hasMoved,
    push: (next) => {
      history.pushState(next, '');
      show(next);
    },
    replace: (next) => {
      history.replaceState(next, '');
      show(next);
    },
  };
}

function currentScreen(): Screen {
  return (history.state as Screen | null) ?? { name: 'main', values: emptyValues };
}
