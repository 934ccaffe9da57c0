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

// jsdom has no network: these tests check the requests and how the site handles each response. The tests in
// test/browser use the real API.
interface Answer {
  status: number;
  body: unknown;
  requestId?: string;
}
let sent: unknown[];
/** The `Idempotency-Key` of each request in `sent`. */
let keys: (string | null)[];
let answer: (body: unknown) => Promise<Answer>;
/** Requests that the real API would not accept. */
let unexpected: unknown[];
/** How the visitor came to the page, which jsdom does not report. */
let arrival: NavigationTimingType;
performance.getEntriesByType = () => [{ type: arrival } as PerformanceNavigationTiming];

globalThis.fetch = async (address, init = {}) => {
  const { method, signal, body: json } = init;
  if (address !== paths.sum || method !== 'POST' || !signal || signal.aborted) {
    unexpected.push([address, init]);
    throw new TypeError('unexpected request');
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
const unavailable = async () => ({ status: 503, body: { code: 'storage_unavailable', detail: '' } });
const loseResponse = async () => {
  throw new TypeError('Failed to fetch');
};
/** Keeps requests in flight until the returned function is called with the response. */
function holdResponse(): (answered: Answer) => Promise<void> {
  let finish: (answered: Answer) => void = () => undefined;
  answer = () => new Promise((resolve) => (finish = resolve));
  return (answered) => act(async () => finish(answered));
}

beforeEach(() => {
  sent = [];
  keys = [];
  unexpected = [];
  arrival = 'reload';
  answer = sum;
  history.replaceState(null, '', '/frontend/');
  sessionStorage.clear();
  localStorage.setItem('language', 'pt');
});
afterEach(() => {
  cleanup();
  jest.restoreAllMocks();
  expect(unexpected).toEqual([]);
});

const { pt, en } = texts;

/** Violations that axe finds. Contrast is not checked, because jsdom paints nothing. */
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

/** Opens the site, fills in the form and submits it. */
async function openAndSubmit(...values: Parameters<typeof fill>) {
  render(<App />);
  const user = await fill(...values);
  await user.keyboard('{Enter}');
  return user;
}

const value = (label: string) => screen.getByLabelText<HTMLInputElement>(label).value;
const isMarked = (label: string) => screen.getByLabelText(label).getAttribute('aria-invalid') === 'true';
const heading = (name: string) => screen.findByRole('heading', { name: new RegExp(`^${name}`) });
/** React moves the focus after it has shown a screen. */
const expectFocus = (element: HTMLElement) => waitFor(() => expect(element).toBe(document.activeElement));
const click = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));

const values = { nome: 'Wander', operador1: '5', operador2: '10' };
const request = { nome: 'Wander', operador1: 5, operador2: 10 };

/** Loads the page again: only the data that the browser has saved remains. */
function reload() {
  cleanup();
  return render(<App />);
}

