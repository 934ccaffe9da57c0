/** @jest-environment jest-fixed-jsdom */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { fieldMessages, idempotencyKeyHeader, paths, problemMessages } from 'contract';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { App } from '../src/App.tsx';
import { failureMessage } from '../src/messages.ts';
import { texts } from '../src/texts.ts';

// jsdom has no network. What is sent, and what the site makes of an answer, is seen here; that both reach the real API
// is seen in a browser.
interface Answer {
  status: number;
  body: unknown;
  requestId?: string;
}
let sent: unknown[];
/** The `Idempotency-Key` of each. */
let keys: (string | null)[];
let answer: (body: unknown) => Promise<Answer>;
/** Requests that the API does not know. */
let strays: unknown[];
/** How the visitor came to the page, which jsdom cannot say. */
let arrival: NavigationTimingType;
performance.getEntriesByType = () => [{ type: arrival } as PerformanceNavigationTiming];

globalThis.fetch = async (address, init = {}) => {
  const { method, signal, body: json } = init;
  if (address !== paths.sum || method !== 'POST' || !signal || signal.aborted) {
    strays.push([address, init]);
    throw new TypeError('no such request is known');
  }
  const body: unknown = JSON.parse(String(json));
  sent.push(body);
  keys.push(new Headers(init.headers).get(idempotencyKeyHeader));
  const { status, body: answered, requestId } = await answer(body);
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  const headers = { 'content-type': type, ...(requestId && { 'x-request-id': requestId }) };
  return new Response(JSON.stringify(answered), { status, headers });
};

const sum = async (body: unknown) => {
  const { operador1, operador2 } = body as { operador1: number; operador2: number };
  return { status: 200, body: { resultado: operador1 + operador2 } };
};
const away = async () => ({ status: 503, body: { code: 'storage_unavailable', detail: '' } });
const lost = async () => {
  throw new TypeError('Failed to fetch');
};
/** Lets an operation be on its way until the returned function is called. */
function hold(): (answered: Answer) => Promise<void> {
  let finish: (answered: Answer) => void = () => undefined;
  answer = () => new Promise((resolve) => (finish = resolve));
  return (answered) => act(async () => finish(answered));
}

beforeEach(() => {
  sent = [];
  keys = [];
  strays = [];
  arrival = 'reload';
  answer = sum;
  history.replaceState(null, '', '/frontend/');
  sessionStorage.clear();
  localStorage.setItem('language', 'pt');
});
afterEach(() => {
  cleanup();
  jest.restoreAllMocks();
  expect(strays).toEqual([]);
});

const { pt, en } = texts;

/** What axe finds, colours aside: jsdom paints nothing. */
async function violations(container: Element) {
  return (await axe.run(container, { rules: { 'color-contrast': { enabled: false } } })).violations;
}

async function fill(nome: string, operador1: string, operador2: string) {
  const user = userEvent.setup();
  const entries = [
    [pt.nome, nome],
    [pt.operador1, operador1],
    [pt.operador2, operador2],
  ] as const;
  for (const [label, typed] of entries) {
    const field = screen.getByLabelText(label);
    await user.clear(field);
    if (typed) await user.type(field, typed);
  }
  return user;
}

const value = (label: string) => screen.getByLabelText<HTMLInputElement>(label).value;
const isMarked = (label: string) => screen.getByLabelText(label).getAttribute('aria-invalid') === 'true';
const heading = (name: string) => screen.findByRole('heading', { name: new RegExp(`^${name}`) });
const click = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));

/** The page is loaded again: all is forgotten but what the browser keeps. */
function reload() {
  cleanup();
  return render(<App />);
}

test('what is typed is sent as the contract says, blanks and plus signs left out', async () => {
  const { container } = render(<App />);
  expect(await violations(container)).toEqual([]);
  const user = await fill('  Wander ', ' +5', '−10 ');
  await user.click(screen.getByRole('button', { name: pt.submit }));
  await heading(pt.resultTitle);
  expect(sent).toEqual([{ nome: 'Wander', operador1: 5, operador2: -10 }]);
  expect(document.title).toBe('Resultado · Magic Calculator');
  expect(screen.getByText(pt.stored('Wander'))).toBeTruthy();
  expect(await violations(container)).toEqual([]);
});

