import type { SumRequest } from 'contract';

/** The operations that were carried out, kept for good. */
export interface Operations {
  /**
   * Keeps an operation. Resolves once it is durable: no crash of this process or of the storage loses it then.
   *
   * @throws {StorageUnavailable} within `limits.storageTimeout`; whether the operation was kept is then unknown
   */
  record(operation: SumRequest): Promise<void>;
}

/** What operators want to know about the storage. */
export interface StorageMonitor {
  /** Whether an operation could be kept now; answers within a second. */
  isReady(): Promise<boolean>;
  /** Operations recorded since this process started. */
  operationsStored(): number;
  connections(): ConnectionUsage;
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
