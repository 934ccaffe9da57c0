import { limits, nomePattern } from './limits.ts';
import type { FieldErrorCode } from './messages.ts';
import type { SumRequest } from './sum.ts';

export type Field = keyof SumRequest;

/** One thing that is wrong with a request: which field, or none when the body as a whole is meant. */
export interface FieldError {
  field?: Field;
  code: FieldErrorCode;
}

const nomeForm = new RegExp(nomePattern, 'u');

/**
 * All that is wrong with a request to add two integers; nothing when it is right. The API refuses by it and the site
 * asks it before sending, so that both always agree. It decides as the schema {@link SumRequest} does, and beyond it
 * refuses a sum that is no exact integer and a name that is no Unicode text. TypeBox's own checker would decide the
 * same by the schema and add 11 kB to the site.
 */
export function checkSumRequest(input: unknown): FieldError[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return [{ code: 'not_object' }];
  const { nome, operador1, operador2 } = input as Record<Field, unknown>;
  const errors: FieldError[] = [];

  const nomeError = checkNome(nome);
  if (nomeError) errors.push({ field: 'nome', code: nomeError });
  for (const [field, value] of [
    ['operador1', operador1],
    ['operador2', operador2],
  ] as const) {
    const code = checkInteger(value);
    if (code) errors.push({ field, code });
  }
  if (errors.length === 0 && !Number.isSafeInteger((operador1 as number) + (operador2 as number))) {
    errors.push({ field: 'operador1', code: 'sum_out_of_range' }, { field: 'operador2', code: 'sum_out_of_range' });
  }
  return errors;
}

/** True for a request that may be sent and stored as it is. */
export function isSumRequest(input: unknown): input is SumRequest {
  return checkSumRequest(input).length === 0;
}

function checkNome(nome: unknown): FieldErrorCode | undefined {
  if (typeof nome !== 'string') return 'name_not_text';
  // UTF-8, and so the database, cannot hold half of a surrogate pair.
  if (nomeForm.test(nome) && !/\p{Surrogate}/u.test(nome)) return undefined;
  const characters = [...nome.trim()].length;
  if (characters < limits.nome.minimum) return 'name_too_short';
  return characters > limits.nome.maximum ? 'name_too_long' : 'name_characters';
}

function checkInteger(value: unknown): FieldErrorCode | undefined {
  if (!Number.isInteger(value)) return 'not_integer';
  const { minimum, maximum } = limits.integer;
  return (value as number) < minimum || (value as number) > maximum ? 'out_of_range' : undefined;
}