test('the browser may offer the visitor’s name, but no numbers, and a screen reader knows that each field is needed', () => {
  render(<App />);
  const attributes = [pt.nome, pt.operador1, pt.operador2].map((label) => {
    const { attributes } = screen.getByLabelText(label);
    const {
      id,
      'aria-describedby': note,
      ...others
    } = Object.fromEntries([...attributes].map(({ name, value }) => [name, value]));
    return others;
  });
  // Without an input mode: the keypad for numbers has no minus sign on many telephones.
  const common = { type: 'text', required: '', value: '', 'aria-invalid': 'false' };
  expect(attributes).toEqual([
    { ...common, name: 'nome', autocomplete: 'name' },
    { ...common, name: 'operador1', autocomplete: 'off' },
    { ...common, name: 'operador2', autocomplete: 'off' },
  ]);
});

test('the language shown is the one that is marked', async () => {
  render(<App />);
  const marked = () => screen.getAllByRole('button', { pressed: true }).map(({ textContent }) => textContent);
  expect(marked()).toEqual(['Português']);
  // Each is said by a voice of its own language.
  expect(['Português', 'English'].map((name) => screen.getByText(name).lang)).toEqual(['pt', 'en']);
  await click('English');
  expect(screen.getByText(en.tagline)).toBeTruthy();
  expect(marked()).toEqual(['English']);
});

test.each<[chosen: string | undefined, ofBrowser: string[], expected: 'pt' | 'en']>([
  ['pt', ['en'], 'pt'],
  ['en', ['pt-BR', 'en'], 'en'],
  [undefined, ['ja', 'en-GB', 'pt'], 'en'],
  [undefined, ['pt-PT', 'en'], 'pt'],
  [undefined, ['EN-us'], 'en'],
  [undefined, ['ja'], 'pt'],
  [undefined, [], 'pt'],
  // Of another release, or not of this site.
  ['ja', ['en'], 'en'],
  ['', ['en'], 'en'],
])('after the choice %j, in a browser for %j, the language is %s', (chosen, ofBrowser, expected) => {
  if (chosen === undefined) localStorage.clear();
  else localStorage.setItem('language', chosen);
  jest.spyOn(navigator, 'language', 'get').mockReturnValue('ja');
  jest.spyOn(navigator, 'languages', 'get').mockReturnValue(ofBrowser);
  render(<App />);
  expect(screen.getByText(texts[expected].tagline)).toBeTruthy();
  expect(document.documentElement.lang).toBe({ pt: 'pt-BR', en: 'en' }[expected]);
});

test('the hint of the name tells its limits', () => {
  for (const { nomeHint } of [pt, en]) expect(nomeHint.match(/\d+/g)).toEqual(['3', '255']);
});

test('what kept the API from answering is told, that nobody knows whether the operation was stored, and what to do', () => {
  const told = (language: 'pt' | 'en') =>
    ['offline', 'timeout', 'unavailable'].map((code) => failureMessage({ code }, language));
  expect(told('pt')).toEqual([
    'A conexão com o servidor falhou, e a operação pode ou não ter sido guardada. Verifique a sua conexão e tente de novo.',
    'O servidor demorou demais para responder, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
    'O serviço está fora do ar, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
  ]);
  expect(told('en')).toEqual([
    'The connection to the server failed, and the operation may or may not have been stored. Check your connection and try again.',
    'The server took too long to answer, and the operation may or may not have been stored. Try again in a moment.',
    'The service is not available, and the operation may or may not have been stored. Try again in a moment.',
  ]);
});

test('the focus after a sum is on what says the sum', async () => {
  render(<App />);
  const user = await fill('Wander', '5', '-10');
  await user.keyboard('{Enter}');
  const sum = await screen.findByRole('heading', { name: 'Resultado 5 + (−10) = −5' });
  expect(sum).toBe(document.activeElement);
});

