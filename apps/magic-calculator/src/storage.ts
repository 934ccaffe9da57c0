/**
 * A storage of the browser, with a fallback to memory where the browser refuses to store (some throw on access, some on
 * each write). Values in memory are lost when the page unloads.
 */
export function storage(open: () => Storage) {
  const memory = new Map<string, string>();
  return {
    get(name: string): string | undefined {
      try {
        return memory.get(name) ?? open().getItem(name) ?? undefined;
      } catch {
        return memory.get(name);
      }
    },
    set(name: string, value: string): void {
      try {
        open().setItem(name, value);
        memory.delete(name);
      } catch {
        memory.set(name, value);
      }
    },
    remove(name: string): void {
      memory.delete(name);
      try {
        open().removeItem(name);
      } catch {
        // A storage that refuses access has nothing to remove.
      }
    },
  };
}

/** Data of one tab. It survives a reload, and a duplicated tab starts with a copy. */
export const tab = storage(() => sessionStorage);

/** Data of the visitor, for all tabs and later visits. */
export const visitor = storage(() => localStorage);

/** A unique id: 128 random bits in hexadecimal. `crypto.randomUUID` is missing on plain HTTP and in old browsers. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
