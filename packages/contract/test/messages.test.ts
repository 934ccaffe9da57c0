import { expect, test } from '@jest/globals';
import { fieldMessages, type Language, problemMessages } from '../src/index.ts';

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
])('the message of %s names its limit, in both languages', (_, message, limit) => {
  expect(message.pt).toContain(limit.pt);
  expect(message.en).toContain(limit.en);
});

test.each<[Language, string]>([
  ['pt', 'nada foi guardado'],
  ['en', 'nothing was stored'],
])('in %s only the problems in which it is known promise that “%s”', (language, promise) => {
  const codes = Object.entries(problemMessages).filter(([, text]) => text[language].toLowerCase().includes(promise));
  expect(codes.map(([code]) => code).sort()).toEqual(['overloaded', 'storage_refused']);
});