describe('what is wrong is told beside its field, by what was typed', () => {
  test.each([
    ['1.5', 'Erro: “1.5” não é um número inteiro.'],
    ['1,5', 'Erro: “1,5” não é um número inteiro.'],
    ['1e3', 'Erro: “1e3” não é um número inteiro.'],
    ['12.34.567', 'Erro: “12.34.567” não é um número inteiro.'],
    ['1,234', 'Erro: “1,234” não é um número inteiro.'],
    [' dez\u200b ', 'Erro: “dez” não é um número inteiro.'],
    ['a'.repeat(24), `Erro: “${'a'.repeat(24)}” não é um número inteiro.`],
    ['😀'.repeat(25), `Erro: “${'😀'.repeat(20)}…” não é um número inteiro.`],
    ['', 'Erro: Digite o primeiro número'],
    [' \u200b', 'Erro: Digite o primeiro número'],
    ['9'.repeat(40), `Erro: ${fieldMessages.out_of_range.pt}`],
  ])('%j', async (typed, message) => {
    render(<App />);
    const user = await fill('Wander', typed, '10');
    await user.keyboard('{Enter}');
    const field = screen.getByRole('textbox', { name: pt.operador1, description: message });
    expect(field).toBe(document.activeElement);
    expect(isMarked(pt.operador1)).toBe(true);
    expect(document.title).toBe('Erro · Magic Calculator');
    expect(sent).toEqual([]);
  });
});

test('each empty field asks for what is missing, in the language shown', async () => {
  render(<App />);
  await click(pt.submit);
  for (const message of Object.values(pt.missing)) expect(screen.getByText(`Erro: ${message}`)).toBeTruthy();
  await click('English');
  for (const message of Object.values(en.missing)) expect(screen.getByText(`Error: ${message}`)).toBeTruthy();
  expect(document.title).toBe('Error · Magic Calculator');
  reload();
  expect(screen.getByText(`Error: ${en.missing.nome}`)).toBeTruthy();
});

test('a field loses its mark as soon as it is corrected, and the others keep theirs', async () => {
  render(<App />);
  const user = await fill('Wander', '1,5', '1e3');
  await user.keyboard('{Enter}');
  const field = screen.getByLabelText(pt.operador1);
  await user.type(field, '{Backspace}');
  expect(isMarked(pt.operador1)).toBe(false);
  expect(isMarked(pt.operador2)).toBe(true);
  expect(field).toBe(document.activeElement);
  await user.clear(screen.getByLabelText(pt.operador2));
  expect(isMarked(pt.operador2)).toBe(false);
  expect(document.title).toBe('Magic Calculator');
});

test('numbers are read as they are pasted, and one point alone by the language shown', async () => {
  render(<App />);
  const user = await fill('Wander', '−9.007.199.254.740.982', '＋1 234');
  await user.keyboard('{Enter}');
  await heading(pt.resultTitle);
  expect(sent).toEqual([{ nome: 'Wander', operador1: -9007199254740982, operador2: 1234 }]);
  await click(pt.again);
  await user.type(screen.getByLabelText(pt.operador1), '1.234');
  await user.type(screen.getByLabelText(pt.operador2), '1,234');
  await click('English');
  await click(en.submit);
  expect(screen.getByText('Error: “1.234” is not an integer.')).toBeTruthy();
  expect(isMarked(en.operador2)).toBe(false);
});

test('minus zero is zero, which is not negative', async () => {
  render(<App />);
  const user = await fill('Wander', '-0', '-0');
  await user.keyboard('{Enter}');
  await screen.findByRole('heading', { name: 'Resultado 0 + 0 = 0' });
  expect(sent).toEqual([{ nome: 'Wander', operador1: 0, operador2: 0 }]);
});

test('a sum beyond what can be exact is refused at both operands', async () => {
  render(<App />);
  const user = await fill('Wander', '9007199254740991', '1');
  await user.keyboard('{Enter}');
  expect(screen.getAllByText(/^Erro: A soma deve estar entre/)).toHaveLength(2);
  expect(sent).toEqual([]);
  await user.type(screen.getByLabelText(pt.nome), ' Maia');
  expect([isMarked(pt.operador1), isMarked(pt.operador2)]).toEqual([true, true]);
  await user.type(screen.getByLabelText(pt.operador2), '{Backspace}');
  expect([isMarked(pt.operador1), isMarked(pt.operador2)]).toEqual([false, false]);
});

