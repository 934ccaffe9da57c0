import { checkSumRequest, type Field, type Language, type SumRequest } from 'contract';
import { readInteger } from './integer.ts';

/** The texts in the form, as typed. */
export type Values = Readonly<Record<Field, string>>;

/** Why a field is invalid: a code, and the API's message in case this site has none for the code. */
export interface Mistake {
  readonly code: string;
  readonly detail?: string | undefined;
}
export type Mistakes = Readonly<Partial<Record<Field, Mistake>>>;

export const fields = ['nome', 'operador1', 'operador2'] as const satisfies readonly Field[];
export const emptyValues: Values = { nome: '', operador1: '', operador2: '' };

/**
 * Converts the typed texts to a request, or returns the mistakes that the contract's check finds. The language decides
 * how an ambiguous number is read.
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

/** The mistakes that remain after a field has changed. A sum out of range marks both operands, or neither. */
export function remainingMistakes(mistakes: Mistakes, changed: Field): Mistakes {
  const isSum = (mistake?: Mistake) => mistake?.code === 'sum_out_of_range';
  const remaining = Object.entries(mistakes).filter(
    ([field, mistake]) => field !== changed && !(isSum(mistake) && isSum(mistakes[changed])),
  );
  return Object.fromEntries(remaining);
}
