import type { ColumnType, Generated } from 'kysely';

/** The tables, as queries see them. Names are the seed's. */
export interface Schema {
  operacoes: {
    id: Generated<number>;
    nome: string;
    operador1: number;
    operador2: number;
    /** UTC, to the millisecond. */
    data_execucao: ColumnType<Date, Date, never>;
  };
}
