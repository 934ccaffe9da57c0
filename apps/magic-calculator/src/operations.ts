import type { SumRequest } from 'contract';
import { randomId, tab } from './storage.ts';

// An operation keeps its idempotency key until its result is known, so that it is stored once, however often the
// visitor sends it. Its values identify it. Keys are saved for the tab, not in a history entry, because the visitor may
// get to the same values by going back, by a reload or by typing them again.

/** The key for these values: the one that they were last sent with, unless that operation has ended. */
export function keyOf(request: SumRequest): string {
  const name = storageNameOf(request);
  const saved = tab.get(name) ?? '';
  if (/^[\da-f]{32}$/.test(saved)) return saved;
  const key = randomId();
  tab.set(name, key);
  return key;
}

/** Forgets the key: from now on, the same values are a new operation. */
export function endOperation(request: SumRequest): void {
  tab.remove(storageNameOf(request));
}

function storageNameOf({ nome, operador1, operador2 }: SumRequest): string {
  return `operation:${JSON.stringify([nome, operador1, operador2])}`;
}
