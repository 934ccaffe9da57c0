import { isSumRequest, type SumRequest } from 'contract';
import { useLayoutEffect, useState } from 'react';
import type { Failure } from './api.ts';
import { isMistake, isOptionalText, isRecord, parseJson } from './checks.ts';
import { emptyValues, fields, type Mistakes, type Values } from './form.ts';
import { randomId, tab } from './storage.ts';

/** What is shown, with all that it takes to show it again after a reload or a step back. */
export type Screen = MainScreen | ResultScreen | ErrorScreen;

export interface MainScreen {
  readonly name: 'main';
  readonly values: Values;
  readonly mistakes: Mistakes;
}
export interface ResultScreen {
  readonly name: 'result';
  readonly request: SumRequest;
}
export interface ErrorScreen {
  readonly name: 'error';
  readonly request: SumRequest;
  /** What `request` was read from. */
  readonly values: Values;
  readonly failure: Failure;
  /** Whether the browser's own way back leads to the form. */
  readonly isOverForm: boolean;
}

/** A form with these values, of which none has been found wrong. */
export function mainScreen(values: Values, mistakes: Mistakes = {}): MainScreen {
  return { name: 'main', values, mistakes };
}

/** The screen shown, and the visit that leads from one to another. */
export function useVisit(): Shown & { readonly visit: Visit } {
  const [shown, show] = useState<Shown>({ screen: mainScreen(emptyValues), moves: 0 });
  const [visit] = useState(() => new Visit(shown, show));
  useLayoutEffect(() => visit.begin(), [visit]);
  return { ...shown, visit };
}

interface Shown {
  readonly screen: Screen;
  /** How often the visitor was led to another screen, or to what is wrong in the form: 0 on a page that has just been opened. */
  readonly moves: number;
}

/** An entry of the browser's history. What another release of this site kept in another version is not read. */
interface Entry {
  readonly version: typeof version;
  readonly id: string;
  readonly screen: Screen;
}
const version = 1;

// Safari refuses more than 100 changes of the history in 30 seconds, so what is typed is kept, letter by letter, in the tab's
// storage, for the entry of the history with the same id. A change of the history while the page goes away comes too late.
const typedName = 'typed';

/**
 * The screens kept in the browser's history, so that back, forward and reload do what people expect and send nothing again.
 * A visit begins with an empty form, as the page may have been rendered elsewhere; what the browser has kept follows.
 */
class Visit {
  readonly #show: (shown: Shown) => void;
  #shown: Shown;
  #id = '';

  constructor(shown: Shown, show: (shown: Shown) => void) {
    this.#shown = shown;
    this.#show = show;
  }

  /** The screen that the visitor is at, which code that has waited cannot know from a render. */
  get present(): Screen {
    return this.#shown.screen;
  }

  /** Shows what the browser has kept, now and at each step through its history, until the returned function is called. */
  begin(): () => void {
    const early = earlyValues();
    this.#enter(isFreshVisit() ? undefined : keptEntry(), 0);
    const { present } = this;
    if (present.name === 'main' && Object.keys(early).length > 0) {
      this.type(mainScreen({ ...present.values, ...early }, present.mistakes));
    }
    const onPopState = () => this.#enter(keptEntry(), 1);
    addEventListener('popstate', onPopState);
    return () => removeEventListener('popstate', onPopState);
  }

  /** Goes on to a screen: the browser's own way back leads to the present one. */
  push(screen: Screen): void {
    this.#id = randomId();
    this.#keep(screen, 'pushState');
    this.#move(screen, 1);
  }

  /** Puts a screen in the place of the present one. */
  replace(screen: Screen): void {
    this.amend(screen, 1);
  }

  /** Changes what the present entry of the history keeps, which is no move. */
  amend(screen: Screen, moves = 0): void {
    this.#keep(screen, 'replaceState');
    tab.remove(typedName);
    this.#move(screen, moves);
  }

  /** Keeps what the visitor types, which is no move either. */
  type(screen: MainScreen): void {
    tab.set(typedName, JSON.stringify(this.#entry(screen)));
    this.#move(screen, 0);
  }

  #enter(kept: Entry | undefined, moves: number): void {
    this.#id = kept?.id ?? randomId();
    const screen = kept?.screen ?? mainScreen(emptyValues);
    if (!kept) this.#keep(screen, 'replaceState');
    this.#move(screen, moves);
  }

  #entry(screen: Screen): Entry {
    return { version, id: this.#id, screen };
  }

  #keep(screen: Screen, how: 'pushState' | 'replaceState'): void {
    try {
      history[how](this.#entry(screen), '');
    } catch {
      // Refused by the browser: the screen is shown all the same, and a reload does not find it.
    }
  }

  #move(screen: Screen, moves: number): void {
    this.#shown = { screen, moves: this.#shown.moves + moves };
    this.#show(this.#shown);
  }
}

/** What was typed before the script came, into a form that the page was built with. */
function earlyValues(): Partial<Values> {
  const inputs = fields.map((name) => [name, document.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value]);
  return Object.fromEntries(inputs.filter(([, value]) => value));
}

/** Whether the visitor came by an address or a link, not by a reload or a step. Chromium keeps the state if it was this page's. */
function isFreshVisit(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation?.type === 'navigate';
}

function keptEntry(): Entry | undefined {
  const entry: unknown = history.state;
  if (!isEntry(entry)) return undefined;
  const typed = parseJson(tab.get(typedName) ?? '');
  return isEntry(typed) && typed.id === entry.id ? typed : entry;
}

function isEntry(value: unknown): value is Entry {
  return isRecord(value) && value.version === version && typeof value.id === 'string' && isScreen(value.screen);
}

function isScreen(value: unknown): value is Screen {
  if (!isRecord(value)) return false;
  const { name, values, mistakes, request, failure } = value;
  if (name === 'main') return isValues(values) && isMistakes(mistakes);
  if (name === 'result') return isSumRequest(request);
  return name === 'error' && isSumRequest(request) && isValues(values) && isFailure(failure);
}

function isValues(value: unknown): value is Values {
  return isRecord(value) && fields.every((name) => typeof value[name] === 'string');
}

function isMistakes(value: unknown): value is Mistakes {
  return isRecord(value) && fields.every((name) => value[name] === undefined || isMistake(value[name]));
}

function isFailure(value: unknown): value is Failure {
  return isMistake(value) && isOptionalText((value as Failure).requestId);
}
