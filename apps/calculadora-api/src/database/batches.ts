import { Overloaded, StorageUnavailable } from '../domain/operations.ts';

export interface BatchLimits {
  /** Maximum number of items in one batch. */
  size: number;
  /** Maximum number of batches in progress at once. */
  concurrent: number;
  /** Maximum number of items waiting for a batch. Further items are refused at once. */
  waiting: number;
  /** Milliseconds that an item may wait for its batch to start. */
  waitTimeout: number;
  /** Milliseconds that an item may take in all before it is rejected, even if its batch is not finished. */
  answerTimeout: number;
}

/** Stores a batch atomically. Resolves to one outcome per item: `undefined` if it succeeded, or its error. */
export type Store<Item> = (items: readonly Item[]) => Promise<readonly (Error | undefined)[]>;

interface Waiting<Item> {
  readonly item: Item;
  /** Until when its batch must have started. */
  readonly deadline: number;
  readonly answerBy: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: items that arrive while a batch is being stored are stored together in the next one. An item never
 * waits for a batch to fill: if no batch is in progress, it is stored at once, alone. First in, first out.
 */
export class Batches<Item> {
  readonly #store: Store<Item>;
  readonly #isRefusal: (error: unknown) => boolean;
  readonly #limits: BatchLimits;
  #queue: Waiting<Item>[] = [];
  #inProgress = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param isRefusal whether an error of `store` means that the batch has an item that can never be stored */
  constructor(store: Store<Item>, isRefusal: (error: unknown) => boolean, limits: BatchLimits) {
    this.#store = store;
    this.#isRefusal = isRefusal;
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Resolves once the item is stored.
   *
   * @throws {Overloaded} if the queue is full, or the item's batch did not start in time; the item was not stored
   * @throws {StorageUnavailable} if it took too long; it is unknown whether the item was stored
   * @throws the item's own error from `store`
   */
  add(item: Item): Promise<void> {
    if (this.#queue.length >= this.#limits.waiting) return Promise.reject(new Overloaded());
    return new Promise((resolve, reject) => {
      const { answerTimeout, waitTimeout } = this.#limits;
      const now = performance.now();
      this.#queue.push({ item, deadline: now + waitTimeout, answerBy: now + answerTimeout, resolve, reject });
      if (this.#inProgress < this.#limits.concurrent) void this.#storeQueue();
      else this.#timer ??= setTimeout(() => this.#rejectExpired(), waitTimeout);
    });
  }

  /** Stores batch after batch until the queue is empty. */
  async #storeQueue(): Promise<void> {
    this.#inProgress++;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#limits.size);
      const finish = this.#limitTime(batch);
      await this.#storeAll(batch);
      finish();
    }
    this.#inProgress--;
  }

  /** Stores a batch. If the database refuses it, stores each half by itself, so that only the refused item fails. */
  async #storeAll(batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      const outcomes = await this.#store(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const error = outcomes[index];
        if (error === undefined) resolve();
        else reject(error);
      });
    } catch (error) {
      if (batch.length > 1 && this.#isRefusal(error)) {
        const half = batch.length >> 1;
        await this.#storeAll(batch.slice(0, half));
        await this.#storeAll(batch.slice(half));
      } else {
        rejectAll(batch, error as Error);
      }
    }
  }

  /**
   * Rejects each item of a batch whose time is over. The database may still store it.
   *
   * @returns what ends this
   */
  #limitTime(batch: readonly Waiting<Item>[]): () => void {
    let rest = batch;
    let timer: NodeJS.Timeout;
    const wait = () => {
      const [first] = rest;
      if (first) timer = setTimeout(rejectLate, first.answerBy - performance.now());
    };
    const rejectLate = () => {
      const now = performance.now();
      const late = rest.filter(({ answerBy }) => answerBy <= now);
      rest = rest.slice(late.length);
      const cause = new Error(`The database did not store a batch within ${this.#limits.answerTimeout} ms`);
      rejectAll(late, new StorageUnavailable(cause));
      wait();
    };
    wait();
    return () => clearTimeout(timer);
  }

  /** Rejects the items whose deadline has passed. The queue is ordered by deadline. */
  #rejectExpired(): void {
    this.#timer = undefined;
    const now = performance.now();
    const expired = this.#queue.findIndex(({ deadline }) => deadline > now);
    rejectAll(this.#queue.splice(0, expired < 0 ? this.#queue.length : expired), new Overloaded());
    const [first] = this.#queue;
    if (first) this.#timer = setTimeout(() => this.#rejectExpired(), first.deadline - now);
  }
}

/** Rejects the items that are not settled yet. */
function rejectAll(batch: readonly Pick<Waiting<unknown>, 'reject'>[], error: Error): void {
  for (const { reject } of batch) reject(error);
}
