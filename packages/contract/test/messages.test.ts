import { expect, test } from '@jest/globals';
import { type FieldErrorCode, fieldMessages, type Language, type ProblemCode, problemMessages } from '../src/index.ts';

const largest = { pt: '9.007.199.254.740.991', en: '9,007,199,254,740,991' };
const range = { pt: `entre −${largest.pt} e ${largest.pt}`, en: `between −${largest.en} and ${largest.en}` };

test.each([
  ['name_too_short', fieldMessages.name_too_short, { pt: 'pelo menos 3 car', en: 'at least 3 char' }],
  ['name_too_long', fieldMessages.name_too_long, { pt: 'no máximo 255 car', en: 'at most 255 char' }],
  ['out_of_range', fieldMessages.out_of_range, range],
  ['sum_out_of_range', fieldMessages.sum_out_of_range, range],
  ['payload_too_large', problemMessages.payload_too_large, { pt: 'limite de 16 KiB', en: 'limit of 16 KiB' }],
  [
    'invalid_idempotency_key',
    problemMessages.invalid_idempotency_key,
    { pt: 'de 1 a 255 car', en: '1 to 255 visible' },
  ],
])('the message for %s states its limit, in both languages', (_, message, limit) => {
  expect(message.pt).toContain(limit.pt);
  expect(message.en).toContain(limit.en);
});

test.each<[Language, string]>([
  ['pt', 'nada foi guardado'],
  ['en', 'nothing was stored'],
])('in %s, only problems after which it is certain say “%s”', (language, promise) => {
  const codes = Object.entries(problemMessages).filter(([, text]) => text[language].toLowerCase().includes(promise));
  expect(codes.map(([code]) => code).sort()).toEqual(['overloaded', 'storage_refused']);
});

/** What each message must say, in both languages. */
const facts: Record<ProblemCode | FieldErrorCode, { pt: RegExp; en: RegExp }> = {
  // The Portuguese sentences come from the seed, and its clients may depend on them.
  not_object: {
    pt: /^Erro ao processar dados para soma\. São aceitos apenas números inteiros\.$/,
    en: /JSON object with a name and two integers/,
  },
  malformed_json: {
    pt: /^Erro ao processar dados para soma\. São aceitos apenas números inteiros\.$/,
    en: /not valid JSON/,
  },
  not_integer: {
    pt: /^Erro ao processar dados para soma\. São aceitos apenas números inteiros\.$/,
    en: /^Only integers are accepted\.$/,
  },
  name_not_text: { pt: /^Nome deve ser um texto$/, en: /^Name must be text$/ },
  name_too_short: { pt: /^Nome deve ter pelo menos 3 caracteres$/, en: /^Name must have at least 3 characters$/ },
  name_too_long: { pt: /^Nome deve ter no máximo 255 caracteres$/, en: /^Name must have at most 255 characters$/ },
  name_characters: {
    pt: /não pode ter caracteres de controle.* nem caracteres que invertem a direção/,
    en: /must not contain control characters.* or characters that reverse the direction/,
  },
  out_of_range: { pt: /^O número deve estar entre −\S+ e \d\S+$/, en: /^The number must be between −\S+ and \d\S+$/ },
  sum_out_of_range: { pt: /^A soma deve estar entre −\S+ e \d\S+$/, en: /^The sum must be between −\S+ and \d\S+$/ },
  not_found: { pt: /Endereço não encontrado/, en: /nothing at this address/ },
  method_not_allowed: { pt: /Método não permitido/, en: /method is not allowed/ },
  payload_too_large: { pt: /passa do limite de 16 KiB/, en: /exceeds the limit of 16 KiB/ },
  unsupported_media_type: { pt: /Envie .* como application\/json/, en: /Send .* as application\/json/ },
  compressed_body: {
    pt: /comprimidos não são aceitos\. .* sem Content-Encoding/,
    en: /Compressed .* are not accepted\. .* without Content-Encoding/,
  },
  bad_request: { pt: /não pôde ser entendido/, en: /could not be understood/ },
  // It is unknown whether the operation was stored, so the message does not say.
  storage_unavailable: {
    pt: /não respondeu a tempo\. Tente de novo em alguns segundos\.$/,
    en: /did not answer in time\. Try again in a few seconds\.$/,
  },
  storage_refused: {
    pt: /recusou.*nada foi guardado\. Tentar de novo não resolve/,
    en: /refused.*nothing was stored\. Trying again does not help/,
  },
  overloaded: {
    pt: /pedidos demais.*Nada foi guardado; tente de novo em alguns segundos/,
    en: /too many requests.*Nothing was stored; try again in a few seconds/,
  },
  invalid_idempotency_key: {
    pt: /Idempotency-Key deve ter de 1 a 255 caracteres ASCII visíveis/,
    en: /Idempotency-Key must have 1 to 255 visible ASCII characters/,
  },
  idempotency_key_reused: {
    pt: /já foi usada com outros dados\. Use uma nova para cada operação/,
    en: /was used before with other data\. Use a new one for each operation/,
  },
  internal_error: {
    pt: /no servidor\. Tente de novo; se continuar, avise/,
    en: /on the server\. Try again; if it persists, tell/,
  },
};

test.each(Object.entries({ ...fieldMessages, ...problemMessages }))(
  'the message for %s says what it must, in both languages',
  (code, message) => {
    const { pt, en } = facts[code as keyof typeof facts];
    expect(message.pt).toMatch(pt);
    expect(message.en).toMatch(en);
  },
);
