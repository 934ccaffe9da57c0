import { describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import type { Page } from 'playwright-core';
import { texts } from '../../src/texts.ts';
import { describeVisits } from './visitor.ts';

/** An element in the accessibility tree. */
interface Node {
  role: string;
  name: string;
  description: string;
  properties: Record<string, unknown>;
}

describeVisits('a screen reader', (visitor) => {
  let page: Page;

  /** The accessibility tree as a flat list, in reading order. */
  async function read(): Promise<Node[]> {
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    await session.detach();
    const text = (value?: { value?: unknown }) => String(value?.value ?? '');
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name, description, properties = [] }) => ({
        role: text(role),
        name: text(name),
        description: text(description),
        properties: Object.fromEntries(properties.map(({ name, value }) => [name, value.value])),
      }));
  }
  const focused = async () => {
    const nodes = await read();
    return nodes.findLast(({ properties }) => properties.focused);
  };
  /** The texts on the page, each as often as it is read. */
  const textsOf = (nodes: Node[]) => nodes.filter(({ role }) => role === 'StaticText').map(({ name }) => name);
  const live = (nodes: Node[]) => nodes.filter(({ properties: { live } }) => live && live !== 'off');

  describe.each([
    ['pt', 'pt-BR', '5 + (−1.234) = −1.229'],
    ['en', 'en-US', '5 + (−1,234) = −1,229'],
  ] as const)('in %s', (language, locale, sum) => {
    const text = texts[language];
    const field = (name: 'nome' | 'operador1' | 'operador2') => page.getByLabel(text[name]);
    const submit = () => page.getByRole('button', { name: text.submit, exact: true });
    async function open(operador1 = '5') {
      page = await visitor.open({ locale });
      await field('nome').fill('Wander');
      await field('operador1').fill(operador1);
      await field('operador2').fill('-1234');
    }

    test('reads the sum once', async () => {
      await open();
      await submit().click();
      await page.getByRole('heading', { name: text.resultTitle }).waitFor();
      expect(await focused()).toMatchObject({ role: 'heading', name: `${text.resultTitle} ${sum}` });
      const nodes = await read();
      expect(live(nodes)).toEqual([]);
      expect(textsOf(nodes).filter((part) => part.includes('229'))).toHaveLength(1);
    });

    test('announces a request in flight once, by the status', async () => {
      await open();
      await page.route(`**${paths.sum}`, () => undefined);
      await submit().click();
      await page.getByRole('status').getByText(text.submitting).waitFor();
      expect(await focused()).toMatchObject({ role: 'button', name: text.submit });
      const nodes = await read();
      expect(live(nodes)).toMatchObject([{ role: 'status' }]);
      expect(nodes.filter(({ role, name }) => role !== 'InlineTextBox' && name === text.submitting)).toHaveLength(1);
    });

    test.each(['by the button', 'by Enter in the invalid field'])(
      'reads the error of an invalid field once, when submitted %s',
      async (way) => {
        await open('1e3');
        const before = await field('operador1').elementHandle();
        await (way === 'by the button' ? submit().click() : field('operador1').press('Enter'));
        const error = `${text.error}: ${text.notInteger('1e3')}`;
        await page.getByText(error).waitFor();
        // A field that already had the focus is announced again only if its element is new.
        expect(await before?.evaluate((element) => element.isConnected)).toBe(false);
        expect(await focused()).toMatchObject({
          role: 'textbox',
          name: text.operador1,
          description: error,
          properties: { invalid: 'true' },
        });
        const nodes = await read();
        expect(live(nodes)).toMatchObject([{ role: 'status', name: '' }]);
        expect(textsOf(nodes).filter((part) => part === error)).toHaveLength(1);
        expect(await page.title()).toBe(`${text.error} · ${text.title}`);
      },
    );

    test('reads a failure as an error with its reason', async () => {
      await open();
      await page.route(`**${paths.sum}`, (route) => route.abort());
      await submit().click();
      await page.getByRole('heading', { name: text.errorTitle }).waitFor();
      expect(text.errorTitle).toMatch(new RegExp(`^${text.error}: `));
      expect(await focused()).toMatchObject({ role: 'heading', name: text.errorTitle, description: text.offline });
      expect(await page.title()).toBe(`${text.errorTitle} · ${text.title}`);
      const nodes = await read();
      expect(textsOf(nodes).filter((part) => part === text.offline)).toHaveLength(1);
      expect(live(nodes)).toMatchObject([{ role: 'status', name: '' }]);
    });

    test('reads all texts of each screen in order', async () => {
      const snapshot = async () => {
        const title = `${await page.locator('html').getAttribute('lang')}: ${await page.title()}`;
        return `\n${title}\n${await page.locator('body').ariaSnapshot()}\n`;
      };
      page = await visitor.open({ locale });
      const empty = await snapshot();
      await submit().click();
      const invalid = await snapshot();
      await open();
      await submit().click();
      await page.getByRole('heading', { name: text.resultTitle }).waitFor();
      const result = await snapshot();
      await page.goBack();
      const answer = { status: 500, headers: { 'x-request-id': 'a7' } };
      await page.route(`**${paths.sum}`, (route) => route.fulfill(answer), { times: 1 });
      await submit().click();
      await page.getByRole('heading', { name: text.errorTitle }).waitFor();
      const failed = await snapshot();
      await page.evaluate(() => {
        Object.defineProperty(Intl, 'NumberFormat', { value: undefined });
      });
      await page.getByRole('button', { name: text.retry }).click();
      await page.getByText(text.broken).waitFor();
      const broken = await snapshot();
      expect({ empty, invalid, result, failed, broken }).toEqual(screens[language]);
    });
  });
});

