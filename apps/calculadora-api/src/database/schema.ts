import type { ColumnType, Generated } from 'kysely';

/** The tables, as queries see them. Names are the seed's. */
export interface Schema {
  operacoes: {
    id: Generated<number>;
    nome: string;
    operador1: number;
    operador2: number;
    /** When it was stored: UTC, to the millisecond, by the database's clock. */
    data_execucao: ColumnType<Date, never, never>;
    /** The client's key for a request that may come again; no two rows have the same. */
    idempotency_key: string | null;
  };
}
