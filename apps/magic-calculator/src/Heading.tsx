import { type ReactNode, useEffect, useRef } from 'react';

/** The heading of a screen. On one that replaced another it takes the focus, so that it is read out. */
export function Heading({ hasMoved, children }: { readonly hasMoved: boolean; readonly children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (hasMoved) heading.current?.focus();
  }, [hasMoved]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
