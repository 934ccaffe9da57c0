import type { Language, SumRequest } from 'contract';
import type { CSSProperties } from 'react';
import { Heading } from '../Heading.tsx';
import { formatInteger } from '../language.ts';
import { texts } from '../texts.ts';

export interface ResultScreenProps {
  readonly language: Language;
  readonly hasMoved: boolean;
  readonly request: SumRequest;
  readonly resultado: number;
  readonly onAgain: () => void;
}

export function ResultScreen({ language, hasMoved, request, resultado, onAgain }: ResultScreenProps) {
  const text = texts[language];
  const { nome, operador1, operador2 } = request;
  const second = formatInteger(operador2, language);
  const total = formatInteger(resultado, language);
  return (
    <>
      <Heading hasMoved={hasMoved}>{text.resultTitle}</Heading>
      <p className="sum">
        <span className="expression">
          {formatInteger(operador1, language)} +{' '}
          <span className="together">{operador2 < 0 ? `(${second})` : second} =</span>
        </span>{' '}
        <output className="total" style={{ '--characters': total.length } as CSSProperties}>
          {total}
        </output>
      </p>
      <p className="tagline">{text.stored(nome)}</p>
      <button type="button" className="primary" onClick={onAgain}>
        {text.again}
      </button>
    </>
  );
}
