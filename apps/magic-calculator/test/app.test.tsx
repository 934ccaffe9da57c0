/** @jest-environment jest-fixed-jsdom */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { fieldMessages, idempotencyKeyHeader, problemMessages } from 'contract';
import { App } from '../src/App.tsx';
import { texts } from '../src/texts.ts';

// jsdom has no network. What is sent, and what the site makes of an answer, is seen here; that both reach the real API
// is seen in a browser.
interface Answer {
  status: number;
  body: unknown;
}
let sent: unknown[];
/** The `Idempotency-Key` of each. */
let keys: (string | null)[];
let answer: (body: unknown) => Promise<Answer>;

globalThis.fetch = async (_url, init) => {
  const body: unknown = JSON.parse(String(init?.body));
  sent.push(body);
  keys.push(new Headers(init?.headers).get(idempotencyKeyHeader));
  const { status, body: answered } = await answer(body);
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return { ok: status < 400, headers: new Headers({ 'content-type': type }), json: async () => answered } as Response;
};

beforeEach(() => {
  sent = [];
  keys = [];
  answer = async () => ({ status: 200, body: { resultado: 15 } });
  history.replaceState(null, '', '/frontend/');
  localStorage.setItem('language', 'pt');
});
afterEach(cleanup);

const { pt, en } = texts;

/** What axe finds, colours aside: jsdom paints nothing. */
async function violations(container: Element) {
  return (await axe.run(container, { rules: { 'color-contrast': { enabled: false } } })).violations;
}

async function fill(nome: string, operador1: string, operador2: string) {
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(pt.nome), nome);
  await user.type(screen.getByLabelText(pt.operador1), operador1);
  await user.type(screen.getByLabelText(pt.operador2), operador2);
  return user;
}

test('what is typed is sent as the contract says, blanks and plus signs left out', async () => {
  const { container } = render(<App />);
  expect(await violations(container)).toEqual([]);
  const user = await fill('  Wander ', ' +5', '−10 ');
  await user.click(screen.getByRole('button', { name: pt.submit }));
  expect(await screen.findByRole('heading', { name: pt.resultTitle })).toBe(document.activeElement);
  expect(sent).toEqual([{ nome: 'Wander', operador1: 5, operador2: -10 }]);
  expect(document.title).toBe('Resultado · Magic Calculator');
  expect(await violations(container)).toEqual([]);
});

test.each(['1.5', '1e3', '', 'dez', '5 5', '--5'])(
  'the operand %j is refused before anything is sent',
  async (typed) => {
    render(<App />);
    const user = await fill('Wander', typed || ' ', '10');
    await user.keyboard('{Enter}');
    expect(screen.getByLabelText(pt.operador1)).toBe(document.activeElement);
    expect(screen.getByLabelText(pt.operador1).getAttribute('aria-invalid')).toBe('true');
    expect(sent).toEqual([]);
  },
);

test('an operand of four hundred digits is refused as too large, not as no integer', async () => {
  render(<App />);
  const user = await fill('Wander', '9'.repeat(400), '10');
  await user.keyboard('{Enter}');
  expect(screen.getByLabelText(pt.operador1)).toBe(document.activeElement);
  expect(screen.getByText(fieldMessages.out_of_range.pt)).toBeTruthy();
  expect(sent).toEqual([]);
});

test('minus zero is zero', async () => {
  render(<App />);
  const user = await fill('Wander', '-0', '15');
  await user.keyboard('{Enter}');
  expect(await screen.findByText('0 +', { exact: false })).toBeTruthy();
  expect(screen.queryByText('−0', { exact: false })).toBeNull();
});

test('a sum beyond what can be exact is refused at both operands', async () => {
  render(<App />);
  const user = await fill('Wander', '9007199254740991', '1');
  await user.keyboard('{Enter}');
  expect(screen.getAllByText(/^A soma deve estar entre/)).toHaveLength(2);
  expect(sent).toEqual([]);
});