test('the typed values are sent as the contract requires, without blanks and plus signs', async () => {
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

test('the browser may autofill the name but not the numbers, and all fields are marked as required', () => {
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
  // No inputmode: the numeric keypad has no minus sign on many phones.
  const common = { type: 'text', required: '', value: '', 'aria-invalid': 'false' };
  expect(attributes).toEqual([
    { ...common, name: 'nome', autocomplete: 'name' },
    { ...common, name: 'operador1', autocomplete: 'off' },
    { ...common, name: 'operador2', autocomplete: 'off' },
  ]);
});

test('the button of the current language is marked as pressed', async () => {
  render(<App />);
  const marked = () => screen.getAllByRole('button', { pressed: true }).map(({ textContent }) => textContent);
  expect(marked()).toEqual(['Português']);
  expect(screen.getByRole('navigation', { name: pt.languageSwitch })).toBeTruthy();
  // So that screen readers pronounce each name in its own language.
  expect(['Português', 'English'].map((name) => screen.getByText(name).lang)).toEqual(['pt', 'en']);
  await click('English');
  expect(screen.getByText(en.tagline)).toBeTruthy();
  expect(marked()).toEqual(['English']);
  expect(screen.getByRole('navigation', { name: en.languageSwitch })).toBeTruthy();
});

test.each<[chosen: string | undefined, browserLanguages: string[], expected: 'pt' | 'en']>([
  ['pt', ['en'], 'pt'],
  ['en', ['pt-BR', 'en'], 'en'],
  [undefined, ['ja', 'en-GB', 'pt'], 'en'],
  [undefined, ['pt-PT', 'en'], 'pt'],
  [undefined, ['EN-us'], 'en'],
  [undefined, ['ja'], 'pt'],
  [undefined, [], 'pt'],
  // Saved by another release, or not by this site.
  ['ja', ['en'], 'en'],
  ['', ['en'], 'en'],
])('with the saved choice %j and the browser languages %j, the site is in %s', (chosen, browserLanguages, expected) => {
  if (chosen === undefined) localStorage.clear();
  else localStorage.setItem('language', chosen);
  jest.spyOn(navigator, 'language', 'get').mockReturnValue('ja');
  jest.spyOn(navigator, 'languages', 'get').mockReturnValue(browserLanguages);
  render(<App />);
  expect(screen.getByText(texts[expected].tagline)).toBeTruthy();
  expect(document.documentElement.lang).toBe({ pt: 'pt-BR', en: 'en' }[expected]);
});

test('the hint of the name states its limits', () => {
  for (const { nomeHint } of [pt, en]) expect(nomeHint.match(/\d+/g)).toEqual(['3', '255']);
});

test('the message for a missing response says why, that the sum may have been stored, and what to do', () => {
  const messages = (language: 'pt' | 'en') =>
    ['offline', 'timeout', 'unavailable'].map((code) => failureMessage({ code }, language));
  expect(messages('pt')).toEqual([
    'A conexão com o servidor falhou, e a operação pode ou não ter sido guardada. Verifique a sua conexão e tente de novo.',
    'O servidor demorou demais para responder, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
    'O serviço está fora do ar, e a operação pode ou não ter sido guardada. Tente de novo em alguns instantes.',
  ]);
  expect(messages('en')).toEqual([
    'The connection to the server failed, and the operation may or may not have been stored. Check your connection and try again.',
    'The server took too long to answer, and the operation may or may not have been stored. Try again in a moment.',
    'The service is unavailable, and the operation may or may not have been stored. Try again in a moment.',
  ]);
});

test('after a sum, the heading with the sum has the focus', async () => {
  await openAndSubmit('Wander', '5', '-10');
  const sum = await screen.findByRole('heading', { name: 'Resultado 5 + (−10) = −5' });
  await expectFocus(sum);
});

describe('an invalid operand is explained beside its field', () => {
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
    await openAndSubmit('Wander', typed, '10');
    const field = screen.getByRole('textbox', { name: pt.operador1, description: message });
    expect(field).toBe(document.activeElement);
    expect(isMarked(pt.operador1)).toBe(true);
    expect(document.title).toBe('Erro · Magic Calculator');
    expect(sent).toEqual([]);
  });
});

test('each empty field has its own message, in the current language', async () => {
  render(<App />);
  await click(pt.submit);
  for (const message of Object.values(pt.missing)) expect(screen.getByText(`Erro: ${message}`)).toBeTruthy();
  await click('English');
  for (const message of Object.values(en.missing)) expect(screen.getByText(`Error: ${message}`)).toBeTruthy();
  expect(document.title).toBe('Error · Magic Calculator');
  reload();
  expect(screen.getByText(`Error: ${en.missing.nome}`)).toBeTruthy();
});

test('a field loses its error as soon as it is changed, and the others keep theirs', async () => {
  const user = await openAndSubmit('Wander', '1,5', '1e3');
  const field = screen.getByLabelText(pt.operador1);
  await user.type(field, '{Backspace}');
  expect(isMarked(pt.operador1)).toBe(false);
  expect(isMarked(pt.operador2)).toBe(true);
  expect(field).toBe(document.activeElement);
  await user.clear(screen.getByLabelText(pt.operador2));
  expect(isMarked(pt.operador2)).toBe(false);
  expect(document.title).toBe('Magic Calculator');
});

