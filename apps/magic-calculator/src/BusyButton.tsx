export interface BusyButtonProps {
  readonly isBusy: boolean;
  readonly label: string;
  readonly busyLabel: string;
  /** Without it the button submits its form. */
  readonly onClick?: () => void;
}

/**
 * A button that tells that it works. It is not disabled meanwhile, because a disabled button drops the focus, and it keeps its
 * name, because the status beside it is read out already.
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
