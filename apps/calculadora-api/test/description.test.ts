import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { testApp } from './support/app.ts';

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

let app: FastifyInstance;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ app, close } = await testApp());
});
afterAll(() => close());

describe('openapi.json', () => {
  test('in the repository is what the API serves (`pnpm --filter calculadora-api openapi` writes it anew)', async () => {
    expect(JSON.parse(read('openapi.json'))).toEqual((await app.inject(paths.openapi)).json());
  });

  test('describes every address that clients use, and the errors of a sum', async () => {
    const document = (await app.inject(paths.openapi)).json();
    expect(Object.keys(document.paths).toSorted()).toEqual([paths.sum, paths.live, paths.ready].toSorted());
    expect(Object.keys(document.paths[paths.sum].post.responses)).toEqual([
      '200',
      '400',
      '413',
      '415',
      '422',
      '500',
      '503',
    ]);
  });
});

describe('The page of the description', () => {
  test('runs under a policy that allows its own files alone, and has nothing inline', async () => {
    const { headers, body } = await app.inject(paths.docs);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(body).not.toMatch(/<style|<script(?! src)|style=|https?:\/\//);
    for (const [, file] of body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await app.inject(file ?? '')).statusCode).toBe(200);
    }
  });

  test('is asked for once: a browser that has a file is told so', async () => {
    const url = `${paths.docs}/static/swagger-ui.css`;
    const { headers, body } = await app.inject(url);
    expect(Buffer.byteLength(body)).toBe(Number(headers['content-length']));
    expect((await app.inject({ url, headers: { 'if-none-match': String(headers.etag) } })).statusCode).toBe(304);
    expect(await app.inject({ url, method: 'HEAD' })).toMatchObject({ statusCode: 200, body: '' });
  });

  test('has no other files, and says so as the API does', async () => {
    const answer = await app.inject(`${paths.docs}/static/nada.css`);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });
});

describe('calculadora.http', () => {
  const text = read('calculadora.http').replaceAll('{{api}}', '');
  const calls = text.split(/^###/m).slice(1).map(toCall);

  test('shows success and errors', () => {
    const statuses = new Set(calls.map(({ status }) => status));
    expect([...statuses].toSorted()).toEqual([200, 400, 404, 405, 415, 422]);
  });

  test.each(calls)('is right that “$title” is answered with $status', async ({ status, request }) => {
    expect((await app.inject(request)).statusCode).toBe(status);
  });
});

/** A call as the editor's REST client reads it: title, expected status, request line, headers, an empty line, body. */
function toCall(block: string): { title: string; status: number; request: InjectOptions } {
  const { title, status, method, url, headers, body } =
    /^ (?<title>.+)\n# (?<status>\d{3})\n(?<method>[A-Z]+) (?<url>\S+)\n(?<headers>(?:\S+: .+\n)*)(?:\n(?<body>[\s\S]*))?$/.exec(
      block,
    )?.groups ?? {};
  const lines = (headers ?? '').split('\n').filter(Boolean);
  return {
    title: title ?? block,
    status: Number(status),
    request: {
      method: method as 'GET',
      url: url ?? '',
      headers: Object.fromEntries(lines.map((line) => line.split(': '))),
      ...(body?.trim() && { payload: body.trim() }),
    },
  };
}