test('while a sum is on its way the page says so once, the button keeps the focus, and no second one is sent', async () => {
  const finish = hold();
  render(<App />);
  const user = await fill('Wander', '5', '10');
  const button = screen.getByRole('button', { name: pt.submit });
  await user.click(button);
  await user.click(button);
  await user.keyboard('{Enter}');
  expect(button.textContent).toBe(pt.submitting);
  expect(screen.getByRole('status').textContent).toBe(pt.submitting);
  expect(button.getAttribute('aria-disabled')).toBe('true');
  // Its name stays, or it would be told by the button and by the status.
  expect(screen.getByRole('button', { name: pt.submit })).toBe(button);
  expect(button).toBe(document.activeElement);
  expect(sent).toHaveLength(1);
  await finish({ status: 200, body: { resultado: 15 } });
  await click(pt.again);
  // The name is kept, so the first number is what comes next.
  expect(value(pt.nome)).toBe('Wander');
  expect(screen.getByLabelText(pt.operador1)).toBe(document.activeElement);
  const another = screen.getByRole('button', { name: pt.submit });
  expect([another.textContent, another.getAttribute('aria-disabled')]).toEqual([pt.submit, 'false']);
  expect(screen.getByRole('status').textContent).toBe('');
});

test('the error screen says in the visitor’s language what the API said, and a retry sends the same', async () => {
  localStorage.setItem('language', 'en');
  answer = async () => ({ status: 503, body: { code: 'storage_unavailable', detail: 'em português' } });
  const { container } = render(<App />);
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(en.nome), 'Wander');
  await user.type(screen.getByLabelText(en.operador1), '5');
  await user.type(screen.getByLabelText(en.operador2), '10');
  await user.click(screen.getByRole('button', { name: en.submit }));
  const title = await screen.findByRole('heading', {
    name: en.errorTitle,
    description: problemMessages.storage_unavailable.en,
  });
  expect(title).toBe(document.activeElement);
  expect(document.title).toMatch(/^Error: /);
  expect(await violations(container)).toEqual([]);

  answer = sum;
  await user.click(screen.getByRole('button', { name: en.retry }));
  await heading(en.resultTitle);
  expect(sent[1]).toEqual(sent[0]);
});

test('a retry sends what was sent, though another language would read it otherwise', async () => {
  answer = away;
  render(<App />);
  const user = await fill('Wander', '1.234', '1');
  await user.keyboard('{Enter}');
  await heading(pt.errorTitle);
  answer = sum;
  await click('English');
  await click(en.retry);
  await heading(en.resultTitle);
  expect(sent).toEqual([1, 2].map(() => ({ nome: 'Wander', operador1: 1234, operador2: 1 })));
});

test('words of the API that this page does not know are shown as they are, with the request’s id', async () => {
  answer = async () => ({ status: 500, body: { code: 'new_problem', detail: 'Algo novo.' }, requestId: 'a7' });
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  expect(await screen.findByText('Algo novo.')).toBeTruthy();
  expect(screen.getByText('Código do pedido: a7')).toBeTruthy();
});

test('a mistake that neither this page nor the API has words for is still shown beside its field', async () => {
  const errors = [{ pointer: '#/nome', code: 'new_mistake' }];
  answer = async () => ({ status: 400, body: { code: 'bad_request', errors } });
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  await screen.findByRole('textbox', { name: pt.nome, description: `Erro: ${pt.unexpected}` });
  expect(isMarked(pt.nome)).toBe(true);
});

test.each([
  ['a detail that is an object', { code: 'new_problem', detail: { text: 'x' } }],
  ['an empty detail', { code: 'new_problem', detail: '' }],
  ['errors that are null', { code: 'toString', errors: null }],
  ['no problem at all', null],
])('%s leads to the error screen, with words of this site', async (_, body) => {
  answer = async () => ({ status: 500, body });
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  expect(await screen.findByText(pt.unexpected)).toBeTruthy();
  reload();
  expect(await screen.findByText(pt.unexpected)).toBeTruthy();
});

test('an answer with another sum is not shown as one', async () => {
  answer = async () => ({ status: 200, body: { resultado: 99 } });
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  expect(await screen.findByText(pt.unexpected)).toBeTruthy();
});

test('a retry that fails again is announced again', async () => {
  answer = away;
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  const first = await heading(pt.errorTitle);
  await user.click(screen.getByRole('button', { name: pt.retry }));
  await waitFor(() => expect(screen.getByRole('heading', { name: pt.errorTitle })).not.toBe(first));
  expect(await heading(pt.errorTitle)).toBe(document.activeElement);
});

