import { renderToString } from 'react-dom/server';
import { App } from './App.tsx';

/** The page as it is first seen, in HTML: the build puts it into index.html, and main.tsx takes it over from there. */
export const html = renderToString(<App />);
