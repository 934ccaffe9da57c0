/** A column of an existing table `operacoes`. */
export interface ExistingColumn {
  readonly name: string;
  /** The type as declared, such as `decimal(10,2)`. */
  readonly type: string;
  /** Whether an insert may omit it: it is nullable or has a default. */
  readonly mayBeOmitted: boolean;
}

/** For each column that the API uses, the types whose values all survive the conversion to the API's own type. */
export type LosslessTypes = Readonly<Record<string, RegExp>>;

/**
 * Returns why the columns cannot be used, one readable reason each.
 *
 * @param supplied the columns that every insert sets, or for which the migrations set a default
 */
export function columnObstacles(
  columns: readonly ExistingColumn[],
  losslessTypes: LosslessTypes,
  supplied: readonly string[],
): string[] {
  const present = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const wrong = Object.entries(losslessTypes).flatMap(([name, types]) => {
    const column = present.get(name);
    if (column === undefined) return name === 'idempotency_key' ? [] : [`it has no column ${name}`];
    return types.test(column.type) ? [] : [`its column ${name} is ${column.type}, and values might change`];
  });
  const missing = columns.filter(({ name, mayBeOmitted }) => !mayBeOmitted && !supplied.includes(name.toLowerCase()));
  return [
    ...wrong,
    ...missing.map(({ name }) => `its column ${name} must have a value, and the API does not supply one`),
  ];
}
