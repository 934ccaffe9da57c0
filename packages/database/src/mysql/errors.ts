import { types } from 'node:util';
import type { FailureKind } from '../adapter.ts';

/** Also true for errors of another realm, such as Node's own in a test. */
const { isNativeError } = types;

const failureKinds: ReadonlyMap<number, FailureKind> = new Map([
  [1062, 'duplicate'], // ER_DUP_ENTRY

  [1048, 'row'], // ER_BAD_NULL_ERROR
  [1118, 'row'], // ER_TOO_BIG_ROWSIZE
  [1153, 'row'], // ER_NET_PACKET_TOO_LARGE: the statement is larger than max_allowed_packet
  [1264, 'row'], // ER_WARN_DATA_OUT_OF_RANGE
  [1265, 'row'], // WARN_DATA_TRUNCATED
  [1292, 'row'], // ER_TRUNCATED_WRONG_VALUE
  [1366, 'row'], // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
  [1406, 'row'], // ER_DATA_TOO_LONG
  [1644, 'row'], // ER_SIGNAL_EXCEPTION, which a trigger raises
  [3819, 'row'], // ER_CHECK_CONSTRAINT_VIOLATED
  [4025, 'row'], // ER_CONSTRAINT_FAILED (MariaDB)

  [1021, 'refused'], // ER_DISK_FULL
  [1044, 'refused'], // ER_DBACCESS_DENIED_ERROR
  [1054, 'refused'], // ER_BAD_FIELD_ERROR
  [1114, 'refused'], // ER_RECORD_FILE_FULL
  [1142, 'refused'], // ER_TABLEACCESS_DENIED_ERROR
  [1143, 'refused'], // ER_COLUMNACCESS_DENIED_ERROR
  [1364, 'refused'], // ER_NO_DEFAULT_FOR_FIELD
  [1467, 'refused'], // ER_AUTOINC_READ_FAILED: no ids are left

  [1020, 'conflict'], // ER_CHECKREAD (MariaDB)
  [1205, 'conflict'], // ER_LOCK_WAIT_TIMEOUT
  [1213, 'conflict'], // ER_LOCK_DEADLOCK

  // A failover can leave the old server running, with every connection to it open. mysql2's pool and Go's driver drop
  // a connection after 1290, 1792 and 1836 (sidorares/node-mysql2 issues 2050 and 4082).
  [1047, 'readOnly'], // ER_UNKNOWN_COM_ERROR: a Galera node that is not part of its cluster
  [1053, 'readOnly'], // ER_SERVER_SHUTDOWN
  [1290, 'readOnly'], // ER_OPTION_PREVENTS_STATEMENT: read_only
  [1792, 'readOnly'], // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  [1836, 'readOnly'], // ER_READ_ONLY_MODE
  [3032, 'readOnly'], // ER_SERVER_OFFLINE_MODE
]);

/** mysql2's and Node's codes of a connection that broke while a statement ran. */
export const connectionLost = 'PROTOCOL_CONNECTION_LOST';
const interruptions: readonly unknown[] = [connectionLost, 'ECONNRESET', 'EPIPE'];

/** Errors of statements for which there was no connection. */
const unsent = new WeakSet<object>();

const accessDenied = 1045;
const packetTooLarge = 1153;
const unknownDatabase = 1049;
const unknownTable = 1146;
/** GRANT for a user that does not exist: MariaDB's ER_PASSWORD_NO_MATCH, MySQL's ER_CANT_CREATE_USER_WITH_GRANT. */
const unknownUsers: readonly (number | undefined)[] = [1133, 1410];

export function failureKindOf(error: unknown): FailureKind | undefined {
  if (!isNativeError(error)) return undefined;
  const known = failureKinds.get(errnoOf(error) ?? 0);
  if (known !== undefined) return known;
  if (unsent.has(error)) return 'unreachable';
  return interruptions.includes((error as NodeJS.ErrnoException).code) ? 'interrupted' : undefined;
}

/** Notes that no statement was sent, because no connection could be had. */
export function noteUnsent(error: unknown): void {
  if (isNativeError(error)) unsent.add(error);
}

/** Whether the server refused the user or password. */
export function isAccessDenied(error: unknown): boolean {
  return errnoOf(error) === accessDenied;
}

/** Whether a GRANT names a user that does not exist. */
export function isUnknownUser(error: unknown): boolean {
  return unknownUsers.includes(errnoOf(error));
}

export function isUnknownDatabase(error: unknown): boolean {
  return errnoOf(error) === unknownDatabase;
}

/** Whether the database or the table does not exist. */
export function isMissing(error: unknown): boolean {
  return isUnknownDatabase(error) || errnoOf(error) === unknownTable;
}

/** Whether the statement was too large. The server closes the connection after this error. */
export function isTooLarge(error: unknown): boolean {
  return errnoOf(error) === packetTooLarge;
}

function errnoOf(error: unknown): number | undefined {
  return isNativeError(error) && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
}
