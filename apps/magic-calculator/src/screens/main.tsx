import type { Field, Language } from 'contract';
import { useEffect, useRef, useState } from 'react';
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
  readonly onSubmit: (values: Values) => void;
}

export function MainScreen({ language, hasMoved, values: initial, mistakes, isBusy, onSubmit }: MainScreenProps) {
  const [values, setValues] = useState(initial);
  const form = useRef<HTMLFormElement>(null);
  const text = texts[language];

  // A screen that replaced another takes the focus, or whoever cannot see it would not know.
  useEffect(() => {
    if (hasMoved) focusFirst(form.current, (input) => input.value === '');
  }, [hasMoved]);
  useEffect(() => {
    if (Object.keys(mistakes).length > 0) focusFirst(form.current, ({ name }) => name in mistakes);
  }, [mistakes]);

  const field = (name: Field, hint: string, more: { autoComplete?: string } = {}) => (
    <TextField
      name={name}
      label={text[name]}
      hint={hint}
      value={values[name]}
      error={mistakes[name] && mistakeMessage(mistakes[name], language)}
      onChange={(value) => setValues({ ...values, [name]: value })}
      {...more}
    />
  );
  return (
    <>
      <h1>{text.title}</h1>
      <p className="tagline">{text.tagline}</p>
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(values);
        }}
      >
        {field('nome', text.nomeHint, { autoComplete: 'name' })}
        {field('operador1', text.operandHint)}
        {field('operador2', text.operandHint)}
        <BusyButton isBusy={isBusy} label={text.submit} busyLabel={text.submitting} />
      </form>
    </>
  );
}

function focusFirst(form: HTMLFormElement | null, isMeant: (input: HTMLInputElement) => boolean): void {
  const inputs = [...(form?.querySelectorAll('input') ?? [])];
  (inputs.find(isMeant) ?? inputs[0])?.focus();
}
