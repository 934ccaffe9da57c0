/** A semaphore with a bounded FIFO queue. */
export class Slots {
  readonly #maximum: number;
  readonly #longestQueue: number;
  readonly #queue = new Set<() => void>();
  #used = 0;

  constructor(maximum: number, longestQueue: number) {
    this.#maximum = maximum;
    this.#longestQueue = longestQueue;
  }

  get used(): number {
    return this.#used;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Takes a slot if one is free. */
  tryTake(): boolean {
    if (this.#used >= this.#maximum) return false;
    this.#used++;
    return true;
  }

  /**
   * Takes a slot, and waits for one if none is free. Return it with {@link give}.
   *
   * @throws at once if the queue is full, or the signal's reason if it aborts first; the caller then leaves the queue
   */
  async take(signal: AbortSignal): Promise<void> {
    if (this.tryTake()) return;
    if (this.#queue.size >= this.#longestQueue) throw new Error('Too many requests are waiting for a connection');
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#queue.delete(enter);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.add(enter);
    });
  }

  /** Returns a slot, which goes to the caller that has waited longest. */
  give(): void {
    const [first] = this.#queue;
    if (first === undefined) {
      this.#used--;
    } else {
      this.#queue.delete(first);
      first();
    }
  }
}
