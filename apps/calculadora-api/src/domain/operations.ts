import type { SumRequest } from 'contract';
import type { ConnectionUsage } from 'database';
import type { RequestTrace } from '../telemetry/request-trace.ts';

/** Durable storage of the operations. */
export interface Operations {
  /**
   * Stores an operation. Resolves once it is durable: a crash of this process or of the storage cannot lose it.
   *
   * @param key idempotency key of the client: an operation that is sent repeatedly with the same key is stored once
   * @param trace notes how long the operation waits, and for which statements
   * @throws {StorageUnavailable} within `limits.storageTimeout`; it is unknown whether the operation was stored
   * @throws {StorageRefused} if the storage refuses the operation; it was not stored, and a retry does not help
   * @throws {Overloaded} at once or after a short wait; the operation was not stored
   * @throws {KeyReused} if the key was already used for a different operation
   */
  record(operation: SumRequest, key?: string, trace?: RequestTrace): Promise<void>;
}

/** The state of the storage, for health checks and metrics. */
export interface StorageMonitor {
  /** Whether an operation could be stored now. Resolves within a second. */
  isReady(): Promise<boolean>;
  /** Operations stored since this process started. */
  operationsStored(): number;
  connections(): ConnectionUsage;
  /** Operations waiting to be stored. */
  waiting(): number;
}

/** The storage did not respond in time, or at all. The cause is only for the log, never for clients. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';

  constructor(cause: unknown) {
    super('The storage is unavailable', { cause });
  }
}

/**
 * The storage refuses this operation, or all operations, until somebody fixes it. The cause is only for the log, never
 * for clients.
 */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';

  constructor(cause: unknown) {
    super('The storage refused the operation', { cause });
  }
}

/** More operations are waiting than can be stored in time. This one was not stored. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';

  constructor() {
    super('Too many operations are waiting to be stored');
  }
}

/** The key was already used for a different operation. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';

  constructor() {
    super('The key belongs to another operation');
  }
}
