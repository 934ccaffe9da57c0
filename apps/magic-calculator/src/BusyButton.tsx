export interface BusyButtonProps {
  readonly isBusy: boolean;
  readonly label: string;
  readonly busyLabel: string;
  /** Without it the button submits its form. */
  readonly onClick?: () => void;
}

/** A button that tells that it works. It is not disabled meanwhile, because a disabled button drops the focus. */
export function BusyButton({ isBusy, label, busyLabel, onClick }: BusyButtonProps) {
  return (
    <>
      <button type={onClick ? 'button' : 'submit'} className="primary" aria-disabled={isBusy} onClick={onClick}>
        {isBusy ? busyLabel : label}
      </button>
      <span role="status" className="visually-hidden">
        {isBusy ? busyLabel : ''}
      </span>
    </>
  );
}