test('pasted numbers are accepted, and a single point is read by the current language', async () => {
  const user = await openAndSubmit('Wander', '−9.007.199.254.740.982', '＋1 234');
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

test('minus zero is sent and shown as zero', async () => {
  await openAndSubmit('Wander', '-0', '-0');
  await screen.findByRole('heading', { name: 'Resultado 0 + 0 = 0' });
  expect(sent).toEqual([{ nome: 'Wander', operador1: 0, operador2: 0 }]);
});

test('a sum too large to be exact is reported at both operands', async () => {
  const user = await openAndSubmit('Wander', '9007199254740991', '1');
  expect(screen.getAllByText(/^Erro: A soma deve estar entre/)).toHaveLength(2);
  expect(sent).toEqual([]);
  await user.type(screen.getByLabelText(pt.nome), ' Maia');
  expect([isMarked(pt.operador1), isMarked(pt.operador2)]).toEqual([true, true]);
  await user.type(screen.getByLabelText(pt.operador2), '{Backspace}');
  expect([isMarked(pt.operador1), isMarked(pt.operador2)]).toEqual([false, false]);
});

test('a request in flight is announced once, the button keeps the focus, and no second one is sent', async () => {
  const finish = holdResponse();
  render(<App />);
  const user = await fill('Wander', '5', '10');
  const button = screen.getByRole('button', { name: pt.submit });
  await user.click(button);
  await user.click(button);
  await user.keyboard('{Enter}');
  expect(button.textContent).toBe(pt.submitting);
  expect(screen.getByRole('status').textContent).toBe(pt.submitting);
  expect(button.getAttribute('aria-disabled')).toBe('true');
  // Its accessible name stays, or both the button and the status would be announced.
  expect(screen.getByRole('button', { name: pt.submit })).toBe(button);
  expect(button).toBe(document.activeElement);
  expect(sent).toHaveLength(1);
  await finish({ status: 200, body: { resultado: 15 } });
  await click(pt.again);
  // The name is kept, so the first number is next.
  expect(value(pt.nome)).toBe('Wander');
  expect(screen.getByLabelText(pt.operador1)).toBe(document.activeElement);
  const another = screen.getByRole('button', { name: pt.submit });
  expect([another.textContent, another.getAttribute('aria-disabled')]).toEqual([pt.submit, 'false']);
  expect(screen.getByRole('status').textContent).toBe('');
});

test('the error screen shows the API’s error in the visitor’s language, and a retry sends the same', async () => {
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
  await expectFocus(title);
  expect(screen.getByText(en.kept)).toBeTruthy();
  expect(screen.queryByText(new RegExp(en.requestId('')))).toBeNull();
  expect(document.title).toBe(`${en.errorTitle} · ${en.title}`);
  expect(await violations(container)).toEqual([]);

  answer = sum;
  await user.click(screen.getByRole('button', { name: en.retry }));
  await heading(en.resultTitle);
  expect(sent[1]).toEqual(sent[0]);
});

test('a retry sends the same values, even if the new language would read them differently', async () => {
  answer = unavailable;
  await openAndSubmit('Wander', '1.234', '1');
  await heading(pt.errorTitle);
  answer = sum;
  await click('English');
  await click(en.retry);
  await heading(en.resultTitle);
  expect(sent).toEqual([1, 2].map(() => ({ nome: 'Wander', operador1: 1234, operador2: 1 })));
});

test('the API’s message for an unknown code is shown as it is, with the request id', async () => {
  answer = async () => ({ status: 500, body: { code: 'new_problem', detail: 'Algo novo.' }, requestId: 'a7' });
  await openAndSubmit('Wander', '5', '10');
  expect(await screen.findByText('Algo novo.')).toBeTruthy();
  expect(screen.getByText('Código do pedido: a7')).toBeTruthy();
});

test('a field error with an unknown code and no message is still shown beside its field', async () => {
  const errors = [{ pointer: '#/nome', code: 'new_mistake' }];
  answer = async () => ({ status: 400, body: { code: 'bad_request', errors } });
  await openAndSubmit('Wander', '5', '10');
  await screen.findByRole('textbox', { name: pt.nome, description: `Erro: ${pt.unexpected}` });
  expect(isMarked(pt.nome)).toBe(true);
});

test.each([
  ['a detail that is an object', { code: 'new_problem', detail: { text: 'x' } }],
  ['an empty detail', { code: 'new_problem', detail: '' }],
  ['errors that are null', { code: 'toString', errors: null }],
  ['a body that is null', null],
])('%s leads to the error screen, with the site’s own message', async (_, body) => {
  answer = async () => ({ status: 500, body });
  await openAndSubmit('Wander', '5', '10');
  expect(await screen.findByText(pt.unexpected)).toBeTruthy();
  reload();
  expect(await screen.findByText(pt.unexpected)).toBeTruthy();
});

test('a response with a wrong sum is not shown as a result', async () => {
  answer = async () => ({ status: 200, body: { resultado: 99 } });
  await openAndSubmit('Wander', '5', '10');
  expect(await screen.findByText(pt.unexpected)).toBeTruthy();
});

test('a retry that fails again is announced again', async () => {
  answer = unavailable;
  const user = await openAndSubmit('Wander', '5', '10');
  const first = await heading(pt.errorTitle);
  await user.click(screen.getByRole('button', { name: pt.retry }));
  await waitFor(() => expect(screen.getByRole('heading', { name: pt.errorTitle })).not.toBe(first));
  await expectFocus(await heading(pt.errorTitle));
});

test('the button back to the form goes back in the history, however often a retry has failed', async () => {
  answer = unavailable;
  await openAndSubmit('Wander', '5', '10');
  const first = await heading(pt.errorTitle);
  await click(pt.retry);
  await waitFor(() => expect(first.isConnected).toBe(false));
  await click(pt.back);
  expect(await screen.findByDisplayValue('10')).toBeTruthy();
  history.forward();
  await heading(pt.errorTitle);
});

test('the button back to the form works without a history, as in some duplicated tabs', async () => {
  answer = unavailable;
  await openAndSubmit('Wander', '5', '10');
  await heading(pt.errorTitle);
  jest.spyOn(history, 'length', 'get').mockReturnValue(1);
  jest.spyOn(history, 'back').mockReturnValue(undefined);
  await click(pt.back);
  expect(await screen.findByDisplayValue('10')).toBeTruthy();
});

test('each step through the history is announced', async () => {
  await openAndSubmit('Wander', '5', '10');
  await heading(pt.resultTitle);
  reload();
  history.back();
  await waitFor(() => expect(screen.getByLabelText(pt.nome)).toBe(document.activeElement));
  history.forward();
  await expectFocus(await heading(pt.resultTitle));
});

test('a form that is invalid again is announced again', async () => {
  const user = await openAndSubmit('Wander', '1,5', '10');
  const first = screen.getByLabelText(pt.operador1);
  await user.keyboard('{Enter}');
  expect(screen.getByLabelText(pt.operador1)).not.toBe(first);
  expect(screen.getByLabelText(pt.operador1)).toBe(document.activeElement);
});

test('after going back to the form during a retry, the form is still in the history behind the result', async () => {
  answer = unavailable;
  await openAndSubmit('Wander', '5', '77');
  await heading(pt.errorTitle);

  const finish = holdResponse();
  await click(pt.retry);
  await click(pt.back);
  await screen.findByLabelText(pt.operador1);
  await finish({ status: 200, body: { resultado: 82 } });
  await heading(pt.resultTitle);
  history.back();
  expect(await screen.findByDisplayValue('77')).toBeTruthy();
});

test('the errors of one form are not shown in another', async () => {
  const user = await openAndSubmit('Wander', '5', '10');
  await click(pt.again);
  await user.keyboard('{Enter}');
  expect(isMarked(pt.operador1)).toBe(true);
  history.back();
  await click(pt.again);
  expect(isMarked(pt.operador1)).toBe(false);
});

describe('an operation is stored once', () => {
  const ways: Record<string, () => Promise<unknown>> = {
    'with the retry button': () => click(pt.retry),
    'from the form': async () => {
      await click(pt.back);
      await click(pt.submit);
    },
    'from the form, after the browser’s back button': async () => {
      history.back();
      await click(pt.submit);
    },
    'with the retry button, after a reload': async () => {
      reload();
      await click(pt.retry);
    },
    'with the same values, typed again in a new visit': async () => {
      arrival = 'navigate';
      reload();
      await fill('Wander', '+5', '１０');
      await click(pt.submit);
    },
    'with the same values, after others with a result': async () => {
      await click(pt.back);
      answer = sum;
      const user = await fill('Wander', '6', '10');
      await user.keyboard('{Enter}');
      await click(pt.again);
      await fill('Wander', '5', '10');
      await click(pt.submit);
    },
  };
  test.each(Object.keys(ways))('when the response was lost and it is sent again %s', async (way) => {
    answer = loseResponse;
    await openAndSubmit('Wander', '5', '10');
    await heading(pt.errorTitle);
    await ways[way]?.();
    await waitFor(() => expect(sent.length).toBeGreaterThan(1));
    expect(sent.at(-1)).toEqual(sent[0]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys.at(-1)).toBe(keys[0]);
  });

  test.each<[string, Answer]>([
    ...Object.keys(problemMessages)
      .filter((code) => !['idempotency_key_reused', 'invalid_idempotency_key'].includes(code))
      .map((code): [string, Answer] => [code, { status: 503, body: { code, detail: '' } }]),
    ['of a proxy', { status: 502, body: null }],
    ['a wrong sum', { status: 200, body: { resultado: 99 } }],
  ])('when the response was a failure and it is sent again: %s', async (_, answered) => {
    const operation = { name: 'error', values, request, failure: { code: 'offline' }, isOverForm: true };
    history.replaceState({ version: 1, id: 'a', screen: operation }, '');
    render(<App />);
    answer = async () => answered;
    const button = () => screen.getByRole('button', { name: pt.retry });
    for (const _again of [1, 2]) {
      const last = button();
      await act(async () => last.click());
      await waitFor(() => expect(button()).not.toBe(last));
    }
    expect(sent).toHaveLength(2);
    expect(keys[1]).toBe(keys[0]);
  });

  test('when the page is reloaded while it is in flight', async () => {
    holdResponse();
    await openAndSubmit('Wander', '5', '10');
    await waitFor(() => expect(sent).toHaveLength(1));
    reload();
    answer = sum;
    await click(pt.submit);
    await heading(pt.resultTitle);
    expect(sent).toHaveLength(2);
    expect(keys[1]).toBe(keys[0]);
  });

  test('and its key is saved only for the tab', async () => {
    answer = loseResponse;
    await openAndSubmit('Wander', '5', '10');
    await heading(pt.errorTitle);
    expect(Object.keys(sessionStorage)).toContain('operation:["Wander",5,10]');
    expect(Object.keys(localStorage)).toEqual(['language']);
  });

  test('when the browser refuses to store anything', async () => {
    jest.spyOn(globalThis, 'sessionStorage', 'get').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    answer = loseResponse;
    await openAndSubmit('Wander', '5', '11');
    answer = sum;
    await click(pt.back);
    await click(pt.submit);
    await heading(pt.resultTitle);
    expect(keys[1]).toBe(keys[0]);
  });

  test('and has a key even in a browser without randomUUID', async () => {
    jest.spyOn(crypto, 'randomUUID').mockImplementation(() => {
      throw new TypeError('crypto.randomUUID is not a function');
    });
    await openAndSubmit('Wander', '5', '10');
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
  ])('when the values are %s, %s and %s after a lost response', async (...values) => {
    answer = loseResponse;
    const user = await openAndSubmit('Wander', '5', '10');
    answer = sum;
    await click(pt.back);
    await fill(...values);
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
    expect(keys[1]).not.toBe(keys[0]);
  });

  test('when its values are those of an operation whose sum was shown', async () => {
    answer = loseResponse;
    const user = await openAndSubmit('Wander', '5', '10');
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
    await openAndSubmit('Wander', '5', '10');
    answer = sum;
    await click(pt.retry);
    await heading(pt.resultTitle);
    expect(keys[1]).not.toBe(keys[0]);
  });

  test('when its values were refused before', async () => {
    const errors = [{ pointer: '#/nome', code: 'reserved', detail: 'Nome reservado' }];
    answer = async () => ({ status: 400, body: { code: 'bad_request', errors } });
    await openAndSubmit('Wander', '5', '10');
    await screen.findByText('Erro: Nome reservado');
    answer = sum;
    await click(pt.submit);
    await heading(pt.resultTitle);
    expect(keys[1]).not.toBe(keys[0]);
  });
});

describe('when the response arrives while the visitor is on another screen', () => {
  const mistakes = {
    status: 400,
    body: { code: 'bad_request', errors: [{ pointer: '#/nome', code: 'reserved', detail: 'Nome reservado' }] },
  };

  /** Shows an older result, 5 + 10, while the operation 5 + 20 from a later form is in flight. */
  async function submitBehindOlderResult() {
    const user = await openAndSubmit('Wander', '5', '10');
    await click(pt.again);
    const finish = holdResponse();
    await fill('Wander', '5', '20');
    await user.keyboard('{Enter}');
    history.back();
    await screen.findByRole('heading', { name: 'Resultado 5 + 10 = 15' });
    return finish;
  }
  const olderResult = () => screen.findByRole('heading', { name: 'Resultado 5 + 10 = 15' });

  test('a validation error leaves the older result in the history', async () => {
    const finish = await submitBehindOlderResult();
    await finish(mistakes);
    expect(await screen.findByText('Erro: Nome reservado')).toBeTruthy();
    expect(value(pt.operador2)).toBe('20');
    history.back();
    await olderResult();
  });

  test('a failure leaves the older result in the history, and its back button still leads to the form', async () => {
    const finish = await submitBehindOlderResult();
    await finish(await unavailable());
    const first = await heading(pt.errorTitle);
    answer = unavailable;
    await click(pt.retry);
    await waitFor(() => expect(first.isConnected).toBe(false));
    await click(pt.back);
    expect(await screen.findByDisplayValue('20')).toBeTruthy();
    history.back();
    await olderResult();
  });

  test('a sum leaves the older result in the history', async () => {
    const finish = await submitBehindOlderResult();
    await finish({ status: 200, body: { resultado: 25 } });
    await screen.findByRole('heading', { name: 'Resultado 5 + 20 = 25' });
    history.back();
    await olderResult();
  });

  test('a validation error is shown only for the values that were sent', async () => {
    const finish = holdResponse();
    const user = await openAndSubmit('Wander', '5', '10');
    await user.type(screen.getByLabelText(pt.nome), ' Maia');
    await finish(mistakes);
    expect(await screen.findByText('Erro: Nome reservado')).toBeTruthy();
    expect(value(pt.nome)).toBe('Wander');
    history.back();
    expect(await screen.findByDisplayValue('Wander Maia')).toBeTruthy();
    expect(isMarked(pt.nome)).toBe(false);
  });

  test('but on the same form, a validation error adds no history entry', async () => {
    // Discards forward entries that other tests left.
    history.pushState(null, '');
    const steps = history.length;
    answer = async () => mistakes;
    await openAndSubmit('Wander', '5', '10');
    expect(await screen.findByText('Erro: Nome reservado')).toBeTruthy();
    expect(history.length).toBe(steps);
    await expectFocus(screen.getByLabelText(pt.nome));
    reload();
    expect(isMarked(pt.nome)).toBe(true);
  });
});

describe('data saved in the browser', () => {
  test('typed text and its errors survive a reload without being sent', async () => {
    await openAndSubmit('Wander', '1,5', '');
    reload();
    expect([isMarked(pt.operador1), isMarked(pt.operador2)]).toEqual([true, true]);
    await userEvent.type(screen.getByLabelText(pt.operador2), '7');
    reload();
    expect([value(pt.nome), value(pt.operador1), value(pt.operador2)]).toEqual(['Wander', '1,5', '7']);
    expect([isMarked(pt.operador1), isMarked(pt.operador2)]).toEqual([true, false]);
  });

  test('nothing is restored for a visitor who comes by an address or a link', async () => {
    await openAndSubmit('Wander', '5', '10');
    await heading(pt.resultTitle);
    arrival = 'navigate';
    reload();
    expect([value(pt.nome), value(pt.operador1), value(pt.operador2)]).toEqual(['', '', '']);
    await userEvent.type(screen.getByLabelText(pt.operador1), '7');
    arrival = 'reload';
    reload();
    expect(value(pt.operador1)).toBe('7');
  });

  test('typed text is restored only in the form it was typed into', async () => {
    const user = await openAndSubmit('Wander', '5', '10');
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

  test('a reload or the way back from another site restores a result or an error and sends nothing', async () => {
    answer = unavailable;
    await openAndSubmit('Wander', '5', '10');
    await heading(pt.errorTitle);
    reload();
    await heading(pt.errorTitle);
    answer = sum;
    await click(pt.retry);
    await heading(pt.resultTitle);
    // As after a link to another site and the browser's back button.
    arrival = 'back_forward';
    reload();
    await screen.findByRole('heading', { name: 'Resultado 5 + 10 = 15' });
    // The browser itself announces a page that it has opened.
    expect(document.activeElement).toBe(document.body);
    expect(sent).toHaveLength(2);
  });

  const entry = (screen: unknown, more = {}) => ({ version: 1, id: 'a', screen, ...more });
  const failure = { code: 'a', detail: 'b' };
  test('a screen saved by this release is restored', async () => {
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
  ])('an unknown saved screen is replaced by an empty form: %j', async (state) => {
    history.replaceState(state, '');
    render(<App />);
    expect([value(pt.nome), value(pt.operador1), value(pt.operador2)]).toEqual(['', '', '']);
    const user = await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
  });

  test.each(['', '{', 'null', '{}', '{"version":1,"id":"a"}', '{"version":1,"id":"a","screen":{"name":"main"}}'])(
    'invalid saved text is not restored: %s',
    async (typed) => {
      sessionStorage.setItem('typed', typed);
      history.replaceState(entry({ name: 'main', values, mistakes: {} }), '');
      render(<App />);
      expect(value(pt.operador2)).toBe('10');
    },
  );

  test('an invalid saved key is not sent', async () => {
    sessionStorage.setItem('operation:["Wander",5,10]', 'a\nb');
    await openAndSubmit('Wander', '5', '10');
    await heading(pt.resultTitle);
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});

test.each(['pushState', 'replaceState'] as const)(
  'if the browser refuses %s, the next screen is still shown',
  async (how) => {
    jest.spyOn(history, how).mockImplementation(() => {
      throw new DOMException('too many calls', 'SecurityError');
    });
    const user = await openAndSubmit('Wander', '1,5', '10');
    expect(isMarked(pt.operador1)).toBe(true);
    await fill('Wander', '5', '10');
    await user.keyboard('{Enter}');
    await heading(pt.resultTitle);
  },
);

describe('an exception leads to the error screen, which offers ways to recover', () => {
  beforeEach(() => {
    // React logs to the console what the boundary caught.
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  const expectWaysToRecover = async (text = pt) => {
    const title = await screen.findByRole('heading', { name: text.errorTitle, description: text.broken });
    await expectFocus(title);
    expect(document.title).toBe(`${text.errorTitle} · Magic Calculator`);
    expect(screen.getByRole('button', { name: text.reload })).toBeTruthy();
    expect(screen.getByRole('link', { name: text.home }).getAttribute('href')).toBe('/frontend/');
  };

  test('during rendering', async () => {
    jest.spyOn(Intl, 'NumberFormat').mockImplementation(() => {
      throw new RangeError('no such locale');
    });
    render(<App />);
    await fill('Wander', '5', '10');
    await click('English');
    await click(en.submit);
    await expectWaysToRecover(en);
    expect(await violations(document.body)).toEqual([]);
    await click(en.reload);
    // jsdom cannot reload, and says so.
    expect(console.error).toHaveBeenLastCalledWith(
      expect.objectContaining({ message: expect.stringContaining('Not implemented: navigation') }),
    );
  });

  test('during the first render, in the visitor’s language', async () => {
    localStorage.setItem('language', 'en');
    document.documentElement.lang = 'pt-BR';
    jest.spyOn(performance, 'getEntriesByType').mockImplementation(() => {
      throw new TypeError('missing in this browser');
    });
    render(<App />);
    await expectWaysToRecover(en);
    expect(document.documentElement.lang).toBe('en');
  });

  test.each([pt.submit, pt.retry])('in the handler of the button %j', async (button) => {
    answer = loseResponse;
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
    await expectWaysToRecover();
  });
});

describe('a page prerendered with the form', () => {
  async function prerender(container = document.createElement('div')) {
    container.innerHTML = renderToString(<App />);
    document.body.append(container);
    const inputs = container.querySelectorAll('input');
    const [nome, operador1, operador2] = [...inputs];
    if (!nome || !operador1 || !operador2) throw new Error('The page has no form');
    return { container, nome, operador1, operador2 };
  }
  let root: ReturnType<typeof hydrateRoot> | undefined;
  let reported: unknown[];
  const hydrate = (container: Element) =>
    act(async () => {
      root = hydrateRoot(container, <App />, { onRecoverableError: (error) => reported.push(error) });
    });
  beforeEach(() => {
    reported = [];
    jest.spyOn(console, 'error').mockImplementation((...args) => reported.push(args));
  });
  afterEach(async () => {
    await act(async () => root?.unmount());
    document.body.replaceChildren();
    expect(reported).toEqual([]);
  });

  test('is hydrated as it is, and then shows the saved language and screen', async () => {
    localStorage.setItem('language', 'en');
    history.replaceState(
      { version: 1, id: 'a', screen: { name: 'result', request: { nome: 'Wander', operador1: 5, operador2: 10 } } },
      '',
    );
    const { container } = await prerender();
    await hydrate(container);
    await screen.findByRole('heading', { name: 'Result 5 + 10 = 15' });
    expect(document.documentElement.lang).toBe('en');
  });

  test('keeps the text typed before the script arrived', async () => {
    const { container, nome, operador1, operador2 } = await prerender();
    nome.value = 'Wander';
    operador1.value = '5';
    operador2.value = '1';
    operador2.focus();
    await hydrate(container);
    expect([value(pt.nome), value(pt.operador1), value(pt.operador2)]).toEqual(['Wander', '5', '1']);
    expect(document.activeElement).toBe(operador2);
    await userEvent.type(operador2, '0{Enter}');
    await heading(pt.resultTitle);
    expect(sent).toEqual([{ nome: 'Wander', operador1: 5, operador2: 10 }]);
  });

  test('adds the text typed before the script arrived to the saved form, and saves it', async () => {
    const mistakes = { operador1: { code: 'not_integer' } };
    const saved = { name: 'main', values: { nome: 'Wander', operador1: '1,5', operador2: '' }, mistakes };
    history.replaceState({ version: 1, id: 'a', screen: saved }, '');
    const { container, operador2 } = await prerender();
    operador2.value = '7';
    await hydrate(container);
    const shown = () => [value(pt.nome), value(pt.operador1), value(pt.operador2), isMarked(pt.operador1)];
    expect(shown()).toEqual(['Wander', '1,5', '7', true]);
    await act(async () => root?.unmount());
    document.body.replaceChildren();
    render(<App />);
    expect(shown()).toEqual(['Wander', '1,5', '7', true]);
  });

  test('shows a saved result even if something was typed before the script arrived', async () => {
    history.replaceState({ version: 1, id: 'a', screen: { name: 'result', request } }, '');
    const { container, nome } = await prerender();
    nome.value = 'Maria';
    await hydrate(container);
    expect(await heading(pt.resultTitle)).toBeTruthy();
  });

  test('keeps the focus in the field when the saved language is another', async () => {
    localStorage.setItem('language', 'en');
    const { container, operador1 } = await prerender();
    operador1.value = '5';
    operador1.focus();
    await hydrate(container);
    expect(screen.getByLabelText(en.operador1)).toBe(operador1);
    expect(document.activeElement).toBe(operador1);
    expect(operador1.value).toBe('5');
  });
});

test.each(['pt', 'en'] as const)('each field is read out with its hint: %s', (language) => {
  localStorage.setItem('language', language);
  render(<App />);
  const text = texts[language];
  for (const [name, description] of [
    [text.nome, text.nomeHint],
    [text.operador1, text.operandHint],
    [text.operador2, text.operandHint],
  ] as const) {
    expect(screen.getByRole('textbox', { name, description })).toBeTruthy();
  }
});

// Some characters that a Unicode normalization would replace, é composed and decomposed, and two blanks.
test.each(['㈱ ½ ﬁ ① Ｗ', 'Jos\u00e9', 'Jose\u0301', 'Ana  LÚCIA d’Ávila'])(
  'the name %j is sent as it was typed',
  async (nome) => {
    await openAndSubmit(nome, '5', '10');
    await heading(pt.resultTitle);
    expect(sent).toEqual([{ nome, operador1: 5, operador2: 10 }]);
  },
);

test('a double click on the retry button sends one request', async () => {
  answer = unavailable;
  const user = await openAndSubmit('Wander', '5', '10');
  await heading(pt.errorTitle);
  const finish = holdResponse();
  await user.dblClick(screen.getByRole('button', { name: pt.retry }));
  await finish({ status: 200, body: { resultado: 15 } });
  await heading(pt.resultTitle);
  expect(sent).toHaveLength(2);
});

test.each<[string, () => Promise<Answer>, operador1: string, shown: string]>([
  ['a form with an error', unavailable, '1,5', pt.title],
  ['a failure', unavailable, '5', pt.errorTitle],
  ['a result', () => sum({ operador1: 5, operador2: 10 }), '5', pt.resultTitle],
])('a change of the language keeps the focus on its button: %s', async (_, answered, operador1, shown) => {
  answer = answered;
  const user = await openAndSubmit('Wander', operador1, '10');
  await heading(shown);
  const english = screen.getByRole('button', { name: 'English' });
  await user.click(english);
  expect(document.documentElement.lang).toBe('en');
  expect(document.activeElement).toBe(english);
});
