export interface BusyButtonProps {
  readonly isBusy: boolean;
  readonly label: string;
  readonly busyLabel: string;
  /** Without it the button submits its form. */
  readonly onClick?: () => void;
}

/**
 * A button that shows when it is busy. It is not disabled then, because a disabled button loses the focus. Its
 * accessible name stays the same, because the status beside it is already announced.
 */
export function BusyButton({ isBusy, label, busyLabel, onClick }: BusyButtonProps) {
  return (
    <>
      <button
        type={onClick ? 'button' : 'submit'}
        className="primary"
        aria-disabled={isBusy}
        aria-label={isBusy ? label : undefined}
        onClick={onClick}
      >
        {isBusy ? <span aria-hidden>{busyLabel}</span> : label}
      </button>
      <span role="status" className="visually-hidden">
        {isBusy ? busyLabel : ''}
      </span>
    </>
  );
}
