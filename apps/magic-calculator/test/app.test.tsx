/** @jest-environment jest-fixed-jsdom */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { problemMessages } from 'contract';
import { App } from '../src/App.tsx';
import { texts } from '../src/texts.ts';

// jsdom has no network. What is sent, and what the site makes of an answer, is seen here; that both reach the real API
// is seen in a browser.
interface Answer {
  status: number;
  body: unknown;
}
let sent: unknown[];
let answer: (body: unknown) => Promise<Answer>;

globalThis.fetch = async (_url, init) => {
  const body: unknown = JSON.parse(String(init?.body));
  sent.push(body);
  const { status, body: answered } = await answer(body);
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return { ok: status < 400, headers: new Headers({ 'content-type': type }), json: async () => answered } as Response;
};

beforeEach(() => {
  sent = [];
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
});

test('an answer without a sum is not shown as one', async () => {
  answer = async () => ({ status: 200, body: { resultado: '15' } });
  render(<App />);
  const user = await fill('Wander', '5', '10');
  await user.keyboard('{Enter}');
  expect(await screen.findByText(pt.unexpected)).toBeTruthy();
});
