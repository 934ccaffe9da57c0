import { checkSumRequest, type Field, type SumRequest } from 'contract';

/** What stands in the form, as typed. */
export type Values = Record<Field, string>;

/** What is wrong with a field: a code that this site has words for, and the API's words for one that it has not. */
export interface Mistake {
  readonly code: string;
  readonly detail?: string;
}
export type Mistakes = Partial<Record<Field, Mistake>>;

export const fields = ['nome', 'operador1', 'operador2'] as const satisfies readonly Field[];
export const emptyValues: Values = { nome: '', operador1: '', operador2: '' };

const integerText = /^[+-]?\d+$/;

/**
 * What was typed as the request that the API expects, or what is wrong with it, as the contract's own check decides. An
 * operand is a number only if it is written as an integer; one with too many digits is out of range however it is rounded.
 */
export function readForm(values: Values): { request: SumRequest } | { mistakes: Mistakes } {
  const request = {
    nome: values.nome.trim(),
    operador1: readOperand(values.operador1),
    operador2: readOperand(values.operador2),
  };
  const errors = checkSumRequest(request);
  if (errors.length === 0) return { request: request as SumRequest };
  return { mistakes: Object.fromEntries(errors.map(({ field, code }) => [field, { code }])) };
}

function readOperand(text: string): number | undefined {
  // A true minus sign comes along when a result of this site is copied.
  const typed = text.trim().replace('−', '-');
  if (!integerText.test(typed)) return undefined;
  // By way of BigInt, which knows no −0. Infinity would be no integer to the contract, where it is just too large a one.
  const operand = Number(BigInt(typed));
  return Number.isFinite(operand) ? operand : Number.MAX_VALUE;
}
