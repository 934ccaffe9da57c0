import { renderToString } from 'react-dom/server';
import { App } from './App.tsx';

/** HTML of the first render. The build puts it into index.html, and main.tsx hydrates it. */
export const html = renderToString(<App />);
