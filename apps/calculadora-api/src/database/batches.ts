import { Overloaded, StorageUnavailable } from '../domain/operations.ts';

export interface BatchLimits {
  /** The most items of one batch. */
  size: number;
  /** Batches under way at once. */
  concurrent: number;
  /** Items that may wait for a batch; one more is refused at once. */
  waiting: number;
  /** Milliseconds that an item may wait for its batch to begin. */
  waitTimeout: number;
  /** Milliseconds after which those whose batch is still under way are told so. */
  storeTimeout: number;
}

/** Stores a batch whole or not at all, and gives what became of each item: nothing more to say, or its error. */
export type Store<Item> = (items: readonly Item[]) => Promise<readonly (Error | undefined)[]>;

interface Waiting<Item> {
  readonly item: Item;
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: what arrives while a batch is being stored waits, and is stored together in the next one. Nobody waits for
 * others to arrive: an item that finds nothing under way is a batch by itself. First come, first served.
 */
export class Batches<Item> {
  readonly #store: Store<Item>;
  readonly #isRefusal: (error: unknown) => boolean;
  readonly #limits: BatchLimits;
  #queue: Waiting<Item>[] = [];
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param isRefusal whether an error of `store` says that the batch holds an item that can never be stored */
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
   * @throws {Overloaded} if too many wait already, or if its batch did not begin in time: it was not stored then
   * @throws {StorageUnavailable} if its batch took too long; whether it was stored is then unknown
   * @throws whatever `store` said of it
   */
  add(item: Item): Promise<void> {
    if (this.#queue.length >= this.#limits.waiting) return Promise.reject(new Overloaded());
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, deadline: performance.now() + this.#limits.waitTimeout, resolve, reject });
      if (this.#underWay < this.#limits.concurrent) void this.#work();
      else this.#timer ??= setTimeout(() => this.#refuseLate(), this.#limits.waitTimeout);
    });
  }

  /** Stores batch after batch until nobody waits. */
  async #work(): Promise<void> {
    this.#underWay++;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#limits.size);
      const timer = setTimeout(() => this.#refuseUnfinished(batch), this.#limits.storeTimeout);
      await this.#storeAll(batch);
      clearTimeout(timer);
    }
    this.#underWay--;
  }

  /** One item that is refused fails by itself: a batch that holds one is stored in halves. */
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
        refuse(batch, error as Error);
      }
    }
  }

  /** Whether the batch will be stored yet is unknown. */
  #refuseUnfinished(batch: readonly Waiting<Item>[]): void {
    const cause = new Error(`The database did not store a batch within ${this.#limits.storeTimeout} ms`);
    refuse(batch, new StorageUnavailable(cause));
  }

  /** Refuses those whose time is over; the queue is in the order of their deadlines. */
  #refuseLate(): void {
    this.#timer = undefined;
    const now = performance.now();
    const late = this.#queue.findIndex(({ deadline }) => deadline > now);
    refuse(this.#queue.splice(0, late < 0 ? this.#queue.length : late), new Overloaded());
    const [first] = this.#queue;
    if (first) this.#timer = setTimeout(() => this.#refuseLate(), first.deadline - now);
  }
}

/** An item that was settled before stays as it is. */
function refuse(batch: readonly Pick<Waiting<unknown>, 'reject'>[], error: Error): void {
  for (const { reject } of batch) reject(error);
}
