import type { Language, SumRequest } from 'contract';
import type { CSSProperties } from 'react';
import { Heading } from '../Heading.tsx';
import { formatInteger } from '../language.ts';
import { texts } from '../texts.ts';

export interface ResultScreenProps {
  readonly language: Language;
  readonly hasMoved: boolean;
  readonly request: SumRequest;
  readonly onAgain: () => void;
}

/** The result of a sum. It is in the heading, which takes the focus and is read out. */
export function ResultScreen({ language, hasMoved, request, onAgain }: ResultScreenProps) {
  const text = texts[language];
  const { nome, operador1, operador2 } = request;
  const second = formatInteger(operador2, language);
  const total = formatInteger(operador1 + operador2, language);
  return (
    <>
      <Heading hasMoved={hasMoved}>
        {text.resultTitle}{' '}
        <span className="sum">
          <span className="expression">
            {formatInteger(operador1, language)} +{' '}
            <span className="together">{operador2 < 0 ? `(${second})` : second} =</span>
          </span>{' '}
          <span className="total" style={{ '--characters': total.length } as CSSProperties}>
            {total}
          </span>
        </span>
      </Heading>
      <p className="tagline">{text.stored(nome)}</p>
      <button type="button" className="primary" onClick={onAgain}>
        {text.again}
      </button>
    </>
  );
}
