import type { Connection, RowDataPacket } from 'mysql2/promise';

export interface Sides {
  readonly live: Connection;
  readonly copy: Connection;
}

export interface TableComparison {
  readonly table: string;
  /** Rows of the copy. */
  readonly rows: number;
  /** Rows of the live database that were stored after the restore point, or so shortly before that they may not be in it. */
  readonly newer: number;
  /** Rows that the application has changed or deleted, if it may: nothing tells whether it did so after the restore point. */
  readonly changedByApplication: number;
  /** Times of the newest row of the copy, and of the live database's newest up to the restore point. UTC. */
  readonly newest?: { readonly copy: string | null; readonly live: string | null };
  readonly differences: readonly string[];
}

/** What the two sides may differ in. */
export interface Tolerance {
  readonly restoredTo: Date;
  /** The column with the time at which a row was stored. Without it, a key beyond the copy's last one counts as newer. */
  readonly storedAt: string | undefined;
  /** Whether the application may change rows. */
  readonly mayChange: boolean;
  /** Whether the application may delete rows. */
  readonly mayVanish: boolean;
}

/** Rows whose checksums are compared at once. Few enough to compare them one by one where the checksums differ. */
const chunk = 5_000;

/**
 * Milliseconds. A row gets its time before its transaction ends, and a restore keeps what had ended. The statements of
 * requests end within a few seconds.
 */
export const longestTransaction = 30_000;

/** Keys that a difference names at most. */
const examples = 5;

type Key = readonly (string | number | Buffer)[];
type Found = 'missing' | 'changed' | 'superfluous';

/** Compares the rows of a table, in chunks of its primary key. */
export async function compareTable(
  sides: Sides,
  tolerance: Tolerance,
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
): Promise<TableComparison> {
  const counts = { rows: 0, newer: 0, changedByApplication: 0 };
  const key = await primaryKey(sides.live, table);
  if (key.length === 0 || !key.every((column) => columns.includes(column))) {
    const differences = [`the table ${table} has no primary key by which its rows could be compared`];
    return { table, ...counts, differences };
  }
  const statements = new Statements(table, key, columns, tolerance, await lastKey(sides.copy, table, key));
  const found: Record<Found, { count: number; keys: string[] }> = {
    missing: { count: 0, keys: [] },
    changed: { count: 0, keys: [] },
    superfluous: { count: 0, keys: [] },
  };
  const note = (kind: Found, name?: string, count = 1) => {
    const isExcused = (kind === 'changed' && tolerance.mayChange) || (kind === 'superfluous' && tolerance.mayVanish);
    if (isExcused) {
      counts.changedByApplication += count;
      return;
    }
    found[kind].count += count;
    if (name !== undefined && found[kind].keys.length < examples) found[kind].keys.push(name);
  };
  const newest: { copy: string | null; live: string | null } = { copy: null, live: null };

  for (let from: Key | undefined; ; ) {
    // Boundaries of the live table, which is the larger one. Beyond its last row, those of the copy.
    const to: Key | undefined =
      (await statements.boundary(sides.live, from)) ?? (await statements.boundary(sides.copy, from));
    // It would go on forever, for example with keys that are floating-point numbers.
    if (to && from && nameOf(to) === nameOf(from)) throw new Error(`The keys of ${table} cannot be read exactly`);
    const range = { from, to };
    const [live, copy] = await Promise.all([
      statements.digest(sides.live, range),
      statements.digest(sides.copy, range),
    ]);
    counts.rows += copy.rows;
    newest.live = later(newest.live, live.newest);
    newest.copy = later(newest.copy, copy.newest);
    if (copy.rows > 2 * chunk) {
      // The live table lost so many rows here that they are only counted.
      note('superfluous', undefined, copy.rows - live.rows);
    } else if (live.rows !== copy.rows || live.checksum !== copy.checksum) {
      const [there, here] = await Promise.all([statements.rows(sides.live, range), statements.rows(sides.copy, range)]);
      for (const [name, { checksum, isNewer }] of there) {
        const twin = here.get(name);
        if (!twin && isNewer) counts.newer++;
        else if (!twin) note('missing', name);
        else if (twin.checksum !== checksum) note('changed', name);
      }
      for (const name of here.keys()) if (!there.has(name)) note('superfluous', name);
    }
    if (to === undefined) break;
    from = to;
  }

  const meaning: Readonly<Record<Found, string>> = {
    missing: 'missing in the copy',
    changed: 'different in the copy',
    superfluous: 'in the copy alone',
  };
  const differences = Object.entries(found).flatMap(([kind, { count, keys }]) => {
    if (count === 0) return [];
    const which = keys.length > 0 ? ` (${key.join(', ')}: ${keys.join('; ')}${count > keys.length ? '; …' : ''})` : '';
    const rows = count === 1 ? '1 row of the table is' : `${count} rows of the table are`;
    return [`${table}: ${rows} ${meaning[kind as Found]}${which}`];
  });
  return { table, ...counts, ...(tolerance.storedAt !== undefined && { newest }), differences };
}

const later = (one: string | null, other: string | null) => ((one ?? '') > (other ?? '') ? one : other);