test('the way from a failure to the form is a step back, however often a retry has failed', async () => {
  answer = away;
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  const first = await heading(pt.errorTitle);
  await click(pt.retry);
  await waitFor(() => expect(first.isConnected).toBe(false));
  await click(pt.back);
  expect(await screen.findByDisplayValue('10')).toBeTruthy();
  history.forward();
  await heading(pt.errorTitle);
});

test('a failure leads to the form where there is no step back, as in some duplicates of a tab', async () => {
  answer = away;
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  await heading(pt.errorTitle);
  jest.spyOn(history, 'length', 'get').mockReturnValue(1);
  jest.spyOn(history, 'back').mockReturnValue(undefined);
  await click(pt.back);
  expect(await screen.findByDisplayValue('10')).toBeTruthy();
});

test('each step through the history is announced', async () => {
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  await heading(pt.resultTitle);
  reload();
  history.back();
  await waitFor(() => expect(screen.getByLabelText(pt.nome)).toBe(document.activeElement));
  history.forward();
  expect(await heading(pt.resultTitle)).toBe(document.activeElement);
});

test('a form that is refused again is announced again', async () => {
  render(<App />);
  const user = await fill('Wander', '1,5', '10');
  await user.keyboard('{Enter}');
  const first = screen.getByLabelText(pt.operador1);
  await user.keyboard('{Enter}');
  expect(screen.getByLabelText(pt.operador1)).not.toBe(first);
  expect(screen.getByLabelText(pt.operador1)).toBe(document.activeElement);
});

test('a visitor who goes back to the form while a retry is on its way finds it again behind the result', async () => {
  answer = away;
  render(<App />);
  const user = await fill('Wander', '5', '77');
  await user.keyboard('{Enter}');
  await heading(pt.errorTitle);

  const finish = hold();
  await click(pt.retry);
  await click(pt.back);
  await screen.findByLabelText(pt.operador1);
  await finish({ status: 200, body: { resultado: 82 } });
  await heading(pt.resultTitle);
  history.back();
  expect(await screen.findByDisplayValue('77')).toBeTruthy();
});

test('what was wrong in one form is not said of another', async () => {
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  await click(pt.again);
  await user.keyboard('{Enter}');
  expect(isMarked(pt.operador1)).toBe(true);
  history.back();
  await click(pt.again);
  expect(isMarked(pt.operador1)).toBe(false);
});

describe('an operation is stored once', () => {
  const ways: Record<string, () => Promise<unknown>> = {
    'by another try': () => click(pt.retry),
    'by the form': async () => {
      await click(pt.back);
      await click(pt.submit);
    },
    'by the browser’s way back and the form': async () => {
      history.back();
      await click(pt.submit);
    },
    'by a reload and another try': async () => {
      reload();
      await click(pt.retry);
    },
    'by the same values, typed anew in a fresh visit': async () => {
      arrival = 'navigate';
      reload();
      await fill('Wander', '+5', '１０');
      await click(pt.submit);
    },
    'by the same values, after others that were answered': async () => {
      await click(pt.back);
      answer = sum;
      const user = await fill('Wander', '6', '10');
      await user.keyboard('{Enter}');
      await click(pt.again);
      await fill('Wander', '5', '10');
      await click(pt.submit);
    },
  };
  test.each(Object.keys(ways))('when the answer was lost and it is sent again %s', async (way) => {
    answer = lost;
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.errorTitle);
    await ways[way]?.();
    await waitFor(() => expect(sent.length).toBeGreaterThan(1));
    expect(sent.at(-1)).toEqual(sent[0]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys.at(-1)).toBe(keys[0]);
  });

  test('when the page is loaded anew while it is on its way', async () => {
    hold();
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(sent).toHaveLength(1));
    reload();
    answer = sum;
    await click(pt.submit);
    await heading(pt.resultTitle);
    expect(sent).toHaveLength(2);
    expect(keys[1]).toBe(keys[0]);
  });

  test('and its key is kept for the tab alone', async () => {
    answer = lost;
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.errorTitle);
    expect(Object.keys(sessionStorage)).toContain('operation:["Wander",5,10]');
    expect(Object.keys(localStorage)).toEqual(['language']);
  });

  test('when the browser keeps nothing for the site', async () => {
    jest.spyOn(globalThis, 'sessionStorage', 'get').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    answer = lost;
    render(<App />);
    const user = await fill('Wander', '5', '11');
    await user.keyboard('{Enter}');
    answer = sum;
    await click(pt.back);
    await click(pt.submit);
    await heading(pt.resultTitle);
    expect(keys[1]).toBe(keys[0]);
  });

  test('and its key is made where the browser makes no UUID', async () => {
    jest.spyOn(crypto, 'randomUUID').mockImplementation(() => {
      throw new TypeError('crypto.randomUUID is not a function');
    });
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});

