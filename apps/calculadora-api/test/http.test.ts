import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { type Api, startApi, untilReady } from './support/api.ts';
import { describeEachDatabase, type TestDatabase } from './support/databases.ts';

// An open connection would delay the shutdown of the process.
const json = { 'content-type': 'application/json', connection: 'close' };

describe('The API over HTTP', () => {
  describeEachDatabase((kind) => {
    let database: TestDatabase;
    let api: Api;
    let rowsBefore: number;
    const post = (body: unknown) =>
      fetch(api.url + paths.sum, { method: 'POST', headers: json, body: JSON.stringify(body) });

    /** The rows that this test has stored so far. */
    const newRows = async () => (await database.rows()).slice(rowsBefore);

    beforeAll(async () => {
      await kind.start();
      database = await kind.newDatabase();
      api = await startApi(database.env);
      await untilReady(api);
    });
    beforeEach(async () => {
      rowsBefore = (await database.rows()).length;
    });
    afterAll(async () => {
      await api.stop();
      await kind.stop();
    });

    test('confirms that it is running', async () => {
      const answer = await fetch(api.url + paths.sum);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(await answer.text()).toBe('API em execução!');
    });

    test('adds two integers, answers as the seed does, and stores the operation', async () => {
      const answer = await post({ nome: 'Wander', operador1: 5, operador2: 10 });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(await answer.text()).toBe('{"resultado":15}');
      expect(await newRows()).toEqual([{ nome: 'Wander', operador1: 5, operador2: 10 }]);
    });

    test('stores names in any script, trimmed, and the largest integers unchanged', async () => {
      const largest = Number.MAX_SAFE_INTEGER;
      const requests = [
        { nome: '  José da Silva\t', operador1: largest, operador2: -largest },
        { nome: '李小龍', operador1: -largest, operador2: 0 },
        { nome: '👩‍👩‍👧🧮🇧🇷', operador1: -0, operador2: -1 },
        { nome: "Robert'); DROP TABLE operacoes;--", operador1: 1, operador2: 2 },
        { nome: '\\" ? ?? %s {nome}', operador1: 1, operador2: 2 },
        { nome: '😀'.repeat(255), operador1: 1, operador2: 2 },
      ];
      for (const request of requests) expect((await post(request)).status).toBe(200);
      expect(await newRows()).toEqual(
        requests.map((request) => ({ ...request, nome: request.nome.trim(), operador1: request.operador1 + 0 })),
      );
    });

    test('stores nothing from a refused request', async () => {
      expect((await post({ nome: 'Wa', operador1: 5, operador2: 10 })).status).toBe(400);
      expect((await post({ nome: 'Wander', operador1: 5, operador2: '10' })).status).toBe(400);
      expect(await newRows()).toEqual([]);
    });

    test('ignores unknown fields, even those with names of built-in properties', async () => {
      const body =
        '{"nome":"Wander","operador1":5,"operador2":10,"id":7,"__proto__":{"x":1},"constructor":1,"toJSON":2}';
      const answer = await fetch(api.url + paths.sum, { method: 'POST', headers: json, body });
      expect(await answer.json()).toEqual({ resultado: 15 });
      expect(await newRows()).toHaveLength(1);
    });

    test('keeps its operations across a restart', async () => {
      await post({ nome: 'Wander', operador1: 5, operador2: 10 });
      expect(await api.stop()).toBe(0);
      api = await startApi(database.env);
      await untilReady(api);
      await post({ nome: 'Wander', operador1: 1, operador2: 2 });
      expect(await newRows()).toHaveLength(2);
    });

    test('counts requests, stored operations and connections', async () => {
      await api.stop();
      api = await startApi(database.env);
      await untilReady(api);
      const started = performance.now();
      await post({ nome: 'Wander', operador1: 5, operador2: 10 });
      const seconds = (performance.now() - started) / 1_000;
      await post({ nome: 'Wander', operador1: 5, operador2: null });
      await fetch(`${api.url}/made/up`);
      const metrics = await (await fetch(api.url + paths.metrics)).text();
      const labels = (method: string, route: string, status: number) =>
        `{http_request_method="${method}",http_route="${route}",http_response_status_code="${status}"}`;
      const lines = metrics.split('\n');
      expect(lines).toContain(`http_server_request_duration_seconds_count${labels('POST', paths.sum, 200)} 1`);
      expect(lines).toContain(`http_server_request_duration_seconds_count${labels('POST', paths.sum, 400)} 1`);
      expect(lines).toContain(`http_server_request_duration_seconds_count${labels('GET', 'unmatched', 404)} 1`);
      const metric = (name: string) => Number(lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1]);
      const duration = metric(`http_server_request_duration_seconds_sum${labels('POST', paths.sum, 200)}`);
      expect(duration).toBeGreaterThan(0);
      // The process may still be counting when the client has its answer. Milliseconds would be a thousand times as many.
      expect(duration).toBeLessThan(100 * seconds);
      expect(lines).toContain('calculadora_operations_stored_total 1');
      expect(lines).toContain('calculadora_operations_waiting 0');
      expect(metric('db_client_connection_max')).toBeGreaterThanOrEqual(1);
      expect(lines).toContain('db_client_connection_count{db_client_connection_state="used"} 0');
      expect(lines).toContain('db_client_connection_count{db_client_connection_state="idle"} 1');
      expect(lines).toContain('db_client_connection_pending_requests 0');
    });

    test('logs each failed request as a line of JSON, with its id and without names', async () => {
      await api.stop();
      api = await startApi({ ...database.env, LOG_LEVEL: 'info' });
      await untilReady(api);
      const nome = 'Maria Secreta';
      const sent = { ...json, 'x-request-id': 'abc-123' };
      for (const operador1 of [5, 'five', null]) {
        const body = JSON.stringify({ nome, operador1, operador2: 10 });
        const answer = await fetch(`${api.url}${paths.sum}?nome=${nome}`, { method: 'POST', headers: sent, body });
        expect(answer.headers.get('x-request-id')).toBe('abc-123');
      }
      await api.stop();
      const lines = api
        .output()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.filter(({ reqId, method }) => reqId === 'abc-123' && method === 'POST')).toHaveLength(2);
      expect(lines.filter(({ statusCode }) => statusCode === 200)).toEqual([]);
      expect(api.output()).not.toMatch(/Secreta/);
      expect(api.output()).not.toContain(database.env.DB_PASSWORD ?? 'no password');
    });
  });
});
