/**
 * A storage of the browser. Where the browser keeps nothing for this site (some throw at the first look, some at each write),
 * memory takes its place: what is kept there ends with the page.
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
        // Then it is not there either.
      }
    },
  };
}

/** What belongs to one tab: it survives a reload, and a duplicate of the tab begins with a copy. */
export const tab = storage(() => sessionStorage);

/** What belongs to the visitor. */
export const visitor = storage(() => localStorage);

/** A name that no other thing has: 128 random bits. `crypto.randomUUID` is missing on plain HTTP and in old browsers. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
