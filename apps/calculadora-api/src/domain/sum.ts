import type { SumRequest } from 'contract';

/** The exact sum. Both operands and their sum are safe integers, as the contract's check made sure. */
export function sum({ operador1, operador2 }: Pick<SumRequest, 'operador1' | 'operador2'>): number {
  return operador1 + operador2;
}
