import type { SumRequest } from 'contract';
import { useEffect, useState } from 'react';
import type { Failure } from './api.ts';
import { emptyValues, type Mistakes, type Values } from './form.ts';

/** What is shown, with all that it takes to show it again after a reload or a step back. */
export type Screen =
  | { readonly name: 'main'; readonly values: Values; readonly mistakes?: Mistakes }
  | { readonly name: 'result'; readonly request: SumRequest; readonly resultado: number }
  | { readonly name: 'error'; readonly values: Values; readonly failure: Failure; readonly key?: string };

export interface Navigation {
  readonly screen: Screen;
  /** How often the visitor has moved from screen to screen: 0 on a page that has just been opened. */
  readonly moves: number;
  /** Goes on to a screen: the browser's own way back leads to the present one. */
  readonly push: (screen: Screen) => void;
  /** Puts a screen in the place of the present one. */
  readonly replace: (screen: Screen) => void;
  /** Changes what the present screen keeps, which is no move. */
  readonly amend: (screen: Screen) => void;
}

/** The screen kept in the browser's history, so that back, forward and reload do what people expect and send nothing again. */
export function useScreen(): Navigation {
  const [screen, setScreen] = useState<Screen>({ name: 'main', values: emptyValues });
  const [moves, setMoves] = useState(-1);
  useEffect(() => {
    if (history.state === null) return;
    setScreen(currentScreen());
    setMoves(0);
  }, []);

  const move = (next: Screen) => {
    setScreen(next);
    setMoves((count) => Math.max(count, 0) + 1);
  };
  useEffect(() => {
    const onPopState = () => {
      setScreen(currentScreen());
      setMoves((count) => Math.max(count, 0) + 1);
    };
    addEventListener('popstate', onPopState);
    return () => removeEventListener('popstate', onPopState);
  }, []);

  return {
    screen,
    moves,
    push: (next) => {
      history.pushState(next, '');
      move(next);
    },
    replace: (next) => {
      history.replaceState(next, '');
      move(next);
    },
    amend: (next) => {
      history.replaceState(next, '');
      setScreen(next);
    },
  };
}

/** The screen that the browser's history is at, which code that has waited cannot know from a render. */
export function currentScreen(): Screen {
  return (history.state as Screen | null) ?? { name: 'main', values: emptyValues };
}
