import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { idempotencyKeyHeader, paths, type SumRequest } from 'contract';
import { type Api, startApi, untilReady } from './support/api.ts';
import { describeEachDatabase, type TestDatabase } from './support/databases.ts';
import { newOperation } from './support/load.ts';

describe('An operation with an Idempotency-Key', () => {
  describeEachDatabase((kind) => {
    let database: TestDatabase;
    /** Two replicas on one database. */
    let replicas: Api[];

    beforeAll(async () => {
      await kind.start();
      database = await kind.newDatabase();
      replicas = await Promise.all([startApi(database.env), startApi(database.env)]);
      await Promise.all(replicas.map(untilReady));
    });
    afterAll(async () => {
      await Promise.all(replicas.map((api) => api.stop()));
      await kind.stop();
    });

    async function post(operation: SumRequest, key: string, replica = 0): Promise<{ status: number; body: unknown }> {
      const answer = await fetch(replicas[replica]?.url + paths.sum, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close', [idempotencyKeyHeader]: key },
        body: JSON.stringify(operation),
      });
      return { status: answer.status, body: await answer.json() };
    }
    const rowsOf = async ({ nome }: SumRequest) => (await database.rows()).filter((row) => row.nome === nome);
    const answerOf = ({ operador1, operador2 }: SumRequest) => ({
      status: 200,
      body: { resultado: operador1 + operador2 },
    });

    test('is stored once, and answered the same each time, by any replica', async () => {
      const operation = newOperation();
      for (const replica of [0, 0, 1]) {
        expect(await post(operation, `"${operation.nome}"`, replica)).toEqual(answerOf(operation));
      }
      expect(await rowsOf(operation)).toEqual([operation]);
    });

    test('is the same with a quoted and an unquoted key', async () => {
      const operation = newOperation();
      await post(operation, `"${operation.nome}"`);
      expect(await post(operation, operation.nome)).toEqual(answerOf(operation));
      expect(await rowsOf(operation)).toHaveLength(1);
    });

    test('is stored once even if it is sent many times at once, to both replicas', async () => {
      const operations = Array.from({ length: 20 }, newOperation);
      const answers = await Promise.all(
        operations.flatMap((operation) =>
          [0, 1, 0, 1].map(async (replica) => [await post(operation, operation.nome, replica), answerOf(operation)]),
        ),
      );
      for (const [answer, expected] of answers) expect(answer).toEqual(expected);
      for (const operation of operations) expect(await rowsOf(operation)).toEqual([operation]);
    });

    test.each([
      ['nome', ({ nome }: SumRequest) => ({ nome: `${nome}.` })],
      ['operador1', ({ operador1 }: SumRequest) => ({ operador1: operador1 + 1 })],
      ['operador2', ({ operador2 }: SumRequest) => ({ operador2: operador2 + 1 })],
    ])('is refused and not stored if its key was used with another %s, before or at once', async (_field, change) => {
      const reused = { status: 422, body: { code: 'idempotency_key_reused' } };
      const operation = newOperation();
      const other = { ...operation, ...change(operation) };
      await post(operation, operation.nome);
      for (const replica of [0, 1]) expect(await post(other, operation.nome, replica)).toMatchObject(reused);
      expect(await rowsOf(operation)).toEqual([operation]);

      // Of two at the same time, one is stored. Either may win.
      const [first, second] = await Promise.all([
        post(operation, `${operation.nome}+`),
        post(other, `${operation.nome}+`),
      ]);
      expect([first.status, second.status].toSorted()).toEqual([200, 422]);
    });

    test('has a case-sensitive key', async () => {
      const operation = newOperation();
      await post(operation, `${operation.nome}-a`);
      await post(operation, `${operation.nome}-A`);
      expect(await rowsOf(operation)).toHaveLength(2);
    });

    test.each(['', '""', 'a b', 'x'.repeat(256)])('is refused when its key is %j', async (key) => {
      const operation = newOperation();
      expect(await post(operation, key)).toMatchObject({ status: 400, body: { code: 'invalid_idempotency_key' } });
      expect(await rowsOf(operation)).toEqual([]);
    });
  });
});
