import { expect, test } from '@jest/globals';
import { type FieldErrorCode, fieldMessages, type Language, type ProblemCode, problemMessages } from '../src/index.ts';

const largest = { pt: '9.007.199.254.740.991', en: '9,007,199,254,740,991' };
const seedText = 'Erro ao processar dados para soma. São aceitos apenas números inteiros.';
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
])('in %s, a message says “%s” only if that is certain', (language, promise) => {
  const codes = Object.entries(problemMessages).filter(([, text]) => text[language].toLowerCase().includes(promise));
  expect(codes.map(([code]) => code).sort()).toEqual(['overloaded', 'storage_refused']);
});

/**
 * Each sentence, word for word: whether the operation was stored, whether to try again, and whom to tell. The Portuguese ones
 * about integers and short names come from the seed, and its clients may depend on them.
 */
const texts: Record<ProblemCode | FieldErrorCode, Record<Language, string>> = {
  not_object: {
    pt: seedText,
    en: 'The data could not be read. Send a JSON object with a name and two integers.',
  },
  malformed_json: { pt: seedText, en: 'The data could not be read: it is not valid JSON.' },
  not_integer: { pt: seedText, en: 'Only integers are accepted.' },
  name_not_text: { pt: 'Nome deve ser um texto', en: 'Name must be text' },
  name_too_short: { pt: 'Nome deve ter pelo menos 3 caracteres', en: 'Name must have at least 3 characters' },
  name_too_long: { pt: 'Nome deve ter no máximo 255 caracteres', en: 'Name must have at most 255 characters' },
  name_characters: {
    pt: 'Nome não pode ter caracteres de controle, como quebras de linha ou tabulações, nem caracteres que invertem a direção do texto',
    en: 'Name must not contain control characters, such as line breaks or tabs, or characters that reverse the direction of the text',
  },
  out_of_range: { pt: `O número deve estar ${range.pt}`, en: `The number must be ${range.en}` },
  sum_out_of_range: { pt: `A soma deve estar ${range.pt}`, en: `The sum must be ${range.en}` },
  not_found: { pt: 'Endereço não encontrado.', en: 'There is nothing at this address.' },
  method_not_allowed: { pt: 'Método não permitido neste endereço.', en: 'This method is not allowed at this address.' },
  payload_too_large: {
    pt: 'O pedido passa do limite de 16 KiB.',
    en: 'The request exceeds the limit of 16 KiB.',
  },
  unsupported_media_type: { pt: 'Envie os dados como application/json.', en: 'Send the data as application/json.' },
  compressed_body: {
    pt: 'Corpos comprimidos não são aceitos. Envie os dados sem Content-Encoding.',
    en: 'Compressed bodies are not accepted. Send the data without Content-Encoding.',
  },
  bad_request: { pt: 'O pedido não pôde ser entendido.', en: 'The request could not be understood.' },
  // It is unknown whether the operation was stored, so the message does not say.
  storage_unavailable: {
    pt: 'O banco de dados não respondeu a tempo. Tente de novo em alguns segundos.',
    en: 'The database did not answer in time. Try again in a few seconds.',
  },
  storage_refused: {
    pt: 'O banco de dados recusou a operação, e nada foi guardado. Tentar de novo não resolve: avise a equipe da API.',
    en: 'The database refused the operation, and nothing was stored. Trying again does not help: tell the API team.',
  },
  overloaded: {
    pt: 'Há pedidos demais neste momento. Nada foi guardado; tente de novo em alguns segundos.',
    en: 'There are too many requests at the moment. Nothing was stored; try again in a few seconds.',
  },
  invalid_idempotency_key: {
    pt: 'O cabeçalho Idempotency-Key deve ter de 1 a 255 caracteres ASCII visíveis.',
    en: 'The header Idempotency-Key must have 1 to 255 visible ASCII characters.',
  },
  idempotency_key_reused: {
    pt: 'Esta Idempotency-Key já foi usada com outros dados. Use uma nova para cada operação.',
    en: 'This Idempotency-Key was used before with other data. Use a new one for each operation.',
  },
  internal_error: {
    pt: 'Erro inesperado no servidor. Tente de novo; se continuar, avise a equipe da API.',
    en: 'Unexpected error on the server. Try again; if it persists, tell the API team.',
  },
};

test.each(Object.entries({ ...fieldMessages, ...problemMessages }))(
  'the message for %s says what it must, in both languages',
  (code, message) => {
    expect(message).toEqual(texts[code as keyof typeof texts]);
  },
);