interface Range {
  /** Exclusive. */
  readonly from: Key | undefined;
  /** Inclusive. */
  readonly to: Key | undefined;
}

/** The statements for one table. They read without locks. */
class Statements {
  readonly #table: string;
  readonly #key: readonly string[];
  /** SQL for the checksum of a row: 64 bits, as hexadecimal text. */
  readonly #checksum: string;
  readonly #columns: readonly string[];
  /** SQL for the time at which a row was stored, and its column. */
  readonly #time: string;
  readonly #storedAt: readonly string[];
  readonly #restoredTo: string;
  /** SQL for whether a row that only the live database has was stored after the restore point. */
  readonly #isNewer: readonly [sql: string, values: unknown[]];

  constructor(
    table: string,
    key: readonly string[],
    columns: readonly string[],
    { restoredTo, storedAt }: Tolerance,
    last: Key | undefined,
  ) {
    this.#table = table;
    this.#key = key;
    this.#columns = columns;
    // A column's bytes as hexadecimal digits, so that the separator and the mark for NULL are in no value.
    const values = columns.map(() => "ifnull(hex(cast(?? as binary)), '-')").join(', ');
    this.#checksum = `left(sha2(concat_ws(',', ${values}), 256), 16)`;
    this.#time = storedAt === undefined ? 'null' : '??';
    this.#restoredTo = timeText(restoredTo);
    const beyond: [string, unknown[]] = last === undefined ? ['true', []] : ['(??) > (?)', [key, last]];
    const settled = timeText(new Date(restoredTo.getTime() - longestTransaction));
    this.#isNewer =
      storedAt === undefined
        ? beyond
        : [`if(?? is null, ${beyond[0]}, ?? > ?)`, [storedAt, ...beyond[1], storedAt, settled]];
    this.#storedAt = storedAt === undefined ? [] : [storedAt];
  }

  /** The key of the last row of a full chunk. Undefined if fewer rows are left. */
  async boundary(side: Connection, from: Key | undefined): Promise<Key | undefined> {
    const [where, values] = this.#within({ from, to: undefined });
    const [[row]] = await side.query<RowDataPacket[]>(
      `select ?? from ?? ${where} order by ${this.#key.map(() => '??').join(', ')} limit 1 offset ${chunk - 1}`,
      [this.#key, this.#table, ...values, ...this.#key],
    );
    return row && this.#keyOf(row);
  }

  async digest(
    side: Connection,
    range: Range,
  ): Promise<{ readonly rows: number; readonly checksum: string; readonly newest: string | null }> {
    const [where, values] = this.#within(range);
    const [[row]] = await side.query<RowDataPacket[]>(
      `select count(*) as counted, max(if(${this.#time} <= ?, ${this.#time}, null)) as newest,
         bit_xor(cast(conv(${this.#checksum}, 16, 10) as unsigned)) as checksum from ?? ${where}`,
      [...this.#storedAt, this.#restoredTo, ...this.#storedAt, ...this.#columns, this.#table, ...values],
    );
    return { rows: row?.counted, checksum: String(row?.checksum), newest: row?.newest };
  }

  /** By key, as text. */
  async rows(
    side: Connection,
    range: Range,
  ): Promise<Map<string, { readonly checksum: string; readonly isNewer: boolean }>> {
    const [where, values] = this.#within(range);
    const [isNewer, newerValues] = this.#isNewer;
    const [rows] = await side.query<RowDataPacket[]>(
      `select ??, ${this.#checksum} as row_checksum, ${isNewer} as row_is_newer from ?? ${where}`,
      [this.#key, ...this.#columns, ...newerValues, this.#table, ...values],
    );
    return new Map(
      rows.map((row) => [nameOf(this.#keyOf(row)), { checksum: row.row_checksum, isNewer: row.row_is_newer === 1 }]),
    );
  }

  #keyOf(row: RowDataPacket): Key {
    return this.#key.map((column) => row[column]);
  }

  #within({ from, to }: Range): [string, unknown[]] {
    const conditions = [...(from ? ['(??) > (?)'] : []), ...(to ? ['(??) <= (?)'] : [])];
    const values = [...(from ? [this.#key, from] : []), ...(to ? [this.#key, to] : [])];
    return [conditions.length > 0 ? `where ${conditions.join(' and ')}` : '', values];
  }
}

/** A key as text. */
const nameOf = (key: Key): string =>
  key.map((part) => (Buffer.isBuffer(part) ? part.toString('hex') : `${part}`)).join(', ');

/** A time in UTC, the time zone of the sessions. */
const timeText = (time: Date): string => time.toISOString().replace('T', ' ').replace('Z', '');

async function primaryKey(connection: Connection, table: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `select column_name as field from information_schema.statistics
       where table_schema = database() and table_name = ? and index_name = 'PRIMARY' order by seq_in_index`,
    [table],
  );
  return rows.map(({ field }) => field);
}

async function lastKey(connection: Connection, table: string, key: readonly string[]): Promise<Key | undefined> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    `select ?? from ?? order by ${key.map(() => '?? desc').join(', ')} limit 1`,
    [key, table, ...key],
  );
  return row && key.map((column) => row[column]);
}
