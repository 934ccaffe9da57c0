import { operationOf } from './users.ts';

/** What the users know of their sums. */
export interface Sums {
  readonly sent: number;
  isAcknowledged(number: number): boolean;
}

/** A row of the table, as text or numbers. */
export interface Row {
  readonly nome: string;
  readonly operador1: number;
  readonly operador2: number;
}

export interface Counted {
  readonly rows: number;
  /** Acknowledged sums without a row. */
  readonly lost: number;
  /** Rows beyond the first of a sum. */
  readonly twice: number;
  /** Rows that are not what was sent, or that nobody sent. */
  readonly wrong: number;
  /** Rows of sums whose user got no result. This may be: the answer was lost on its way. */
  readonly unacknowledged: number;
}

/** Compares the rows with the sums: each acknowledged sum has its row exactly once. */
export async function countRows(sums: Sums, rows: AsyncIterable<Row>): Promise<Counted> {
  const found = new Uint8Array(sums.sent);
  const counted = { rows: 0, lost: 0, twice: 0, wrong: 0, unacknowledged: 0 };
  for await (const { nome, operador1, operador2 } of rows) {
    counted.rows++;
    const sent = operationOf(operador1);
    if (operador1 < 0 || operador1 >= sums.sent || nome !== sent.nome || operador2 !== sent.operador2) counted.wrong++;
    else if (found[operador1] === 1) counted.twice++;
    else {
      found[operador1] = 1;
      if (!sums.isAcknowledged(operador1)) counted.unacknowledged++;
    }
  }
  for (let number = 0; number < sums.sent; number++) {
    if (sums.isAcknowledged(number) && found[number] !== 1) counted.lost++;
  }
  return counted;
}
