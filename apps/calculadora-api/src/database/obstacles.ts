/** A column of a table `operacoes` that is already there. */
export interface ExistingColumn {
  readonly name: string;
  /** The type as declared, such as `decimal(10,2)`. */
  readonly type: string;
  /** Whether an insert that leaves it out is accepted: it may be null, or has a default. */
  readonly isFilled: boolean;
}

/** The columns that the API writes or reads, and which types keep every value when they become the API's own. */
export type KeptTypes = Readonly<Record<string, RegExp>>;

/**
 * What is wrong with the columns, a sentence each.
 *
 * @param filled the columns that each insert gives a value, or that the migrations give a default
 */
export function columnObstacles(
  columns: readonly ExistingColumn[],
  kept: KeptTypes,
  filled: readonly string[],
): string[] {
  const present = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const wrong = Object.entries(kept).flatMap(([name, types]) => {
    const column = present.get(name);
    if (column === undefined) return name === 'idempotency_key' ? [] : [`it has no column ${name}`];
    return types.test(column.type) ? [] : [`its column ${name} is ${column.type}, and values might change`];
  });
  const unfilled = columns.filter(({ name, isFilled }) => !isFilled && !filled.includes(name.toLowerCase()));
  return [...wrong, ...unfilled.map(({ name }) => `its column ${name} must have a value, and the API has none for it`)];
}
