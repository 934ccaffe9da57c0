import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';

// C0 and C1 control characters, and halves of surrogate pairs, which no UTF-8 column can hold.
const refused = '\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff';
const inner = { minimum: limits.nome.minimum - 2, maximum: limits.nome.maximum - 2 };

/** A name as it arrives: blanks around it are allowed and not counted, so `minLength` and `maxLength` cannot say it. */
export const nomePattern = `^\\s*[^\\s${refused}][^${refused}]{${inner.minimum},${inner.maximum}}[^\\s${refused}]\\s*$`;

const Operand = (description: string) => Type.Integer({ ...limits.integer, description });

/** What is sent to `POST /backend`. */
export const SumRequest = Type.Object(
  {
    nome: Type.String({
      pattern: nomePattern,
      description: 'Quem pede a soma: de 3 a 255 caracteres, sem contar os espaços em volta / Who asks for the sum',
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
