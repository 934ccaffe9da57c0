import { describe, expect, test } from '@jest/globals';
import type { Objection } from '../src/database/engine.ts';
import { isAccessDenied, isMissing, isTooLarge, isUnknownDatabase, objectionOf } from '../src/database/mysql/errors.ts';
import { sqliteEngine } from '../src/database/sqlite/engine.ts';
import { FileMoved } from '../src/database/sqlite/file.ts';

/** Every number below this one is asked about. */
const most = 10_000;
const numbers = Array.from({ length: most }, (_, number) => number);

/** The numbers about which something is said, by what is said. */
function byObjection(objectionTo: (number: number) => Objection | undefined): Partial<Record<Objection, number[]>> {
  const said = numbers.flatMap((number) => {
    const objection = objectionTo(number);
    return objection === undefined ? [] : [{ objection, number }];
  });
  return Object.fromEntries(
    [...Map.groupBy(said, ({ objection }) => objection)].map(([objection, list]) => [
      objection,
      list.map(({ number }) => number),
    ]),
  );
}

describe('An error of a MySQL server', () => {
  const numbered = (errno: number) => Object.assign(new Error(), { errno });
  const known = (is: (error: unknown) => boolean) => numbers.filter((number) => is(numbered(number)));

  test('is an objection by its number, which no server may give another meaning', () => {
    expect(byObjection((number) => objectionOf(numbered(number)))).toEqual({
      duplicate: [1062],
      row: [1048, 1118, 1153, 1264, 1265, 1292, 1366, 1406, 1644, 3819, 4025],
      refused: [1021, 1044, 1054, 1114, 1142, 1143, 1364, 1467],
      conflict: [1020, 1205, 1213],
      elsewhere: [1047, 1053, 1290, 1792, 1836, 3032],
    });
  });

  test('says by its number what is missing, refused or too large', () => {
    expect(known(isMissing)).toEqual([1049, 1146]);
    expect(known(isUnknownDatabase)).toEqual([1049]);
    expect(known(isAccessDenied)).toEqual([1045]);
    expect(known(isTooLarge)).toEqual([1153]);
  });

  test('says nothing if it has no number', () => {
    for (const error of [
      new Error(),
      { errno: 1062 },
      Object.assign(new Error(), { errno: '1062' }),
      undefined,
      null,
    ]) {
      expect(objectionOf(error)).toBeUndefined();
      expect(isMissing(error)).toBe(false);
    }
  });
});

describe('An error of SQLite', () => {
  const engine = sqliteEngine({ kind: 'sqlite', file: 'unused' });
  const numbered = (errcode: number) => Object.assign(new Error('constraint'), { errcode });

  test('is an objection by its primary code, the lowest byte, but for a key that is there', () => {
    const said = byObjection((number) => engine.objection(numbered(number)));
    const expected = { row: [18, 19, 20], refused: [8, 11, 13, 14, 26], conflict: [5, 6] };
    const extended = (codes: number[]) =>
      numbers.filter((number) => number !== 2_067 && codes.includes(number % 256)).toSorted((a, b) => a - b);
    expect(said).toEqual({
      duplicate: [2_067],
      row: extended(expected.row),
      refused: extended(expected.refused),
      conflict: extended(expected.conflict),
    });
  });

  test.each(['EACCES', 'EEXIST', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS'])(
    'that its folder cannot be made (%s) refuses for good',
    (code) => {
      expect(engine.objection(Object.assign(new Error(), { code }))).toBe('refused');
    },
  );

  test.each(['EMFILE', 'EIO', undefined])('of another kind (%s) may pass', (code) => {
    expect(engine.objection(Object.assign(new Error(), { code }))).toBeUndefined();
  });

  test('says by its kind that what was opened is no longer there', () => {
    expect(engine.isMissing(new FileMoved('x'))).toBe(true);
    expect(engine.isMissing(new Error('no such table: operacoes'))).toBe(true);
    expect(numbers.filter((number) => engine.isMissing(numbered(number)))).toEqual([1_032]);
  });
});
