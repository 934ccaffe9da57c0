import type { SumRequest } from 'contract';

/** The exact sum. The contract's check has ensured that both operands and the sum are safe integers. */
export function sum({ operador1, operador2 }: Pick<SumRequest, 'operador1' | 'operador2'>): number {
  return operador1 + operador2;
}
