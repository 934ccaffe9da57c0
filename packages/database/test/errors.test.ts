import { describe, expect, test } from '@jest/globals';
import type { FailureKind } from '../src/adapter.ts';
import {
  failureKindOf,
  isAccessDenied,
  isMissing,
  isTooLarge,
  isUnknownDatabase,
  isUnknownUser,
} from '../src/mysql/errors.ts';
import { sqliteAdapter } from '../src/sqlite/sqlite-adapter.ts';
import { FileMoved } from '../src/sqlite/sqlite-file.ts';

/** All numbers to check. */
const numbers = Array.from({ length: 10_000 }, (_, number) => number);

/** The numbers that have a failure kind, grouped by kind. */
function byFailureKind(kindOf: (number: number) => FailureKind | undefined): Partial<Record<FailureKind, number[]>> {
  const known = numbers.flatMap((number) => {
    const kind = kindOf(number);
    return kind === undefined ? [] : [{ kind, number }];
  });
  return Object.fromEntries(
    [...Map.groupBy(known, ({ kind }) => kind)].map(([kind, list]) => [kind, list.map(({ number }) => number)]),
  );
}

describe('An error of a MySQL or MariaDB server', () => {
  const numbered = (errno: number) => Object.assign(new Error(), { errno });
  const known = (is: (error: unknown) => boolean) => numbers.filter((number) => is(numbered(number)));

  test('has a failure kind by its number', () => {
    expect(byFailureKind((number) => failureKindOf(numbered(number)))).toEqual({
      duplicate: [1062],
      row: [1048, 1118, 1153, 1264, 1265, 1292, 1366, 1406, 1644, 3819, 4025],
      refused: [1021, 1044, 1054, 1114, 1142, 1143, 1364, 1467],
      conflict: [1020, 1205, 1213],
      readOnly: [1047, 1053, 1290, 1792, 1836, 3032],
    });
  });

  test('without a number means that the connection broke, if its code says so', () => {
    const coded = (code: string) => failureKindOf(Object.assign(new Error(), { code }));
    expect(coded('PROTOCOL_CONNECTION_LOST')).toBe('interrupted');
    // Node's errors have a number, too, which is negative.
    expect(failureKindOf(Object.assign(new Error(), { code: 'ECONNRESET', errno: -104 }))).toBe('interrupted');
    expect(coded('EPIPE')).toBe('interrupted');
    // The server may still be working on the statement.
    expect(coded('ETIMEDOUT')).toBeUndefined();
  });

  test('tells by its number whether a table or a user is missing, the login refused or the statement too large', () => {
    expect(known(isMissing)).toEqual([1049, 1146]);
    expect(known(isUnknownDatabase)).toEqual([1049]);
    expect(known(isAccessDenied)).toEqual([1045]);
    expect(known(isTooLarge)).toEqual([1153]);
    // MariaDB's and MySQL's.
    expect(known(isUnknownUser)).toEqual([1133, 1410]);
  });

  test('has no failure kind without a number', () => {
    for (const error of [
      new Error(),
      { errno: 1062 },
      Object.assign(new Error(), { errno: '1062' }),
      undefined,
      null,
    ]) {
      expect(failureKindOf(error)).toBeUndefined();
      expect(isMissing(error)).toBe(false);
    }
  });
});

describe('An error of SQLite', () => {
  const adapter = sqliteAdapter({ kind: 'sqlite', file: 'unused' });
  const numbered = (errcode: number) => Object.assign(new Error('constraint'), { errcode });

  test('has a failure kind by its primary code, the lowest byte, except a duplicate key', () => {
    const actual = byFailureKind((number) => adapter.failureKind(numbered(number)));
    const expected = { row: [18, 19, 20], refused: [8, 11, 13, 14, 26], conflict: [5, 6] };
    const extended = (codes: number[]) =>
      numbers
        .filter((number) => ![1_555, 2_067].includes(number) && codes.includes(number % 256))
        .toSorted((a, b) => a - b);
    expect(actual).toEqual({
      duplicate: [1_555, 2_067],
      row: extended(expected.row),
      refused: extended(expected.refused),
      conflict: extended(expected.conflict),
    });
  });

  test.each(['EACCES', 'EEXIST', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS'])(
    'counts as refused if the folder cannot be created (%s)',
    (code) => {
      expect(adapter.failureKind(Object.assign(new Error(), { code }))).toBe('refused');
    },
  );

  test.each(['EMFILE', 'EIO', undefined])('has no failure kind with the code %s: a retry may succeed', (code) => {
    expect(adapter.failureKind(Object.assign(new Error(), { code }))).toBeUndefined();
  });

  test('tells whether the table is missing or the open file was replaced', () => {
    expect(adapter.isMissing(new FileMoved('x'))).toBe(true);
    expect(adapter.isMissing(new Error('no such table: operacoes'))).toBe(true);
    expect(numbers.filter((number) => adapter.isMissing(numbered(number)))).toEqual([1_032]);
  });
});