describe('a new operation has a new key', () => {
  test.each([
    ['Maria', '5', '10'],
    ['Wander', '6', '10'],
    ['Wander', '5', '11'],
    ['Wander', '10', '5'],
  ])('when the values are %s, %s and %s after an answer that was lost', async (...values) => {
    answer = lost;
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    answer = sum;
    await click(pt.back);
    await fill(...values);
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
    expect(keys[1]).not.toBe(keys[0]);
  });

  test('when its values are those of one whose sum was seen', async () => {
    answer = lost;
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    answer = sum;
    await click(pt.retry);
    await heading(pt.resultTitle);
    history.back();
    await click(pt.submit);
    await heading(pt.resultTitle);
    await click(pt.again);
    await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(3);
    expect(keys).toHaveLength(4);
  });

  test.each(['idempotency_key_reused', 'invalid_idempotency_key'])('when its key was refused: %s', async (code) => {
    answer = async () => ({ status: 422, body: { code, detail: '' } });
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    answer = sum;
    await click(pt.retry);
    await heading(pt.resultTitle);
    expect(keys[1]).not.toBe(keys[0]);
  });
});

describe('when the visitor is elsewhere', () => {
  const mistakes = {
    status: 400,
    body: { code: 'bad_request', errors: [{ pointer: '#/nome', code: 'reserved', detail: 'Nome reservado' }] },
  };

  /** An older result, 5 + 10, is shown while the operation 5 + 20 of a later form is on its way. */
  async function waitAtAnOlderResult() {
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await click(pt.again);
    const finish = hold();
    await fill('Wander', '5', '20');
    await user.keyboard('{Enter}');
    history.back();
    await screen.findByRole('heading', { name: 'Resultado 5 + 10 = 15' });
    return finish;
  }
  const olderResult = () => screen.findByRole('heading', { name: 'Resultado 5 + 10 = 15' });

  test('a refusal leaves an older result where it was', async () => {
    const finish = await waitAtAnOlderResult();
    await finish(mistakes);
    expect(await screen.findByText('Erro: Nome reservado')).toBeTruthy();
    expect(value(pt.operador2)).toBe('20');
    history.back();
    await olderResult();
  });

  test('a failure leaves an older result where it was, and still leads to the form', async () => {
    const finish = await waitAtAnOlderResult();
    await finish(await away());
    await heading(pt.errorTitle);
    await click(pt.back);
    expect(await screen.findByDisplayValue('20')).toBeTruthy();
    history.back();
    await olderResult();
  });

  test('a sum leaves an older result where it was', async () => {
    const finish = await waitAtAnOlderResult();
    await finish({ status: 200, body: { resultado: 25 } });
    await screen.findByRole('heading', { name: 'Resultado 5 + 20 = 25' });
    history.back();
    await olderResult();
  });

  test('a refusal marks no values but those that were sent', async () => {
    const finish = hold();
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await user.type(screen.getByLabelText(pt.nome), ' Maia');
    await finish(mistakes);
    expect(await screen.findByText('Erro: Nome reservado')).toBeTruthy();
    expect(value(pt.nome)).toBe('Wander');
    history.back();
    expect(await screen.findByDisplayValue('Wander Maia')).toBeTruthy();
    expect(isMarked(pt.nome)).toBe(false);
  });

  test('but not otherwise, a refusal adds a step to the way back', async () => {
    // Steps that lead forward, left by other tests, end here.
    history.pushState(null, '');
    const steps = history.length;
    answer = async () => mistakes;
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    expect(await screen.findByText('Erro: Nome reservado')).toBeTruthy();
    expect(history.length).toBe(steps);
  });
});

