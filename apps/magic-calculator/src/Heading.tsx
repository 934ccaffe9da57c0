import { type ReactNode, useEffect, useRef } from 'react';

export interface HeadingProps {
  readonly hasMoved: boolean;
  /** Id of the element that is read out with the heading. */
  readonly describedBy?: string;
  readonly children: ReactNode;
}

/** The heading of a screen. It takes the focus when the screen replaces another, so that it is read out. */
export function Heading({ hasMoved, describedBy, children }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (hasMoved) heading.current?.focus();
  }, [hasMoved]);
  return (
    <h1 ref={heading} tabIndex={-1} aria-describedby={describedBy}>
      {children}
    </h1>
  );
}
