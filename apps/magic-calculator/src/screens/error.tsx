import type { Language } from 'contract';
import { useId } from 'react';
import type { Failure } from '../api.ts';
import { BusyButton } from '../BusyButton.tsx';
import { Heading } from '../Heading.tsx';
import { failureMessage } from '../messages.ts';
import { texts } from '../texts.ts';

export interface ErrorScreenProps {
  readonly language: Language;
  readonly hasMoved: boolean;
  readonly failure: Failure;
  readonly isBusy: boolean;
  readonly onRetry: () => void;
  readonly onBack: () => void;
}

export function ErrorScreen({ language, hasMoved, failure, isBusy, onRetry, onBack }: ErrorScreenProps) {
  const id = useId();
  const text = texts[language];
  return (
    <>
      <Heading hasMoved={hasMoved} describedBy={id}>
        {text.errorTitle}
      </Heading>
      <p className="failure" id={id}>
        {failureMessage(failure, language)}
      </p>
      <p className="tagline">{text.kept}</p>
      {failure.requestId && <p className="tagline">{text.requestId(failure.requestId)}</p>}
      <BusyButton isBusy={isBusy} label={text.retry} busyLabel={text.submitting} onClick={onRetry} />
      <button type="button" className="secondary" onClick={onBack}>
        {text.back}
      </button>
    </>
  );
}
