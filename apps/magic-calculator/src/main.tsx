import { StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { hydrateRoot } from 'react-dom/client';
import { App } from './App.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root');
flushSync(() =>
  hydrateRoot(
    root,
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
// From here on the error screen tells what goes wrong. A root without children is what React leaves of a page that failed.
if (root.hasChildNodes()) document.getElementById('broken')?.remove();
