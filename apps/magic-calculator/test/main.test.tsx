/** @jest-environment jest-fixed-jsdom */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { screen } from '@testing-library/react';
import { paths } from 'contract';
import { renderToString } from 'react-dom/server';
import { App } from '../src/App.tsx';
import { texts } from '../src/texts.ts';

// The tests in test/browser open the built page in a real browser.
let beacons: unknown[];
// jsdom does not report how the visitor came to the page.
performance.getEntriesByType = () => [];

beforeEach(() => {
  // The program runs when it is imported, once in each test.
  jest.resetModules();
  // It renders as for visitors, without React's `act`.
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
  beacons = [];
  localStorage.setItem('language', 'pt');
  navigator.sendBeacon = (address) => beacons.push(address) > 0;
  const page = read('index.html').replace('<!--app-->', renderToString(<App />));
  const parsed = new DOMParser().parseFromString(page, 'text/html');
  document.body.replaceChildren(...parsed.body.children);
  // jsdom runs no script that is added in this way.
  for (const { text } of document.querySelectorAll<HTMLScriptElement>('script:not([src])')) new Function(text)();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const read = (file: string) => readFileSync(join(import.meta.dirname, '..', file), 'utf8');
const notice = () => document.querySelector<HTMLElement>('[role=alert]');
const arrive = () => document.dispatchEvent(new Event('DOMContentLoaded', { bubbles: true }));

test.each([
  [
    'index.html',
    'Magic Calculator',
    ['<meta name="description" content="A Magia dos Números Acontecendo na Sua Frente!">'],
  ],
  ['404.html', 'Página não encontrada · Magic Calculator', []],
])('%s says its language, fits phones, and has the site’s style, colours and icon', (file, title, more) => {
  const page = new DOMParser().parseFromString(read(file), 'text/html');
  expect(page.documentElement.lang).toBe('pt-BR');
  expect([...page.head.children].map(({ outerHTML }) => outerHTML)).toEqual([
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="theme-color" content="#667eea" media="(prefers-color-scheme: light)">',
    '<meta name="theme-color" content="#1e1b3a" media="(prefers-color-scheme: dark)">',
    ...more,
    '<link rel="icon" type="image/svg+xml" href="/favicon.svg">',
    '<link rel="stylesheet" href="/src/styles.css">',
    `<title>${title}</title>`,
  ]);
});

test('the page leads to the status page', () => {
  expect(screen.getByRole('link', { name: 'Status' }).getAttribute('href')).toBe('/status');
});

test('until the program runs, the page has a notice, which is hidden, and shown if the program never runs', () => {
  expect(notice()?.hidden).toBe(true);
  arrive();
  expect(notice()?.hidden).toBe(false);
  const links = [...(notice()?.querySelectorAll('a') ?? [])].map((link) => link.getAttribute('href'));
  expect(links).toEqual([`${paths.site}/`, `${paths.site}/`]);
  const said = [...(notice()?.children ?? [])].map((text) => [text.getAttribute('lang'), text.textContent]);
  expect(said).toEqual([
    [
      null,
      'Esta página não funcionou neste navegador. Tente de novo; se não adiantar, atualize o navegador ou use outro.',
    ],
    [
      'en',
      'This page did not work in this browser. Try again; if that does not help, update the browser or use another one.',
    ],
  ]);
});

test('without JavaScript, the page says in both languages what to do', () => {
  const said = [...(document.querySelector('noscript')?.querySelectorAll('p') ?? [])];
  expect(said.map(({ lang, textContent }) => [lang, textContent])).toEqual([
    [
      '',
      'Esta página precisa de JavaScript, que está desativado neste navegador. Ative-o nas configurações e recarregue a página.',
    ],
    [
      'en',
      'This page needs JavaScript, which is turned off in this browser. Turn it on in the settings and reload the page.',
    ],
  ]);
});

test('the page for unknown addresses says so in both languages, and leads to the form', () => {
  const page = new DOMParser().parseFromString(read('404.html'), 'text/html');
  expect([...page.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([`${paths.site}/`]);
  const said = [...page.querySelectorAll<HTMLElement>('main h1, main p, main span')];
  expect(said.map(({ lang, textContent }) => [lang || 'pt', textContent])).toEqual([
    ['pt', 'Página não encontrada'],
    ['pt', 'Não há nada neste endereço.'],
    ['en', 'Page not found: there is nothing at this address.'],
    ['pt', 'Ir para a calculadora'],
    ['en', 'Go to the calculator'],
  ]);
});

test('the program takes over the form with its values, removes the notice, and reports a failed sum', async () => {
  globalThis.fetch = async () => {
    throw new TypeError('Failed to fetch');
  };
  const typed = ['Wander', '5', '10'];
  for (const field of screen.getAllByRole<HTMLInputElement>('textbox')) field.value = typed.shift() ?? '';
  const button = screen.getByRole('button', { name: texts.pt.submit });
  await import('../src/main.tsx');
  arrive();
  expect(notice()).toBeNull();
  expect(screen.getByRole('button', { name: texts.pt.submit })).toBe(button);
  button.click();
  await screen.findByText(texts.pt.offline);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(beacons).toEqual([paths.visits]);
});

test('the notice stays if the program cannot show anything, not even its error screen', async () => {
  const reported: unknown[] = [];
  // React reports what nothing caught to the window.
  addEventListener('error', ({ error }) => reported.push(error));
  for (const how of ['error', 'warn'] as const) jest.spyOn(console, how).mockImplementation(() => undefined);
  jest.spyOn(navigator, 'languages', 'get').mockReturnValue(undefined as never);
  await import('../src/main.tsx');
  arrive();
  expect(reported).not.toEqual([]);
  expect(screen.queryAllByRole('textbox')).toEqual([]);
  expect(notice()?.hidden).toBe(false);
});