describe('what the browser has kept', () => {
  test('typed text survives a reload, unsent, with its marks', async () => {
    render(<App />);
    const user = await fill('Wander', '1,5', '');
    await user.keyboard('{Enter}');
    reload();
    expect([isMarked(pt.operador1), isMarked(pt.operador2)]).toEqual([true, true]);
    await userEvent.type(screen.getByLabelText(pt.operador2), '7');
    reload();
    expect([value(pt.nome), value(pt.operador1), value(pt.operador2)]).toEqual(['Wander', '1,5', '7']);
    expect([isMarked(pt.operador1), isMarked(pt.operador2)]).toEqual([true, false]);
  });

  test('nothing is shown again to a visitor who comes by an address or a link', async () => {
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
    arrival = 'navigate';
    reload();
    expect([value(pt.nome), value(pt.operador1), value(pt.operador2)]).toEqual(['', '', '']);
    await userEvent.type(screen.getByLabelText(pt.operador1), '7');
    arrival = 'reload';
    reload();
    expect(value(pt.operador1)).toBe('7');
  });

  test('typed text is shown in its own form', async () => {
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await click(pt.again);
    await user.type(screen.getByLabelText(pt.operador1), '77');
    history.back();
    await heading(pt.resultTitle);
    history.back();
    expect(await screen.findByDisplayValue('10')).toBeTruthy();
    reload();
    history.go(2);
    expect(await screen.findByDisplayValue('77')).toBeTruthy();
  });

  test('a result and an error are shown again, and nothing is sent', async () => {
    answer = away;
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.errorTitle);
    reload();
    await heading(pt.errorTitle);
    answer = sum;
    await click(pt.retry);
    await heading(pt.resultTitle);
    reload();
    await screen.findByRole('heading', { name: 'Resultado 5 + 10 = 15' });
    expect(sent).toHaveLength(2);
  });

  const values = { nome: 'Wander', operador1: '5', operador2: '10' };
  const request = { nome: 'Wander', operador1: 5, operador2: 10 };
  const entry = (screen: unknown, more = {}) => ({ version: 1, id: 'a', screen, ...more });
  const failure = { code: 'a', detail: 'b' };
  test('a screen of this release is shown', async () => {
    history.replaceState(entry({ name: 'error', values, request, failure, isOverForm: true }), '');
    render(<App />);
    expect(screen.getByText('b')).toBeTruthy();
  });
  test.each([
    { name: 'main' },
    {},
    'main',
    7,
    [],
    { name: 'main', values },
    { name: 'result', request, resultado: 15 },
    entry({ name: 'main', values, mistakes: {} }, { version: 0 }),
    entry({ name: 'main', values, mistakes: {} }, { id: 7 }),
    entry(null),
    entry({}),
    entry('main'),
    entry({ name: 'elsewhere', values, mistakes: {} }),
    entry({ name: 'elsewhere', values, request, failure, isOverForm: true }),
    entry({ name: 'main', mistakes: {} }),
    entry({ name: 'main', values: { ...values, nome: 7 }, mistakes: {} }),
    entry({ name: 'main', values: null, mistakes: {} }),
    entry({ name: 'main', values }),
    entry({ name: 'main', values, mistakes: { nome: 'wrong' } }),
    entry({ name: 'main', values, mistakes: { nome: { code: 'a', detail: {} } } }),
    entry({ name: 'result' }),
    entry({ name: 'result', request: { ...request, operador1: '5' } }),
    entry({ name: 'error', values, request }),
    entry({ name: 'error', values, request, failure: { code: {} } }),
    entry({ name: 'error', values, request, failure: { ...failure, requestId: {} } }),
    entry({ name: 'error', values, request, failure: { ...failure, detail: {} } }),
    entry({ name: 'error', values, failure }),
    entry({ name: 'error', request, failure }),
  ])('a screen of another release gives way to an empty form: %j', async (state) => {
    history.replaceState(state, '');
    render(<App />);
    expect([value(pt.nome), value(pt.operador1), value(pt.operador2)]).toEqual(['', '', '']);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
  });

  test.each(['', '{', 'null', '{}', '{"version":1,"id":"a"}', '{"version":1,"id":"a","screen":{"name":"main"}}'])(
    'typed text that cannot be read is not shown: %s',
    async (typed) => {
      sessionStorage.setItem('typed', typed);
      history.replaceState(entry({ name: 'main', values, mistakes: {} }), '');
      render(<App />);
      expect(value(pt.operador2)).toBe('10');
    },
  );

  test('a key that is none is not sent', async () => {
    sessionStorage.setItem('operation:["Wander",5,10]', 'a\nb');
    render(<App />);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});

test.each(['pushState', 'replaceState'] as const)('a browser that refuses %s still shows what follows', async (how) => {
  jest.spyOn(history, how).mockImplementation(() => {
    throw new DOMException('too many calls', 'SecurityError');
  });
  render(<App />);
  const user = await fill('Wander', '1,5', '10');
  await user.keyboard('{Enter}');
  expect(isMarked(pt.operador1)).toBe(true);
  await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  await heading(pt.resultTitle);
});

describe('an exception leads to the error screen, which offers ways back', () => {
  beforeEach(() => {
    // React tells the console what the boundary caught.
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  const expectWaysBack = async (text = pt) => {
    const title = await screen.findByRole('heading', { name: text.errorTitle, description: text.broken });
    expect(title).toBe(document.activeElement);
    expect(document.title).toBe(`${text.errorTitle} · Magic Calculator`);
    expect(screen.getByRole('button', { name: text.reload })).toBeTruthy();
    expect(screen.getByRole('link', { name: text.home }).getAttribute('href')).toBe('/frontend/');
  };

  test('in rendering', async () => {
    jest.spyOn(Intl, 'NumberFormat').mockImplementation(() => {
      throw new RangeError('no such locale');
    });
    render(<App />);
    await fill('Wander', '5', '10');
    await click('English');
    await click(en.submit);
    await expectWaysBack(en);
    expect(await violations(document.body)).toEqual([]);
  });

  test.each([pt.submit, pt.retry])('in what the button %j does', async (button) => {
    answer = lost;
    render(<App />);
    await fill('Wander', '5', '10');
    if (button === pt.retry) {
      await click(pt.submit);
      await heading(pt.errorTitle);
    }
    jest.spyOn(JSON, 'stringify').mockImplementation(() => {
      throw new TypeError('missing in this browser');
    });
    await click(button);
    await expectWaysBack();
  });
});

describe('a page that was built with the form in it', () => {
  async function hydrate(container = document.createElement('div')) {
    container.innerHTML = renderToString(<App />);
    document.body.append(container);
    const inputs = container.querySelectorAll('input');
    const [nome, operador1, operador2] = [...inputs];
    if (!nome || !operador1 || !operador2) throw new Error('The page has no form');
    return { container, nome, operador1, operador2 };
  }
  let root: ReturnType<typeof hydrateRoot> | undefined;
  let complaints: unknown[];
  const start = (container: Element) =>
    act(async () => {
      root = hydrateRoot(container, <App />, { onRecoverableError: (error) => complaints.push(error) });
    });
  beforeEach(() => {
    complaints = [];
    jest.spyOn(console, 'error').mockImplementation((...args) => complaints.push(args));
  });
  afterEach(async () => {
    await act(async () => root?.unmount());
    document.body.replaceChildren();
    expect(complaints).toEqual([]);
  });

  test('takes the script over as it is, and then the language and what was kept', async () => {
    localStorage.setItem('language', 'en');
    history.replaceState(
      { version: 1, id: 'a', screen: { name: 'result', request: { nome: 'Wander', operador1: 5, operador2: 10 } } },
      '',
    );
    const { container } = await hydrate();
    await start(container);
    await screen.findByRole('heading', { name: 'Result 5 + 10 = 15' });
    expect(document.documentElement.lang).toBe('en');
  });

  test('keeps what was typed before the script came', async () => {
    const { container, nome, operador1, operador2 } = await hydrate();
    nome.value = 'Wander';
    operador1.value = '5';
    operador2.value = '1';
    operador2.focus();
    await start(container);
    expect([value(pt.nome), value(pt.operador1), value(pt.operador2)]).toEqual(['Wander', '5', '1']);
    expect(document.activeElement).toBe(operador2);
    await userEvent.type(operador2, '0{Enter}');
    await heading(pt.resultTitle);
    expect(sent).toEqual([{ nome: 'Wander', operador1: 5, operador2: 10 }]);
  });
});
