import type { Generated } from 'kysely';

/**
 * The tables, as queries see them. Names are the seed's. `data_execucao`, when an operation was stored (UTC, to the millisecond),
 * is not among them: the column's default writes it by the database's clock, and no query reads it.
 */
export interface Schema {
  operacoes: {
    id: Generated<number>;
    nome: string;
    operador1: number;
    operador2: number;
    /** The client's key for a request that may come again; no two rows have the same. */
    idempotency_key: string | null;
  };
}
