import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits, paths } from 'contract';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { testApp } from './support/app.ts';

const right = { nome: 'Wander', operador1: 5, operador2: 10 };
const json = { 'content-type': 'application/json' };
const post = (payload: string | object, headers: Record<string, string> = {}) =>
  ({ method: 'POST', url: paths.sum, headers: { ...json, ...headers }, payload }) as const;

describe('The API, with clients of many kinds,', () => {
  let app: FastifyInstance;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ app, close } = await testApp());
    await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => close());

  test('sends 100 Continue for a chunked body, and then answers', async () => {
    const socket = connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1' });
    socket.write(
      `POST ${paths.sum} HTTP/1.1\r\nHost: api\r\nConnection: close\r\nContent-Type: application/json\r\n` +
        'Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n',
    );
    const [first] = await once(socket, 'data');
    expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    const body = JSON.stringify(right);
    socket.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"resultado":15\}$/);
  });

  test('accepts every character that a host name on a network, in Docker or in Compose may have', async () => {
    const characters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._%'];
    const refused: string[] = [];
    for (const character of characters) {
      const { statusCode } = await app.inject({ url: paths.sum, headers: { host: `a${character}b:7000` } });
      if (statusCode !== 200) refused.push(character);
    }
    expect(refused).toEqual([]);
  });

  test.each([
    ['with a byte order mark, as .NET and PowerShell send it', `\ufeff${JSON.stringify(right)}`],
    ['with blanks and line breaks around it', `\r\n\t ${JSON.stringify(right, null, 2)}\r\n`],
    ['with every character escaped', JSON.stringify(right).replace('Wander', '\\u0057\\u0061\\u006e\\ud83d\\ude42')],
    ['with a name beyond ASCII', JSON.stringify({ ...right, nome: 'José 李小龍 🙂' })],
  ])('accepts JSON %s', async (_, body) => {
    const answer = await app.inject(post(body));
    expect([answer.statusCode, answer.body]).toEqual([200, '{"resultado":15}']);
  });

  test.each<[number, InjectOptions]>([
    [200, post(right)],
    [200, { url: paths.live }],
    [200, { url: paths.ready }],
    [200, { url: paths.metrics }],
    [200, { url: paths.openapi }],
    [400, { url: '/%zz' }],
    [400, { url: paths.sum, headers: { host: 'a b' } }],
    [400, post({})],
    [400, post(right, { 'idempotency-key': 'a b' })],
    [404, { url: '/nada' }],
    [405, { url: paths.sum, method: 'PUT' }],
    [413, post(' '.repeat(limits.bodyBytes + 1))],
    [415, post('x', { 'content-type': 'text/plain' })],
    [415, post('x', { 'content-encoding': 'gzip' })],
    [417, { url: paths.sum, headers: { expect: 'foo' } }],
  ])('answers %i with the client’s request id and the security headers: %j', async (status, request) => {
    const answer = await app.inject({ ...request, headers: { ...request.headers, 'x-request-id': 'of-the-client' } });
    expect([answer.statusCode, answer.headers]).toEqual([
      status,
      expect.objectContaining({
        'x-request-id': 'of-the-client',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
      }),
    ]);
  });
});