/** Each screen as a screen reader reads it, after the page's language and title. */
const screens = {
  pt: {
    empty: `
pt-BR: Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- navigation "Idioma":
  - button "Português" [pressed]
  - button "English"
- main:
  - heading "Magic Calculator" [level=1]
  - paragraph: A Magia dos Números Acontecendo na Sua Frente!
  - text: Seu nome
  - textbox "Seu nome"
  - paragraph: De 3 a 255 caracteres
  - text: Primeiro número
  - textbox "Primeiro número"
  - paragraph: Inteiro, positivo ou negativo
  - text: Segundo número
  - textbox "Segundo número"
  - paragraph: Inteiro, positivo ou negativo
  - button "Somar"
  - status
`,
    invalid: `
pt-BR: Erro · Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- navigation "Idioma":
  - button "Português" [pressed]
  - button "English"
- main:
  - heading "Magic Calculator" [level=1]
  - paragraph: A Magia dos Números Acontecendo na Sua Frente!
  - text: Seu nome
  - textbox "Seu nome" [invalid]
  - paragraph: "Erro: Digite o seu nome"
  - text: Primeiro número
  - textbox "Primeiro número" [invalid]
  - paragraph: "Erro: Digite o primeiro número"
  - text: Segundo número
  - textbox "Segundo número" [invalid]
  - paragraph: "Erro: Digite o segundo número"
  - button "Somar"
  - status
`,
    result: `
pt-BR: Resultado · Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- navigation "Idioma":
  - button "Português" [pressed]
  - button "English"
- main:
  - heading "Resultado 5 + (−1.234) = −1.229" [level=1]
  - paragraph: "Pronto, Wander: a operação foi guardada."
  - button "Fazer outra soma"
`,
    failed: `
pt-BR: Erro: não deu certo desta vez · Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- navigation "Idioma":
  - button "Português" [pressed]
  - button "English"
- main:
  - 'heading "Erro: não deu certo desta vez" [level=1]'
  - paragraph: O servidor respondeu algo inesperado. Tente de novo; se o erro persistir, avise a equipe do site.
  - paragraph: O que você digitou foi mantido.
  - paragraph: "Código do pedido: a7"
  - button "Tentar de novo"
  - status
  - button "Voltar ao formulário"
`,
    broken: `
pt-BR: Erro: não deu certo desta vez · Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- main:
  - 'heading "Erro: não deu certo desta vez" [level=1]'
  - paragraph: Ocorreu um problema. Recarregue a página ou volte ao início.
  - button "Recarregar a página"
  - paragraph:
    - link "Voltar ao início":
      - /url: /frontend/
`,
  },
  en: {
    empty: `
en: Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- navigation "Language":
  - button "Português"
  - button "English" [pressed]
- main:
  - heading "Magic Calculator" [level=1]
  - paragraph: The Magic of Numbers, Right Before Your Eyes!
  - text: Your name
  - textbox "Your name"
  - paragraph: 3 to 255 characters
  - text: First number
  - textbox "First number"
  - paragraph: An integer, positive or negative
  - text: Second number
  - textbox "Second number"
  - paragraph: An integer, positive or negative
  - button "Add"
  - status
`,
    invalid: `
en: Error · Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- navigation "Language":
  - button "Português"
  - button "English" [pressed]
- main:
  - heading "Magic Calculator" [level=1]
  - paragraph: The Magic of Numbers, Right Before Your Eyes!
  - text: Your name
  - textbox "Your name" [invalid]
  - paragraph: "Error: Enter your name"
  - text: First number
  - textbox "First number" [invalid]
  - paragraph: "Error: Enter the first number"
  - text: Second number
  - textbox "Second number" [invalid]
  - paragraph: "Error: Enter the second number"
  - button "Add"
  - status
`,
    result: `
en: Result · Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- navigation "Language":
  - button "Português"
  - button "English" [pressed]
- main:
  - heading "Result 5 + (−1,234) = −1,229" [level=1]
  - paragraph: "Done, Wander: the operation has been stored."
  - button "Do another sum"
`,
    failed: `
en: Error: that did not work · Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- navigation "Language":
  - button "Português"
  - button "English" [pressed]
- main:
  - 'heading "Error: that did not work" [level=1]'
  - paragraph: The server sent an unexpected response. Try again; if it persists, contact the site team.
  - paragraph: What you typed has been kept.
  - paragraph: "Request ID: a7"
  - button "Try again"
  - status
  - button "Back to the form"
`,
    broken: `
en: Error: that did not work · Magic Calculator
- banner:
  - link "Status":
    - /url: /status
- main:
  - 'heading "Error: that did not work" [level=1]'
  - paragraph: Something went wrong. Reload the page or start over.
  - button "Reload the page"
  - paragraph:
    - link "Start over":
      - /url: /frontend/
`,
  },
};
