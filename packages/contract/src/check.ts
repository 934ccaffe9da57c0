import { limits, nomePattern } from './limits.ts';
import type { FieldErrorCode } from './messages.ts';
import type { SumRequest } from './sum-schemas.ts';

export type Field = keyof SumRequest;

/** One error in a request. Without a field, it applies to the whole body. */
export interface FieldError {
  field?: Field;
  code: FieldErrorCode;
}

const nomeForm = new RegExp(nomePattern, 'u');
const invisible = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]/gu;
// UTF-8, and so the database, cannot encode half of a surrogate pair.
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Returns all errors in a request to add two integers, or an empty list for a valid one. The API validates with it and
 * the site calls it before sending, so both always agree.
 *
 * It applies the rules of the schema {@link SumRequest}, and three that no schema can express: the sum must be a safe
 * integer, a name must not contain half of a surrogate pair, and invisible characters beyond U+FFFF do not count
 * towards its minimum length. It is written by hand because TypeBox's own checker would add 11 kB to the site.
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

/** Whether a request is valid. */
export function isSumRequest(input: unknown): input is SumRequest {
  return checkSumRequest(input).length === 0;
}

function checkNome(nome: unknown): FieldErrorCode | undefined {
  if (typeof nome !== 'string') return 'name_not_text';
  if ([...nome.replace(invisible, '').trim()].length < limits.nome.minimum) return 'name_too_short';
  if ([...nome.trim()].length > limits.nome.maximum) return 'name_too_long';
  return nomeForm.test(nome) && !loneSurrogate.test(nome) ? undefined : 'name_characters';
}

function checkInteger(value: unknown): FieldErrorCode | undefined {
  if (!Number.isInteger(value)) return 'not_integer';
  const { minimum, maximum } = limits.integer;
  return (value as number) < minimum || (value as number) > maximum ? 'out_of_range' : undefined;
}
