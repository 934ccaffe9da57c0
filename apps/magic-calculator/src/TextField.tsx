import { useId } from 'react';

export interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly autoComplete: string;
  readonly onChange: (value: string) => void;
}

/** A labelled text field. Its error is shown below it and read out when the field takes the focus. */
export function TextField({ name, label, hint, value, error, autoComplete, onChange }: TextFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        // A numeric keypad would be easier, but on many phones it has no minus sign.
        type="text"
        value={value}
        autoComplete={autoComplete}
        required
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-note`} className={error ? 'note error' : 'note'}>
        {error ?? hint}
      </p>
    </div>
  );
}
