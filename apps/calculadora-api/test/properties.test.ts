import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkSumRequest, idempotencyKeyHeader, limits, paths } from 'contract';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { testApp } from './support/app.ts';

const { minimum, maximum } = limits.integer;
const operand = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(minimum, minimum + 1, -1, 0, 1, maximum - 1, maximum),
);
const nome = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });

describe('Any request', () => {
  let app: FastifyInstance;
  let file: string;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ app, file, close } = await testApp());
  });
  afterAll(() => close());

  const post = (payload: string | Buffer, type = 'application/json') =>
    app.inject({ method: 'POST', url: paths.sum, headers: { 'content-type': type }, payload });

  test('gets an exact sum and is stored unchanged, or is refused as invalid', async () => {
    const database = new DatabaseSync(file);
    const lastRow = database.prepare('select nome, operador1, operador2 from operacoes order by id desc limit 1');
    lastRow.setReadBigInts(true);
    await fc.assert(
      fc.asyncProperty(nome, operand, operand, async (name, operador1, operador2) => {
        const request = { nome: name, operador1, operador2 };
        const answer = await post(JSON.stringify(request));
        const exact = BigInt(operador1) + BigInt(operador2);
        const isValid = checkSumRequest(request).length === 0;
        expect(answer.statusCode).toBe(isValid ? 200 : 400);
        if (!isValid) return;
        expect(answer.body).toBe(`{"resultado":${exact}}`);
        expect({ ...lastRow.get() }).toEqual({
          nome: name.trim(),
          operador1: BigInt(operador1),
          operador2: BigInt(operador2),
        });
      }),
      { numRuns: 300 },
    );
    database.close();
  });

  test('with a JSON body is answered with 200 or 400', async () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ nome: fc.jsonValue(), operador1: fc.jsonValue(), operador2: operand }),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        const { statusCode } = await post(JSON.stringify(value));
        expect(statusCode).toBe(checkSumRequest(value).length === 0 ? 200 : 400);
      }),
      { numRuns: 500 },
    );
  });

  test('may only have a key as described: 1 to 255 visible characters, with or without quotes', async () => {
    const document = (await app.inject(paths.openapi)).json();
    const { schema } = document.paths[paths.sum].post.parameters.find(
      ({ name }: { name: string }) => name.toLowerCase() === idempotencyKeyHeader,
    );
    const described = new RegExp(schema.pattern);
    const length = fc.oneof(fc.nat(3), fc.integer({ min: 252, max: 258 }));
    const character = fc.oneof(
      { arbitrary: fc.constantFrom('"', ' ', '!', '~'), weight: 1 },
      { arbitrary: fc.constant('k'), weight: 3 },
    );
    const key = length.chain((size) => fc.string({ unit: character, minLength: size, maxLength: size }));
    const header = fc
      .oneof(
        key,
        key.map((inner) => `"${inner}"`),
      )
      .map((value) => value.trim());
    const payload = JSON.stringify({ nome: 'Wander', operador1: 5, operador2: 10 });
    await fc.assert(
      fc.asyncProperty(header, async (value) => {
        const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
        const isKey = /^[!-~]{1,255}$/.test(isQuoted ? value.slice(1, -1) : value);
        const headers = { 'content-type': 'application/json', [idempotencyKeyHeader]: value };
        const { statusCode } = await app.inject({ method: 'POST', url: paths.sum, headers, payload });
        expect(statusCode).toBe(isKey ? 200 : 400);
        expect(described.test(value)).toBe(isKey);
      }),
      {
        numRuns: 500,
        examples: [
          ['""'],
          ['"'],
          [`"${'x'.repeat(254)}`],
          [`"${'x'.repeat(255)}`],
          ['x'.repeat(256)],
          [`"${'x'.repeat(255)}"`],
          [`"${'x'.repeat(256)}"`],
        ],
      },
    );
  });

  test('never causes a server error, with any bytes and any media type', async () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text.slice(1))),
    );
    const type = fc.oneof(fc.constant('application/json'), fc.stringMatching(/^[!-~]{1,30}$/));
    await fc.assert(
      fc.asyncProperty(bytes, type, async (body, contentType) => {
        const { statusCode } = await post(Buffer.from(body), contentType);
        expect([200, 400, 415]).toContain(statusCode);
      }),
      { numRuns: 500 },
    );
  });

  test('never causes a server error, with any URL and method', async () => {
    const url = fc
      .oneof(fc.webPath(), fc.constantFrom(...Object.values(paths)), fc.webUrl())
      .map((path) => path || '/');
    const method = fc.constantFrom(...(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const));
    await fc.assert(
      fc.asyncProperty(url, method, async (address, verb) => {
        const { statusCode } = await app.inject({ url: address, method: verb });
        expect(statusCode).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });
});
