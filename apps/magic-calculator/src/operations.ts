import type { SumRequest } from 'contract';
import { randomId, tab } from './storage.ts';

// An operation keeps its key from before it is sent until its answer is seen, so that it is stored once, whatever the visitor
// presses in between. It is known by its values. The keys are kept for the tab, not in an entry of its history: the visitor
// may come to the same values by a step back, by a reload, or by typing them once more.

/** The key of the operation with these values: the one that it was sent with, if no answer to that has been seen. */
export function keyOf(request: SumRequest): string {
  const name = nameOf(request);
  const kept = tab.get(name) ?? '';
  if (/^[\da-f]{32}$/.test(kept)) return kept;
  const key = randomId();
  tab.set(name, key);
  return key;
}

/** The same values are a new operation from now on. */
export function endOperation(request: SumRequest): void {
  tab.remove(nameOf(request));
}

function nameOf({ nome, operador1, operador2 }: SumRequest): string {
  return `operation:${JSON.stringify([nome, operador1, operador2])}`;
}