test('while a sum is on its way the button says so, keeps the focus, and sends no second one', async () => {
  let finish: (answered: Answer) => void = () => undefined;
  answer = () => new Promise((resolve) => (finish = resolve));
  render(<App />);
  const user = await fill('Wander', '5', '10');
  const button = screen.getByRole('button', { name: pt.submit });
  await user.click(button);
  await user.click(button);
  await user.keyboard('{Enter}');
  expect(button.textContent).toBe(pt.submitting);
  expect(button).toBe(document.activeElement);
  expect(sent).toHaveLength(1);
  await act(async () => finish({ status: 200, body: { resultado: 15 } }));
  await screen.findByRole('heading', { name: pt.resultTitle });
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
  await screen.findByRole('heading', { name: en.errorTitle });
  expect(screen.getByText(problemMessages.storage_unavailable.en)).toBeTruthy();
  expect(await violations(container)).toEqual([]);

  answer = async () => ({ status: 200, body: { resultado: 15 } });
  await user.click(screen.getByRole('button', { name: en.retry }));
  await screen.findByRole('heading', { name: en.resultTitle });
  expect(sent[1]).toEqual(sent[0]);
  // The API then stores it once, though nobody knows whether it was stored the first time.
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[1]).toBe(keys[0]);
});

test('another operation has another key', async () => {
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  await screen.findByRole('heading', { name: pt.resultTitle });
  await user.click(screen.getByRole('button', { name: pt.again }));
  await user.type(screen.getByLabelText(pt.operador1), '5');
  await user.type(screen.getByLabelText(pt.operador2), '10');
  await user.keyboard('{Enter}');
  await screen.findByRole('heading', { name: pt.resultTitle });
  expect(sent[1]).toEqual(sent[0]);
  expect(keys[1]).not.toBe(keys[0]);
});

test('a retry that fails again is announced again', async () => {
  answer = async () => ({ status: 503, body: { code: 'storage_unavailable', detail: '' } });
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  const first = await screen.findByRole('heading', { name: pt.errorTitle });
  await user.click(screen.getByRole('button', { name: pt.retry }));
  await waitFor(() => expect(screen.getByRole('heading', { name: pt.errorTitle })).not.toBe(first));
  expect(screen.getByRole('heading', { name: pt.errorTitle })).toBe(document.activeElement);
});

test('whoever goes back to the form while a retry is on its way finds it again behind the result', async () => {
  answer = async () => ({ status: 503, body: { code: 'storage_unavailable', detail: '' } });
  render(<App />);
  const user = await fill('Wander', '5', '77');
  await user.keyboard('{Enter}');
  await screen.findByRole('heading', { name: pt.errorTitle });

  let finish: (answered: Answer) => void = () => undefined;
  answer = () => new Promise((resolve) => (finish = resolve));
  await user.click(screen.getByRole('button', { name: pt.retry }));
  await user.click(screen.getByRole('button', { name: pt.back }));
  await screen.findByLabelText(pt.operador1);
  await act(async () => finish({ status: 200, body: { resultado: 82 } }));
  await screen.findByRole('heading', { name: pt.resultTitle });
  history.back();
  expect(await screen.findByDisplayValue('77')).toBeTruthy();
});

test('what was wrong in one form is not said of another', async () => {
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  await user.click(await screen.findByRole('button', { name: pt.again }));
  await user.keyboard('{Enter}');
  expect(screen.getByLabelText(pt.operador1).getAttribute('aria-invalid')).toBe('true');
  history.back();
  await user.click(await screen.findByRole('button', { name: pt.again }));
  expect(screen.getByLabelText(pt.operador1).getAttribute('aria-invalid')).toBe('false');
});

test('an answer without a sum is not shown as one', async () => {
  answer = async () => ({ status: 200, body: { resultado: '15' } });
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  expect(await screen.findByText(pt.unexpected)).toBeTruthy();
});
