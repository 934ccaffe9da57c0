import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { limits } from 'contract';
import { requestSum } from '../src/api.ts';

const request = { nome: 'Wander', operador1: 5, operador2: 10 };
const key = '0123456789abcdef0123456789abcdef';
const problem = 'application/problem+json';

// A mock, because the address is relative and Node's fetch has no page. The tests in test/browser use the real API.
let sent: Parameters<typeof fetch>[];
let respond: () => Promise<Response>;
beforeEach(() => {
  sent = [];
  jest.spyOn(globalThis, 'fetch').mockImplementation((...args) => {
    sent.push(args);
    return respond();
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

function answer(status: number, body: unknown, contentType?: string, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  respond = async () =>
    new Response(text, { status, headers: { ...(contentType && { 'content-type': contentType }), ...headers } });
  return requestSum(request, key);
}

test('an operation is sent once, to the API, as JSON, with its key and a timeout', async () => {
  const limit = jest.spyOn(AbortSignal, 'timeout');
  expect(await answer(200, { resultado: 15 }, 'application/json')).toEqual({ resultado: 15 });
  expect(sent).toHaveLength(1);
  const [[address, init = {}] = ['']] = sent;
  expect(address).toBe('/backend');
  expect(init.method).toBe('POST');
  expect(Object.fromEntries(new Headers(init.headers))).toEqual({
    'content-type': 'application/json',
    'idempotency-key': key,
    traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-0[01]$/),
  });
  expect(JSON.parse(String(init.body))).toEqual(request);
  expect(limit.mock.calls).toEqual([[limits.clientTimeout]]);
  expect(init.signal).toBe(limit.mock.results[0]?.value);
});

test('after the timeout the outcome is a timeout, whatever name the browser gives its error', async () => {
  const limit = new AbortController();
  jest.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
  respond = async () => {
    limit.abort();
    throw new DOMException('aborted', 'AbortError');
  };
  expect(await requestSum(request, key)).toEqual({ failure: { code: 'timeout' } });
});

test('a response that is cut off is a failed connection', async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError('network error')) });
  respond = async () => new Response(body, { status: 200 });
  expect(await requestSum(request, key)).toEqual({ failure: { code: 'offline' } });
});

test('without a connection the outcome is offline', async () => {
  respond = async () => {
    throw new TypeError('Failed to fetch');
  };
  expect(await requestSum(request, key)).toEqual({ failure: { code: 'offline' } });
});

test.each([
  ['another number', { resultado: 99 }],
  ['a string', { resultado: '15' }],
  ['null', null],
  ['a bare number', 15],
  ['an empty object', {}],
  ['an array', [15]],
  ['invalid JSON', 'resultado: 15'],
  ['an empty body', ''],
])('%s is not accepted as the sum', async (_, body) => {
  expect(await answer(200, body, 'application/json')).toEqual({ failure: { code: 'unexpected' } });
});

test.each([problem, 'Application/Problem+JSON', `${problem}; charset=utf-8`, `${problem} ;x=y`])(
  'a problem is accepted as %s',
  async (contentType) => {
    const body = { code: 'storage_unavailable', detail: 'Tente de novo.' };
    expect(await answer(503, body, contentType)).toEqual({ failure: body });
  },
);

test.each(['application/json', 'application/problem+jsonx', undefined])(
  'a problem is not accepted as %s',
  async (contentType) => {
    expect(await answer(400, { code: 'overloaded', detail: 'x' }, contentType)).toEqual({
      failure: { code: 'unexpected' },
    });
  },
);

describe('in a problem with invalid members', () => {
  test.each<[string, unknown, unknown]>([
    ['a detail that is an object is ignored', { code: 'a', detail: {} }, { failure: { code: 'a' } }],
    [
      'errors that are null are ignored',
      { code: 'a', detail: 'b', errors: null },
      { failure: { code: 'a', detail: 'b' } },
    ],
    [
      'errors that are a string are ignored',
      { code: 'a', detail: 'b', errors: '#/nome' },
      { failure: { code: 'a', detail: 'b' } },
    ],
    [
      'invalid errors are ignored',
      {
        code: 'a',
        errors: [
          null,
          5,
          {},
          [],
          { pointer: '#/nome' },
          { pointer: '#/operador2', code: 'b', detail: { c: 1 } },
          { pointer: '#/x', code: 'b' },
        ],
      },
      { failure: { code: 'a' } },
    ],
    [
      'valid errors among invalid ones are kept, the first of each field',
      {
        code: 'a',
        errors: [
          null,
          { pointer: '#/nome', code: 'b', detail: 'c' },
          { pointer: '#/nome', code: 'e' },
          { pointer: '#/operador1', code: 'd' },
          { pointer: '#/operador2', code: 'f', detail: 'g' },
        ],
      },
      {
        mistakes: {
          nome: { code: 'b', detail: 'c' },
          operador1: { code: 'd' },
          operador2: { code: 'f', detail: 'g' },
        },
      },
    ],
    ['a body that is null is unexpected', null, { failure: { code: 'unexpected' } }],
    ['a body without a code is unexpected', { detail: 'b' }, { failure: { code: 'unexpected' } }],
    ['a code that is a number is unexpected', { code: 7, detail: 'b' }, { failure: { code: 'unexpected' } }],
  ])('%s', async (_, body, outcome) => {
    expect(await answer(400, body, problem)).toEqual(outcome);
  });
});

test.each<[number, unknown, string | undefined]>([
  [502, '<html>Bad gateway</html>', 'text/html'],
  [502, '', undefined],
  [503, { message: 'Service Unavailable' }, 'application/json'],
  [504, 'stream timeout', 'text/plain'],
  [503, null, problem],
  [403, '<html>Forbidden</html>', 'Text/HTML; charset=UTF-8'],
  [200, '<!doctype html>', 'text/html'],
])('%s with the body %j means that the service is unavailable', async (status, body, contentType) => {
  expect(await answer(status, body, contentType)).toEqual({ failure: { code: 'unavailable' } });
});

test.each([500, 501, 505, 429, 404])('%s without a problem is unexpected', async (status) => {
  expect(await answer(status, 'x', 'text/plain')).toEqual({ failure: { code: 'unexpected' } });
});

test('the sum in an error response is not accepted', async () => {
  expect(await answer(500, { resultado: 15 }, 'application/json')).toEqual({ failure: { code: 'unexpected' } });
});

test('a failure contains the request id, preferably the API’s own', async () => {
  const headers = { 'x-amz-cf-id': 'edge', 'x-amzn-trace-id': 'Root=1' };
  expect(await answer(504, '', 'text/html', headers)).toEqual({ failure: { code: 'unavailable', requestId: 'edge' } });
  expect(await answer(503, { code: 'overloaded' }, problem, { ...headers, 'x-request-id': 'api' })).toEqual({
    failure: { code: 'overloaded', requestId: 'api' },
  });
  expect(await answer(500, '', 'text/plain', { 'x-amzn-trace-id': 'Root=1' })).toEqual({
    failure: { code: 'unexpected', requestId: 'Root=1' },
  });
});
