import { type Static, Type } from 'typebox';
import { limits, nomePattern, visiblePattern } from './limits.ts';

const Operand = (description: string) => Type.Integer({ ...limits.integer, description });

/** What is sent to `POST /backend`. */
export const SumRequest = Type.Object(
  {
    nome: Type.String({
      pattern: nomePattern,
      // Two patterns, because one that says both would need to look ahead.
      allOf: [{ pattern: visiblePattern }],
      description:
        'Quem pede a soma: de 3 a 255 caracteres, sem contar os espaços em volta, e ao menos 3 deles visíveis / ' +
        'Who asks for the sum: 3 to 255 characters, not counting the blanks around them, and at least 3 of them visible',
      examples: ['Wander'],
    }),
    operador1: Operand('Primeiro número inteiro / First integer'),
    operador2: Operand('Segundo número inteiro / Second integer'),
  },
  { $id: 'SumRequest', examples: [{ nome: 'Wander', operador1: 5, operador2: 10 }] },
);
export type SumRequest = Static<typeof SumRequest>;

/** What `POST /backend` answers once the operation is stored. */
export const SumResponse = Type.Object(
  { resultado: Type.Integer({ ...limits.integer, description: 'A soma / The sum' }) },
  { $id: 'SumResponse', examples: [{ resultado: 15 }] },
);
export type SumResponse = Static<typeof SumResponse>;
