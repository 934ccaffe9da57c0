import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { checkSumRequest, idempotencyKeyHeader, limits, paths, SumRequest, SumResponse } from 'contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Operations } from '../domain/operations.ts';
import { sum } from '../domain/sum.ts';
import { InvalidIdempotencyKey, InvalidSumRequest, problemResponses } from './problems.ts';

const greeting = { description: 'API em execução!', content: { 'text/plain': { schema: Type.String() } } };

// A key in quotes, or a bare one. A value with a quote at each end is in quotes, so a bare key has one at one end at most.
const { maximum } = limits.idempotencyKey;
const keyForm = `^(?:"[!-~]{1,${maximum}}"|[!#-~][!-~]{0,${maximum - 1}}|"(?:[!-~]{0,${maximum - 2}}[!#-~])?)$`;
const isKey = new RegExp(keyForm);
const IdempotencyKey = Type.String({
  description:
    'Do cliente, única para cada operação: repetida com os mesmos dados, a operação é guardada uma só vez. Não expira, e as aspas ' +
    `são opcionais: de 1 a ${maximum} caracteres ASCII visíveis / Made by the client, one for each operation: sent again with the ` +
    `same data, the operation is stored once. It never expires, and quotes are optional: 1 to ${maximum} visible ASCII characters`,
  pattern: keyForm,
  examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
});

/** The sum, and a sentence that says that the API runs. */
export function sumRoutes(instance: FastifyInstance, operations: Operations): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.get(
    paths.sum,
    {
      schema: {
        operationId: 'greet',
        summary: 'Diz que a API está em execução / Says that the API runs',
        response: { 200: greeting, ...problemResponses(400) },
      },
    },
    async (_request, reply) => reply.type('text/plain; charset=utf-8').send('API em execução!'),
  );

  app.post(
    paths.sum,
    {
      // The site asks the same function before it sends. It converts nothing and removes nothing.
      validatorCompiler: ({ httpPart }) => (httpPart === 'body' ? checkBody : () => true),
      schema: {
        operationId: 'sum',
        summary: 'Soma e guarda / Adds and stores',
        headers: Type.Object({ [idempotencyKeyHeader]: Type.Optional(IdempotencyKey) }),
        body: SumRequest,
        response: {
          200: { ...SumResponse, description: 'A soma / The sum' },
          ...problemResponses(400, 413, 415, 422, 500, 503),
        },
      },
    },
    async ({ body, headers }) => {
      const { operador1, operador2 } = body;
      const operation = { nome: body.nome.trim(), operador1, operador2 };
      await operations.record(operation, readKey(headers[idempotencyKeyHeader]));
      return { resultado: sum(body) };
    },
  );
}

function checkBody(body: unknown): { value: unknown } | { error: Error } {
  const errors = checkSumRequest(body);
  return errors.length === 0 ? { value: body } : { error: new InvalidSumRequest(errors) };
}

/**
 * The key of an `Idempotency-Key` header, if there is one. The IETF's draft writes it as a string in quotes; most clients send
 * it bare: both are the same key.
 */
function readKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (!isKey.test(header)) throw new InvalidIdempotencyKey();
  return /^"(.+)"$/.exec(header)?.[1] ?? header;
}
