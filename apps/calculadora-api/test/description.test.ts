import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { describeWith, findTool } from '../../../test/support/tools.ts';
import { testApp } from './support/app.ts';

const fileOf = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => readFileSync(fileOf(name), 'utf8');

/** The parts of an operation that these tests read. */
interface Operation {
  operationId: string;
  responses: Record<string, { headers?: object; content?: object }>;
}

let app: FastifyInstance;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ app, close } = await testApp());
});
afterAll(() => close());

describe('openapi.json', () => {
  test('equals what the API serves (`pnpm --filter calculadora-api openapi` updates it)', async () => {
    expect(JSON.parse(read('openapi.json'))).toEqual((await app.inject(paths.openapi)).json());
  });

  test('describes every path that clients use, and the errors of a sum', async () => {
    const document = (await app.inject(paths.openapi)).json();
    expect(Object.keys(document.paths).toSorted()).toEqual([paths.sum, paths.live, paths.ready].toSorted());
    const statuses = Object.keys(document.paths[paths.sum].post.responses);
    expect(statuses.join()).toBe('200,400,413,415,422,500,503');
  });

  test('gives each operation a name, and each response a media type', async () => {
    const document = (await app.inject(paths.openapi)).json();
    const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, responses }]) => [
        `${method.toUpperCase()} ${path}`,
        operationId,
        Object.entries(responses).map(([status, { content = {} }]) => `${status} ${Object.keys(content).join()}`),
      ]),
    );
    const problem = (status: number) => `${status} application/problem+json`;
    expect(operations.toSorted()).toEqual([
      ['GET /backend', 'greet', ['200 text/plain', problem(400)]],
      ['GET /backend/health/live', 'isLive', ['200 application/json', problem(400)]],
      ['GET /backend/health/ready', 'isReady', ['200 application/json', problem(400), '503 application/json']],
      ['POST /backend', 'sum', ['200 application/json', ...[400, 413, 415, 422, 500, 503].map(problem)]],
    ]);
    expect(document).toMatchObject({ openapi: '3.1.0', security: [], servers: [{ url: '/' }] });
    expect(document.paths[paths.sum].post.requestBody.required).toBe(true);
    const [key] = document.paths[paths.sum].post.parameters;
    expect(key).toMatchObject({ name: 'idempotency-key', in: 'header', required: false });
  });

  test('has examples that the API answers as described', async () => {
    const document = (await app.inject(paths.openapi)).json();
    const { requestBody, responses, parameters } = document.paths[paths.sum].post;
    const { example: request, schema } = requestBody.content['application/json'];
    const headers = { 'idempotency-key': parameters[0].example };
    const answer = await app.inject({ method: 'POST', url: paths.sum, headers, payload: request });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(responses[200].content['application/json'].example);
    expect(schema.properties.nome.examples).toEqual([request.nome]);
  });

  test('lists the responses with Retry-After', async () => {
    const document = (await app.inject(paths.openapi)).json();
    const answers = Object.values<Record<string, Operation>>(document.paths)
      .flatMap((path) => Object.values(path))
      .flatMap(({ operationId, responses }) =>
        Object.entries(responses).map(([status, { headers = {} }]) => [operationId, status, Object.keys(headers)]),
      );
    expect(answers.filter(([, , headers]) => headers?.includes('Retry-After'))).toEqual([
      ['sum', '503', ['Retry-After']],
    ]);
  });
});

describeWith('redocly', findTool('redocly'), 'openapi.json', (redocly) => {
  test("passes Redocly's recommended rules", async () => {
    const args = [redocly, 'lint', '--extends=recommended', '--format=json', fileOf('openapi.json')];
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    // It exits with 1 if it finds an error, and its output lists the errors.
    const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch((error) => error);
    const { totals, problems } = JSON.parse(stdout);
    expect(problems).toEqual([]);
    expect(totals).toEqual({ errors: 0, warnings: 0, ignored: 0 });
  });
});

describe('The documentation page', () => {
  test('has a policy that allows only its own files, and no inline scripts or styles', async () => {
    const { headers, body } = await app.inject(paths.docs);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(body).not.toMatch(/<style|<script(?! src)|style=|https?:\/\//);
    const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files).toContain(`${paths.docs}/static/swagger-ui-bundle.js`);
    for (const file of files) expect((await app.inject(file)).statusCode).toBe(200);
  });

  test('allows the style sheet that its own script adds', async () => {
    const { headers, body } = await app.inject(paths.docs);
    const scripts = [...body.matchAll(/src="([^"]+\.js)"/g)].map(([, file = '']) => app.inject(file));
    const source = (await Promise.all(scripts)).map((script) => script.body).join('\n');
    const styles = [...source.matchAll(/createElement\("style",null,"([^"\\]+)"\)/g)].map(([, style = '']) => style);
    expect(styles).not.toEqual([]);
    for (const style of styles) {
      const hash = createHash('sha256').update(style).digest('base64');
      expect(headers['content-security-policy']).toContain(`'sha256-${hash}'`);
    }
  });

  test('can be cached: a file that the browser already has is answered with 304', async () => {
    const url = `${paths.docs}/static/swagger-ui.css`;
    const { headers, body } = await app.inject(url);
    expect(Buffer.byteLength(body)).toBe(Number(headers['content-length']));
    expect((await app.inject({ url, headers: { 'if-none-match': String(headers.etag) } })).statusCode).toBe(304);
    expect(await app.inject({ url, method: 'HEAD' })).toMatchObject({ statusCode: 200, body: '' });
  });

  test("answers an unknown file with the API's 404", async () => {
    const answer = await app.inject(`${paths.docs}/static/nada.css`);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('calculadora.http', () => {
  const text = read('calculadora.http').replaceAll('{{api}}', '');
  const calls = text.split(/^###/m).slice(1).map(toCall);

  test('has calls for success and errors', () => {
    const shown = new Set(calls.map(({ status }) => status));
    expect([...shown].toSorted()).toEqual([200, 400, 404, 405, 415, 422]);
  });

  // In their order, because some responses depend on an earlier call.
  const statuses = new Map<string, number>();
  beforeAll(async () => {
    for (const { title, request } of calls) statuses.set(title, (await app.inject(request)).statusCode);
  });

  test.each(calls)('states the right status: “$title” is answered with $status', ({ title, status }) => {
    expect(statuses.get(title)).toBe(status);
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
