import type { SumRequest } from 'contract';

/** The operations that were carried out, kept for good. */
export interface Operations {
  /**
   * Keeps an operation. Resolves once it is durable: no crash of this process or of the storage loses it then.
   *
   * @param key of the client's own making: however often an operation comes with the same key, it is kept once
   * @throws {StorageUnavailable} within `limits.storageTimeout`; whether the operation was kept is then unknown
   * @throws {StorageRefused} if the storage does not take the operation; it was not kept, and trying again does not help
   * @throws {Overloaded} at once or a little later; the operation was not kept
   * @throws {KeyReused} if the key came before with another operation
   */
  record(operation: SumRequest, key?: string): Promise<void>;
}

/** What operators want to know about the storage. */
export interface StorageMonitor {
  /** Whether an operation could be kept now; answers within a second. */
  isReady(): Promise<boolean>;
  /** Operations recorded since this process started. */
  operationsStored(): number;
  connections(): ConnectionUsage;
  /** Operations that wait to be kept. */
  waiting(): number;
}

/** Connections to the storage, and the requests that wait for one. */
export interface ConnectionUsage {
  used: number;
  idle: number;
  waiting: number;
  maximum: number;
}

/** The storage did not answer, or not in time. The cause is for the log, never for a client. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';

  constructor(cause: unknown) {
    super('The storage is unavailable', { cause });
  }
}

/** The storage does not take this operation, or any, until somebody changes something. The cause is for the log, never for a client. */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';

  constructor(cause: unknown) {
    super('The storage refuses the operation', { cause });
  }
}

/** More operations are waiting to be kept than can be kept in time. This one was not. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';

  constructor() {
    super('Too many operations wait to be kept');
  }
}

/** The key was used before, with another operation. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';

  constructor() {
    super('The key belongs to another operation');
  }
}
