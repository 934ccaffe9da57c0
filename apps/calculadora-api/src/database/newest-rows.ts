import { existsSync } from 'node:fs';
import { adapterOf, type DatabaseSettings } from 'database';
import { Kysely, sql } from 'kysely';

/** A stored operation as text. A column without a value, as an adopted table may have it, is null. */
export interface StoredRow {
  readonly id: string;
  /** When it was stored, in UTC. */
  readonly data_execucao: string | null;
  readonly nome: string | null;
  readonly operador1: string | null;
  readonly operador2: string | null;
}

/** There is no table to read. */
export class NothingStored extends Error {
  override readonly name = 'NothingStored';

  constructor(location: string, cause?: unknown) {
    super(`There is no table operacoes in ${location} yet`, { cause });
  }
}

/**
 * The rows that were stored last, newest first. It only reads: it neither creates nor migrates anything.
 *
 * @throws {NothingStored} if there is no table
 * @throws the database's error for any other reason
 */
export async function newestRows(settings: DatabaseSettings, count: number): Promise<StoredRow[]> {
  const adapter = adapterOf(settings, 1);
  // Opening a file that is missing would create it.
  if (settings.kind === 'sqlite' && !existsSync(settings.file)) throw new NothingStored(adapter.location);
  const kysely = new Kysely<unknown>({ dialect: adapter.dialect });
  try {
    // As text, so that neither driver changes a large number or a time. Each has its name from here, not from the table.
    const { rows } = await sql<StoredRow>`select cast(id as char) as id, cast(data_execucao as char) as data_execucao,
      nome as nome, cast(operador1 as char) as operador1, cast(operador2 as char) as operador2
      from operacoes order by operacoes.id desc limit ${sql.lit(count)}`.execute(kysely);
    return rows;
  } catch (error) {
    throw adapter.isMissing(error) ? new NothingStored(adapter.location, error) : error;
  } finally {
    await kysely.destroy();
  }
}

/** The rows as a table with aligned columns, for a terminal. */
export function tableOf(rows: readonly StoredRow[]): string {
  const columns = ['id', 'data_execucao', 'nome', 'operador1', 'operador2'] as const;
  const lines = [[...columns], ...rows.map((row) => columns.map((column) => printable(row[column])))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => lengthOf(line[at] ?? ''))));
  const padded = (text: string, at: number) => text + ' '.repeat((widths[at] ?? 0) - lengthOf(text));
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n');
}

/** A name in an adopted table can hold what the API refuses: a line break, or characters that command a terminal. */
function printable(text: string | null): string {
  if (text === null) return 'NULL';
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

const lengthOf = (text: string): number => [...text].length;
