import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fieldMessages, limits, paths, problemMessages } from 'contract';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { buildServer } from '../src/server.ts';
import { testApp } from './support/app.ts';

const valid = { nome: 'Wander', operador1: 5, operador2: 10 };
const json = { 'content-type': 'application/json' };

describe('The API refuses', () => {
  let app: FastifyInstance;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ app, close } = await testApp());
  });
  afterAll(() => close());

  /** Sends a request, expects a problem with this status, and returns it. */
  async function problemOf(status: number, request: InjectOptions) {
    const answer = await app.inject(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = answer.json();
    expect(problem).toMatchObject({ type: 'about:blank', status });
    return { ...problem, headers: answer.headers };
  }
  const post = (payload: string | object, headers: Record<string, string> = json) =>
    ({ method: 'POST', url: paths.sum, headers, payload }) as const;

  test.each([
    ['a short name', { ...valid, nome: 'Wa' }, '#/nome', 'name_too_short'],
    ['a name of spaces', { ...valid, nome: '     ' }, '#/nome', 'name_too_short'],
    ['a long name', { ...valid, nome: 'a'.repeat(256) }, '#/nome', 'name_too_long'],
    ['a name with a line break', { ...valid, nome: 'Wan\nder' }, '#/nome', 'name_characters'],
    ['an invisible name', { ...valid, nome: '\u200b\u3164\u2800' }, '#/nome', 'name_too_short'],
    ['a name that reverses the text direction', { ...valid, nome: 'Ana \u202eairaM' }, '#/nome', 'name_characters'],
    ['a name with a line separator', { ...valid, nome: 'Ana\u2028Maria' }, '#/nome', 'name_characters'],
    ['a name with half an emoji', { ...valid, nome: 'Wander\ud83d' }, '#/nome', 'name_characters'],
    ['a name that is a number', { ...valid, nome: 12345 }, '#/nome', 'name_not_text'],
    ['no name', { operador1: 5, operador2: 10 }, '#/nome', 'name_not_text'],
    ['text instead of a number', { ...valid, operador1: '5' }, '#/operador1', 'not_integer'],
    ['a fraction', { ...valid, operador2: 1.5 }, '#/operador2', 'not_integer'],
    ['null', { ...valid, operador1: null }, '#/operador1', 'not_integer'],
    ['true', { ...valid, operador2: true }, '#/operador2', 'not_integer'],
    ['a list', { ...valid, operador2: [5] }, '#/operador2', 'not_integer'],
    ['a number too large', { ...valid, operador1: 2 ** 53 }, '#/operador1', 'out_of_range'],
    ['a number too small', { ...valid, operador2: -(2 ** 53) }, '#/operador2', 'out_of_range'],
    ['a sum too large', { ...valid, operador1: Number.MAX_SAFE_INTEGER }, '#/operador1', 'sum_out_of_range'],
    ['a list as the body', [valid], '#', 'not_object'],
    ['null as the body', 'null', '#', 'not_object'],
  ] as const)('%s, naming the field', async (_what, body, pointer, code) => {
    const { detail, errors } = await problemOf(400, post(body as object));
    expect(errors).toContainEqual({ pointer, code, detail: fieldMessages[code].pt });
    expect(detail).toBe(fieldMessages[code].pt);
  });

  test('a request with only invalid fields, naming each of them', async () => {
    const { detail, errors } = await problemOf(400, post({ nome: 'x', operador1: 'y' }));
    expect(errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['#/nome', '#/operador1', '#/operador2']);
    expect(detail).toBe(`${fieldMessages.name_too_short.pt}; ${fieldMessages.not_integer.pt}`);
  });

  test.each([
    ['truncated', '{"nome":'],
    ['empty', ''],
    ['not JSON', 'nome=Wander'],
    ['nested without an end', '['.repeat(10_000)],
    ['invalid because of a hexadecimal number', '{"nome":"Wander","operador1":0x10,"operador2":1}'],
    ['not UTF-8', Buffer.from('{"nome":"Jos\xe9","operador1":1,"operador2":2}', 'latin1')],
  ])('a body that is %s', async (_what, body) => {
    const { code, detail } = await problemOf(400, post(body));
    expect({ code, detail }).toEqual({ code: 'malformed_json', detail: problemMessages.malformed_json.pt });
  });

  test('a deeply nested body with 400, if at all', async () => {
    const deep = `${'['.repeat(8_000)}1.0${']'.repeat(8_000)}`;
    const { statusCode } = await app.inject(post(`{"nome":"Wander","operador1":1,"operador2":2,"x":${deep}}`));
    expect([200, 400]).toContain(statusCode);
  });

  test('a body above the size limit, but not one of exactly that size', async () => {
    const request = JSON.stringify(valid);
    await problemOf(413, post(request.padEnd(limits.bodyBytes + 1)));
    expect((await app.inject(post(request.padEnd(limits.bodyBytes)))).statusCode).toBe(200);
  });

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense', 'application/jsonp'])(
    'a body of type %s',
    async (type) => {
      const { code } = await problemOf(415, post(JSON.stringify(valid), { 'content-type': type }));
      expect(code).toBe('unsupported_media_type');
    },
  );

  test.each(['gzip', 'br', 'GZIP', 'gzip, identity'])(
    'a body with the encoding %s, with the reason',
    async (encoding) => {
      const payload = gzipSync(JSON.stringify(valid));
      const { code, detail, headers } = await problemOf(415, post(payload, { ...json, 'content-encoding': encoding }));
      expect({ code, detail }).toEqual({ code: 'compressed_body', detail: problemMessages.compressed_body.pt });
      expect(headers['accept-encoding']).toBe('identity');
    },
  );

  test.each(['identity', 'Identity'])('no body with the encoding %s, which means none', async (encoding) => {
    const plain = post(JSON.stringify(valid), { ...json, 'content-encoding': encoding });
    expect((await app.inject(plain)).statusCode).toBe(200);
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8'])(
    'no body of type %s',
    async (type) => {
      const { statusCode } = await app.inject(post(JSON.stringify(valid), { 'content-type': type }));
      expect(statusCode).toBe(200);
    },
  );

  test.each(['/', '/backend/', '/backend/nada', '/nada?x=%zz'])('the unknown path %s', async (url) => {
    await problemOf(404, { url });
    await problemOf(404, { method: 'POST', url, headers: { 'content-type': 'text/plain' }, payload: 'x' });
  });

  test.each([
    ['PUT', paths.sum, 'GET, HEAD, POST'],
    ['DELETE', paths.sum, 'GET, HEAD, POST'],
    ['OPTIONS', paths.sum, 'GET, HEAD, POST'],
    ['PATCH', paths.sum, 'GET, HEAD, POST'],
    ['POST', paths.ready, 'GET, HEAD'],
    ['POST', paths.metrics, 'GET, HEAD'],
    ['PUT', paths.openapi, 'GET, HEAD'],
  ] as const)('the method %s at %s, and lists the allowed ones', async (method, url, allow) => {
    const { headers } = await problemOf(405, { method, url, headers: { 'content-type': 'text/plain' }, payload: 'x' });
    expect(headers.allow).toBe(allow);
  });

  test('a URL that cannot be decoded', async () => {
    await problemOf(400, { url: '/backend/%zz' });
  });

  test('a byte range beyond the end of a file, and gives the length of the file', async () => {
    const url = `${paths.docs}/static/swagger-ui.css`;
    const size = (await app.inject(url)).headers['content-length'];
    const { headers } = await problemOf(416, { url, headers: { range: 'bytes=99999999-' } });
    expect(headers['content-range']).toBe(`bytes */${size}`);
    await problemOf(412, { url, headers: { 'if-match': '"another"' } });
    await problemOf(404, { url: `${paths.docs}/static/%00` });
    const part = await app.inject({ url, headers: { range: 'bytes=0-9' } });
    expect(part).toMatchObject({ statusCode: 206, headers: { 'content-length': '10' } });
  });
});

describe('The API', () => {
  const storage = {
    isReady: async () => true,
    operationsStored: () => 0,
    connections: () => ({ used: 0, idle: 0, waiting: 0, maximum: 0 }),
    waiting: () => 0,
  };

  test('is not ready if the signal arrives during the storage check', async () => {
    let isDraining = false;
    const signalled = {
      ...storage,
      async isReady() {
        isDraining = true;
        return true;
      },
    };
    const operations = { record: async () => undefined };
    const parts = { operations, storage: signalled, logger: false, isDraining: () => isDraining };
    expect((await (await buildServer(parts)).inject(paths.ready)).statusCode).toBe(503);
  });
});
