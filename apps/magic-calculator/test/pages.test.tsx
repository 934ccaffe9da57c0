/** @jest-environment jest-fixed-jsdom */
import { expect, jest, test } from '@jest/globals';
import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { App } from '../src/App.tsx';
import { ErrorBoundary } from '../src/ErrorBoundary.tsx';
import { texts } from '../src/texts.ts';

// Styles, screen readers, forms without scripts and the browser tests depend on names and attributes, so each screen is
// compared as a whole.

// jsdom does not report how the visitor came to the page.
performance.getEntriesByType = () => [];

/** One line for each element, without the ids that React counts. */
const linesOf = ({ innerHTML }: Element) => innerHTML.replace(/_r_\w+?_/g, 'id').split(/(?=<[^/])/);

const languages = (pressed: 'pt' | 'en', label: string) => [
  `<nav class="languages" aria-label="${label}">`,
  `<button type="button" lang="pt" aria-pressed="${pressed === 'pt'}">Português</button>`,
  `<button type="button" lang="en" aria-pressed="${pressed === 'en'}">English</button></nav>`,
  '<main class="card">',
];
const field = (label: string, name: string, autocomplete: string, value: string, note: string, error = false) => [
  '<div class="field">',
  `<label for="id">${label}</label>`,
  `<input id="id" autocomplete="${autocomplete}" required="" aria-invalid="${error}" aria-describedby="id-note" type="text" value="${value}" name="${name}">`,
  `<p id="id-note" class="${error ? 'note error' : 'note'}">${note}</p></div>`,
];
const integer = 'Inteiro, positivo ou negativo';
const form = (nome: string, first: string[], operador2: string) => [
  ...languages('pt', 'Idioma'),
  '<h1>Magic Calculator</h1>',
  '<p class="tagline">A Magia dos Números Acontecendo na Sua Frente!</p>',
  '<form method="dialog" novalidate="">',
  ...field('Seu nome', 'nome', 'name', nome, 'De 3 a 255 caracteres'),
  ...first,
  ...field('Segundo número', 'operador2', 'off', operador2, integer),
];
const first = (value: string, mistake?: string) =>
  field('Primeiro número', 'operador1', 'off', value, mistake ?? integer, mistake !== undefined);
const status = '<span role="status" class="visually-hidden">';
const idle = [
  '<button type="submit" class="primary" aria-disabled="false">Somar</button>',
  `${status}</span></form></main>`,
];

test('each screen has these elements, texts and attributes', async () => {
  localStorage.setItem('language', 'pt');
  let finish: (response: Response) => void = () => undefined;
  jest.spyOn(globalThis, 'fetch').mockImplementation(() => new Promise((resolve) => (finish = resolve)));
  const { container } = render(<App />);
  expect(linesOf(container)).toEqual([...form('', first(''), ''), ...idle]);

  const user = userEvent.setup();
  const type = async (label: string, text: string) => {
    await user.clear(screen.getByLabelText(label));
    await user.type(screen.getByLabelText(label), text);
  };
  await type(texts.pt.nome, 'Wander');
  await type(texts.pt.operador1, '1,5');
  await type(texts.pt.operador2, '-1000');
  await user.keyboard('{Enter}');
  const mistake = 'Erro: “1,5” não é um número inteiro.';
  expect(linesOf(container)).toEqual([...form('Wander', first('1,5', mistake), '-1000'), ...idle]);

  await type(texts.pt.operador1, '1234567');
  await user.keyboard('{Enter}');
  expect(linesOf(container)).toEqual([
    ...form('Wander', first('1234567'), '-1000'),
    '<button type="submit" class="primary" aria-disabled="true" aria-label="Somar">',
    '<span aria-hidden="true">Somando…</span></button>',
    `${status}Somando…</span></form></main>`,
  ]);

  const headers = { 'content-type': 'application/problem+json', 'x-request-id': 'a7' };
  await act(async () => finish(new Response('{"code":"overloaded"}', { status: 503, headers })));
  expect(linesOf(container)).toEqual([
    ...languages('pt', 'Idioma'),
    '<h1 tabindex="-1" aria-describedby="id">Erro: não deu certo desta vez</h1>',
    '<p class="failure" id="id">Há pedidos demais neste momento. Nada foi guardado; tente de novo em alguns segundos.</p>',
    '<p class="tagline">O que você digitou foi mantido.</p>',
    '<p class="tagline">Código do pedido: a7</p>',
    '<button type="button" class="primary" aria-disabled="false">Tentar de novo</button>',
    `${status}</span>`,
    '<button type="button" class="secondary">Voltar ao formulário</button></main>',
  ]);

  await user.click(screen.getByText(texts.pt.retry));
  await act(async () => finish(Response.json({ resultado: 1_233_567 })));
  expect(linesOf(container)).toEqual([
    ...languages('pt', 'Idioma'),
    '<h1 tabindex="-1">Resultado ',
    '<span class="sum">',
    '<span class="expression">1.234.567 + ',
    '<span class="together">(−1.000) =</span></span> ',
    // Its length decides the size of the letters.
    '<span class="total" style="--characters: 9;">1.233.567</span></span></h1>',
    '<p class="tagline">Pronto, Wander: a operação foi guardada.</p>',
    '<button type="button" class="primary">Fazer outra soma</button></main>',
  ]);
  await user.click(screen.getByText('English'));
  expect(linesOf(container).join('')).toContain(
    `${languages('en', 'Language').join('')}<h1 tabindex="-1">Result <span class="sum"><span class="expression">1,234,567 + `,
  );
  cleanup();
});

test('the screen after an exception has these elements, texts and attributes', () => {
  localStorage.setItem('language', 'pt');
  // React logs what the boundary caught.
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const Broken = () => {
    throw new Error('of ours');
  };
  const { container } = render(
    <ErrorBoundary>
      <Broken />
    </ErrorBoundary>,
  );
  expect(linesOf(container)).toEqual([
    '<main class="card">',
    '<h1 tabindex="-1" aria-describedby="failure">Erro: não deu certo desta vez</h1>',
    '<p class="failure" id="failure">Ocorreu um problema. Recarregue a página ou volte ao início.</p>',
    '<button type="button" class="primary">Recarregar a página</button>',
    '<p>',
    '<a href="/frontend/">Voltar ao início</a></p></main>',
  ]);
  cleanup();
});
