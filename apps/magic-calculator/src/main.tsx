import { StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { hydrateRoot } from 'react-dom/client';
import { App } from './App.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root');

const inputs = () => [...root.querySelectorAll('input')];
const typedMeanwhile = new Map(
  inputs()
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => [name, value]),
);
flushSync(() =>
  hydrateRoot(
    root,
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
for (const input of inputs()) type(input, typedMeanwhile.get(input.name));
// From here on the error screen tells what goes wrong. A root without children is what React leaves of a page that failed.
if (root.hasChildNodes()) document.getElementById('broken')?.remove();

/** Tells React what was typed before it started. Otherwise it would put its own empty value in its place. */
function type(input: HTMLInputElement, text: string | undefined): void {
  if (text === undefined) return;
  // React compares with the last value set on the element itself: setting the text by the prototype makes it a change.
  input.value = '';
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text);
  flushSync(() => input.dispatchEvent(new Event('input', { bubbles: true })));
}
