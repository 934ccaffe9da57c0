import type { Field, Language } from 'contract';
import { useEffect, useRef } from 'react';
import { BusyButton } from '../BusyButton.tsx';
import type { Mistakes, Values } from '../form.ts';
import { mistakeMessage } from '../messages.ts';
import { TextField } from '../TextField.tsx';
import { texts } from '../texts.ts';

export interface MainScreenProps {
  readonly language: Language;
  readonly hasMoved: boolean;
  readonly values: Values;
  readonly mistakes: Mistakes;
  readonly isBusy: boolean;
  readonly onType: (name: Field, value: string) => void;
  readonly onSubmit: () => void;
}

export function MainScreen({ language, hasMoved, values, mistakes, isBusy, onType, onSubmit }: MainScreenProps) {
  const form = useRef<HTMLFormElement>(null);
  const text = texts[language];

  // A screen that replaces another takes the focus, so that screen readers announce it.
  useEffect(() => {
    if (!hasMoved) return;
    const inputs = [...(form.current?.querySelectorAll('input') ?? [])];
    const invalid = inputs.find((input) => input.getAttribute('aria-invalid') === 'true');
    (invalid ?? inputs.find((input) => input.value === '') ?? inputs[0])?.focus();
  }, [hasMoved]);

  const field = (name: Field, hint: string, autoComplete = 'off') => (
    <TextField
      name={name}
      label={text[name]}
      hint={hint}
      value={values[name]}
      error={mistakes[name] && mistakeMessage(name, values[name], mistakes[name], language)}
      autoComplete={autoComplete}
      onChange={(value) => onType(name, value)}
    />
  );
  return (
    <>
      <h1>{text.title}</h1>
      <p className="tagline">{text.tagline}</p>
      {/* Before the script arrives, `dialog` sends nothing. With GET, the typed values would end up in the address. */}
      <form
        ref={form}
        method="dialog"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {field('nome', text.nomeHint, 'name')}
        {field('operador1', text.operandHint)}
        {field('operador2', text.operandHint)}
        <BusyButton isBusy={isBusy} label={text.submit} busyLabel={text.submitting} />
      </form>
    </>
  );
}
