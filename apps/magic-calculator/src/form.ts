import { checkSumRequest, type Field, type Language, type SumRequest } from 'contract';
import { readInteger } from './integer.ts';

/** What stands in the form, as typed. */
export type Values = Readonly<Record<Field, string>>;

/** What is wrong with a field: a code that this site has words for, and the API's words for one that it has not. */
export interface Mistake {
  readonly code: string;
  readonly detail?: string | undefined;
}
export type Mistakes = Readonly<Partial<Record<Field, Mistake>>>;

export const fields = ['nome', 'operador1', 'operador2'] as const satisfies readonly Field[];
export const emptyValues: Values = { nome: '', operador1: '', operador2: '' };

/**
 * What was typed as the request that the API expects, or what is wrong with it, as the contract's own check decides. The
 * language decides how an ambiguous number is read.
 */
export function readForm(values: Values, language: Language): { request: SumRequest } | { mistakes: Mistakes } {
  const request = {
    nome: values.nome.trim(),
    operador1: readInteger(values.operador1, language),
    operador2: readInteger(values.operador2, language),
  };
  const errors = checkSumRequest(request);
  if (errors.length === 0) return { request: request as SumRequest };
  return { mistakes: Object.fromEntries(errors.map(({ field, code }) => [field, { code }])) };
}

/** What is still wrong once a field has been changed. A sum that is out of range is wrong in both operands, or in none. */
export function otherMistakes(mistakes: Mistakes, changed: Field): Mistakes {
  const isSum = (mistake?: Mistake) => mistake?.code === 'sum_out_of_range';
  const others = Object.entries(mistakes).filter(
    ([field, mistake]) => field !== changed && !(isSum(mistake) && isSum(mistakes[changed])),
  );
  return Object.fromEntries(others);
}
