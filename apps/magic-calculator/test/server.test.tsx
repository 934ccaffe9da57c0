import { expect, test } from '@jest/globals';
import { renderToString } from 'react-dom/server';
import { App } from '../src/App.tsx';
import { texts } from '../src/texts.ts';

test('in Node, without a browser, the site renders the empty form in Portuguese', () => {
  expect(typeof window).toBe('undefined');
  const html = renderToString(<App />);
  // If submitted before the script arrives, a form with GET would put the typed values into the address.
  expect(html).toMatch(/<form [^>]*method="dialog"/);
  const inputs = html.match(/<input [^>]*>/g) ?? [];
  expect(inputs).toHaveLength(3);
  for (const input of inputs) expect(input).toContain('value=""');
  expect(html).toContain(`aria-disabled="false">${texts.pt.submit}</button>`);
  for (const text of [texts.pt.tagline, texts.pt.nome, texts.pt.operador1, texts.pt.operador2]) {
    expect(html).toContain(text);
  }
});
