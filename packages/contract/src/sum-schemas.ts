import { type Static, Type } from 'typebox';
import { limits, nomePattern, visiblePattern } from './limits.ts';

const Operand = (description: string) => Type.Integer({ ...limits.integer, description });

/** Request body of `POST /backend`. */
export const SumRequest = Type.Object(
  {
    nome: Type.String({
      pattern: nomePattern,
      // Two patterns, because a single one would need a lookahead.
      allOf: [{ pattern: visiblePattern }],
      description:
        'Nome de quem pede a soma: de 3 a 255 caracteres, sem contar espaços no início e no fim, sendo pelo menos 3 ' +
        'visíveis / Name of the person who asks for the sum: 3 to 255 characters, not counting leading and trailing ' +
        'whitespace, at least 3 of them visible',
      examples: ['Wander'],
    }),
    operador1: Operand('Primeiro número inteiro / First integer'),
    operador2: Operand('Segundo número inteiro / Second integer'),
  },
  { $id: 'SumRequest', examples: [{ nome: 'Wander', operador1: 5, operador2: 10 }] },
);
export type SumRequest = Static<typeof SumRequest>;

/** Response body of `POST /backend`, sent once the operation is stored. */
export const SumResponse = Type.Object(
  { resultado: Type.Integer({ ...limits.integer, description: 'A soma / The sum' }) },
  { $id: 'SumResponse', examples: [{ resultado: 15 }] },
);
export type SumResponse = Static<typeof SumResponse>;
