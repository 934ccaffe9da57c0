import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { checkSumRequest, limits, paths, SumRequest, SumResponse } from 'contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Operations } from '../domain/operations.ts';
import { sum } from '../domain/sum.ts';
import { InvalidSumRequest, problemResponses } from './problems.ts';

const greeting = { description: 'API em execução!', content: { 'text/plain': { schema: Type.String() } } };

/** The sum itself, and a word to whoever looks by. */
export function sumRoutes(instance: FastifyInstance, operations: Operations): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.get(
    paths.sum,
    { schema: { summary: 'Diz que a API está em execução / Says that the API runs', response: { 200: greeting } } },
    async (_request, reply) => reply.type('text/plain; charset=utf-8').send('API em execução!'),
  );

  app.post(
    paths.sum,
    {
      bodyLimit: limits.bodyBytes,
      // The site asks the same function before it sends. It converts nothing and removes nothing.
      validatorCompiler: () => checkBody,
      schema: {
        summary: 'Soma e guarda / Adds and stores',
        body: SumRequest,
        response: { 200: { ...SumResponse, description: 'A soma / The sum' }, ...problemResponses(400, 413, 415, 503) },
      },
    },
    async ({ body }) => {
      await operations.record({ ...body, nome: body.nome.trim() });
      return { resultado: sum(body) };
    },
  );
}

function checkBody(body: unknown): { value: unknown } | { error: Error } {
  const errors = checkSumRequest(body);
  return errors.length === 0 ? { value: body } : { error: new InvalidSumRequest(errors) };
}
