import { StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { hydrateRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { reportVisit } from './visit-report.ts';

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
// From now on the error screen reports failures. If even that failed to render, the root is empty and the notice stays.
if (root.hasChildNodes()) document.getElementById('broken')?.remove();
reportVisit();
