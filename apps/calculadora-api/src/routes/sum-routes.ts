import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { checkSumRequest, idempotencyKeyHeader, limits, paths, SumRequest, SumResponse } from 'contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Operations } from '../domain/operations.ts';
import { sum } from '../domain/sum.ts';
import { InvalidIdempotencyKey, InvalidSumRequest, problemResponses } from './problems.ts';
import { traceOf } from './tracing.ts';

const greeting = { description: 'API em execução!', content: { 'text/plain': { schema: Type.String() } } };

// A key with or without quotes. A value with a quote at both ends is a quoted key, so one without quotes may start or
// end with a quote, but not both.
const { maximum } = limits.idempotencyKey;
const keyForm = `^(?:"[!-~]{1,${maximum}}"|[!#-~][!-~]{0,${maximum - 1}}|"(?:[!-~]{0,${maximum - 2}}[!#-~])?)$`;
const isKey = new RegExp(keyForm);
const IdempotencyKey = Type.String({
  description:
    'Chave criada pelo cliente, única para cada operação: se a operação for enviada de novo com a mesma chave e os ' +
    `mesmos dados, será guardada uma só vez. Não expira. De 1 a ${maximum} caracteres ASCII visíveis, com ou sem ` +
    'aspas / Key created by the client, unique for each operation: an operation that is sent again with the same key ' +
    `and data is stored only once. It never expires. 1 to ${maximum} visible ASCII characters, with or without quotes`,
  pattern: keyForm,
  examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
});

/** POST adds two integers and stores the operation. GET confirms that the API is running. */
export function sumRoutes(instance: FastifyInstance, operations: Operations): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.get(
    paths.sum,
    {
      schema: {
        operationId: 'greet',
        summary: 'Confirma que a API está em execução / Confirms that the API is running',
        response: { 200: greeting, ...problemResponses(400) },
      },
    },
    async (_request, reply) => reply.type('text/plain; charset=utf-8').send('API em execução!'),
  );

  app.post(
    paths.sum,
    {
      // The same check as on the site. Unlike Fastify's default validator, it converts and removes nothing.
      validatorCompiler: ({ httpPart }) => (httpPart === 'body' ? checkBody : () => true),
      schema: {
        operationId: 'sum',
        summary: 'Soma dois números inteiros e guarda a operação / Adds two integers and stores the operation',
        headers: Type.Object({ [idempotencyKeyHeader]: Type.Optional(IdempotencyKey) }),
        body: SumRequest,
        response: {
          200: { ...SumResponse, description: 'A soma / The sum' },
          ...problemResponses(400, 413, 415, 422, 500, 503),
        },
      },
    },
    async (request) => {
      const { body, headers } = request;
      const { operador1, operador2 } = body;
      const operation = { nome: body.nome.trim(), operador1, operador2 };
      await operations.record(operation, readKey(headers[idempotencyKeyHeader]), traceOf(request));
      return { resultado: sum(body) };
    },
  );
}

function checkBody(body: unknown): { value: unknown } | { error: Error } {
  const errors = checkSumRequest(body);
  return errors.length === 0 ? { value: body } : { error: new InvalidSumRequest(errors) };
}

/**
 * The key of an `Idempotency-Key` header, if there is one. The IETF draft requires quotes, but most clients send none,
 * so both forms are the same key.
 */
function readKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (!isKey.test(header)) throw new InvalidIdempotencyKey();
  return /^"(.+)"$/.exec(header)?.[1] ?? header;
}
