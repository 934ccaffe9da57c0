import { isSumRequest, type SumRequest } from 'contract';
import { useLayoutEffect, useState } from 'react';
import type { Failure } from './api.ts';
import { isMistake, isOptionalText, isRecord, parseJson } from './checks.ts';
import { emptyValues, fields, type Mistakes, type Values } from './form.ts';
import { randomId, tab } from './storage.ts';

/** A screen, with all the data needed to show it again after a reload or a step back. */
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
  /** The texts in the form from which `request` was read. */
  readonly values: Values;
  readonly failure: Failure;
  /** Whether the browser's back button leads to the form. */
  readonly isOverForm: boolean;
}

export function mainScreen(values: Values, mistakes: Mistakes = {}): MainScreen {
  return { name: 'main', values, mistakes };
}

/** The current screen, and the visit, which navigates between screens. */
export function useVisit(): Shown & { readonly visit: Visit } {
  const [shown, show] = useState<Shown>({ screen: mainScreen(emptyValues), moves: 0 });
  const [visit] = useState(() => new Visit(shown, show));
  useLayoutEffect(() => visit.begin(), [visit]);
  return { ...shown, visit };
}

interface Shown {
  readonly screen: Screen;
  /** Number of moves to another screen, or to the mistakes in the form. 0 on a page that has just been opened. */
  readonly moves: number;
}

/** State of a history entry. Entries that another release saved with another version are ignored. */
interface Entry {
  readonly version: typeof version;
  readonly id: string;
  readonly screen: Screen;
}
const version = 1;

// Safari refuses more than 100 history changes in 30 seconds, so typed text is saved on each keystroke in the tab's
// storage, with the id of its history entry. A history change while the page unloads would be too late.
const typedName = 'typed';

/**
 * Saves the screens in the browser's history, so that back, forward and reload work as expected and send nothing again.
 * A visit starts with an empty form, like the prerendered page; `begin` then restores the saved screen.
 */
class Visit {
  readonly #show: (shown: Shown) => void;
  #shown: Shown;
  #id = '';

  constructor(shown: Shown, show: (shown: Shown) => void) {
    this.#shown = shown;
    this.#show = show;
  }

  /** The current screen. Code that has awaited something reads it here, because its render may be outdated. */
  get current(): Screen {
    return this.#shown.screen;
  }

  /** Restores the saved screen, now and at each step through the history, until the returned function is called. */
  begin(): () => void {
    const early = earlyValues();
    this.#restore(isFreshVisit() ? undefined : savedEntry(), 0);
    const { current } = this;
    if (current.name === 'main' && Object.keys(early).length > 0) {
      this.type(mainScreen({ ...current.values, ...early }, current.mistakes));
    }
    const onPopState = () => this.#restore(savedEntry(), 1);
    addEventListener('popstate', onPopState);
    return () => removeEventListener('popstate', onPopState);
  }

  /** Shows another screen, with a new history entry: the browser's back button leads to the current one. */
  push(screen: Screen): void {
    this.#id = randomId();
    this.#save(screen, 'pushState');
    this.#move(screen, 1);
  }

  /** Replaces the current screen and its history entry. */
  replace(screen: Screen): void {
    this.update(screen, 1);
  }

  /** Updates the current screen and its history entry without a move. */
  update(screen: Screen, moves = 0): void {
    this.#save(screen, 'replaceState');
    tab.remove(typedName);
    this.#move(screen, moves);
  }

  /** Saves what the visitor types, also without a move. */
  type(screen: MainScreen): void {
    tab.set(typedName, JSON.stringify(this.#entry(screen)));
    this.#move(screen, 0);
  }

  #restore(saved: Entry | undefined, moves: number): void {
    this.#id = saved?.id ?? randomId();
    const screen = saved?.screen ?? mainScreen(emptyValues);
    if (!saved) this.#save(screen, 'replaceState');
    this.#move(screen, moves);
  }

  #entry(screen: Screen): Entry {
    return { version, id: this.#id, screen };
  }

  #save(screen: Screen, how: 'pushState' | 'replaceState'): void {
    try {
      history[how](this.#entry(screen), '');
    } catch {
      // Refused by the browser: the screen is shown anyway, but a reload does not restore it.
    }
  }

  #move(screen: Screen, moves: number): void {
    this.#shown = { screen, moves: this.#shown.moves + moves };
    this.#show(this.#shown);
  }
}

/** Values typed into the prerendered form before the script arrived. */
function earlyValues(): Partial<Values> {
  const inputs = fields.map((name) => [name, document.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value]);
  return Object.fromEntries(inputs.filter(([, value]) => value));
}

/** Whether the visitor came by an address or a link. If the address is the same, Chromium keeps `history.state`. */
function isFreshVisit(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation?.type === 'navigate';
}

function savedEntry(): Entry | undefined {
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
