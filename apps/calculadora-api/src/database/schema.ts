import type { Generated } from 'kysely';

/**
 * The tables and columns that queries use, with the seed's names. `data_execucao`, the time at which an operation was
 * stored (UTC, in milliseconds), is left out: the column's default sets it, and no query reads it.
 */
export interface Schema {
  operacoes: {
    id: Generated<number>;
    nome: string;
    operador1: number;
    operador2: number;
    /** The client's key for safe retries. Unique. */
    idempotency_key: string | null;
  };
}
