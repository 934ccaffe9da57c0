import { limits } from './limits.ts';

const { minimum, maximum } = limits.nome;
const notIntegers = 'Erro ao processar dados para soma. São aceitos apenas números inteiros.';
const range = {
  pt: limits.integer.maximum.toLocaleString('pt-BR'),
  en: limits.integer.maximum.toLocaleString('en'),
};

/** Messages for one invalid field. The Portuguese sentences about integers and short names come from the seed. */
export const fieldMessages = {
  not_object: {
    pt: notIntegers,
    en: 'The data could not be read. Send a JSON object with a name and two integers.',
  },
  name_not_text: { pt: 'Nome deve ser um texto', en: 'Name must be text' },
  name_too_short: {
    pt: `Nome deve ter pelo menos ${minimum} caracteres`,
    en: `Name must have at least ${minimum} characters`,
  },
  name_too_long: {
    pt: `Nome deve ter no máximo ${maximum} caracteres`,
    en: `Name must have at most ${maximum} characters`,
  },
  name_characters: {
    pt: 'Nome não pode ter caracteres de controle, como quebras de linha ou tabulações, nem caracteres que invertem a direção do texto',
    en: 'Name must not contain control characters, such as line breaks or tabs, or characters that reverse the direction of the text',
  },
  not_integer: { pt: notIntegers, en: 'Only integers are accepted.' },
  out_of_range: {
    pt: `O número deve estar entre −${range.pt} e ${range.pt}`,
    en: `The number must be between −${range.en} and ${range.en}`,
  },
  sum_out_of_range: {
    pt: `A soma deve estar entre −${range.pt} e ${range.pt}`,
    en: `The sum must be between −${range.en} and ${range.en}`,
  },
} as const;
export type FieldErrorCode = keyof typeof fieldMessages;

/** Messages for a request that failed as a whole. */
export const problemMessages = {
  malformed_json: { pt: notIntegers, en: 'The data could not be read: it is not valid JSON.' },
  not_found: { pt: 'Endereço não encontrado.', en: 'There is nothing at this address.' },
  method_not_allowed: { pt: 'Método não permitido neste endereço.', en: 'This method is not allowed at this address.' },
  payload_too_large: {
    pt: `O pedido passa do limite de ${limits.bodyBytes / 1024} KiB.`,
    en: `The request exceeds the limit of ${limits.bodyBytes / 1024} KiB.`,
  },
  unsupported_media_type: {
    pt: 'Envie os dados como application/json.',
    en: 'Send the data as application/json.',
  },
  compressed_body: {
    pt: 'Corpos comprimidos não são aceitos. Envie os dados sem Content-Encoding.',
    en: 'Compressed bodies are not accepted. Send the data without Content-Encoding.',
  },
  bad_request: { pt: 'O pedido não pôde ser entendido.', en: 'The request could not be understood.' },
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
    pt: `O cabeçalho Idempotency-Key deve ter de 1 a ${limits.idempotencyKey.maximum} caracteres ASCII visíveis.`,
    en: `The header Idempotency-Key must have 1 to ${limits.idempotencyKey.maximum} visible ASCII characters.`,
  },
  idempotency_key_reused: {
    pt: 'Esta Idempotency-Key já foi usada com outros dados. Use uma nova para cada operação.',
    en: 'This Idempotency-Key was used before with other data. Use a new one for each operation.',
  },
  internal_error: {
    pt: 'Erro inesperado no servidor. Tente de novo; se continuar, avise a equipe da API.',
    en: 'Unexpected error on the server. Try again; if it persists, tell the API team.',
  },
} as const;
export type ProblemCode = keyof typeof problemMessages;

export type Language = keyof (typeof problemMessages)[ProblemCode];
