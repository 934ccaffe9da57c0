import AxeBuilder from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { limits, paths } from 'contract';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { eventually } from '../../../../test/support/eventually.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { texts } from '../../src/texts.ts';
import { buildSite, removeSite, type System, startSystem } from './system.ts';
import { chromiumPath } from './visitor.ts';

const screenshots = process.env.SCREENSHOTS;

let outDir: string;
beforeAll(async () => {
  outDir = await buildSite();
});
afterAll(() => removeSite(outDir));

describeWith('chromium', chromiumPath, 'the site in a browser', (executablePath) => {
  let browser: Browser;
  let system: System;
  let context: BrowserContext;
  let page: Page;
  /** Errors and warnings from the browser. A page that works causes none. */
  let reported: string[];

  beforeAll(async () => {
    system = await startSystem(outDir);
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  async function open(options: BrowserContextOptions = {}) {
    await context?.close();
    context = await browser.newContext({ locale: 'pt-BR', viewport: { width: 1280, height: 800 }, ...options });
    page = await context.newPage();
    // Shorter than jest's timeout, because Playwright's error says what it waited for.
    page.setDefaultTimeout(10_000);
    reported = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) reported.push(message.text());
    });
    page.on('pageerror', (error) => reported.push(String(error)));
    await page.goto(system.url);
    await page.getByRole('heading').waitFor();
  }
  beforeEach(() => open());
  afterEach(() => expect(reported).toEqual([]));
  afterAll(() => context?.close());

  /** The browser reports failed requests, which some tests cause on purpose. */
  const ignoreFailedRequests = () => {
    reported = reported.filter((line) => !line.startsWith('Failed to load resource'));
  };

  const nome = () => page.getByLabel(/seu nome|your name/i);
  const operador1 = () => page.getByLabel(/primeiro número|first number/i);
  const operador2 = () => page.getByLabel(/segundo número|second number/i);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  /** By the start of its name: the heading of a result continues with the sum. */
  const heading = (name: string) => page.getByRole('heading', { name: new RegExp(`^${name}`) });

  async function fill(first = '5', second = '10', name = 'Wander') {
    await nome().fill(name);
    await operador1().fill(first);
    await operador2().fill(second);
  }
  async function add(first?: string, second?: string) {
    await fill(first, second);
    await button(texts.pt.submit).click();
    await heading(texts.pt.resultTitle).waitFor();
  }
  const total = () => page.locator('.total').textContent();
  const hasFocus = (selector: string) => page.locator(selector).evaluate((node) => node === document.activeElement);

  test('two numbers give their sum, and the operation is stored', async () => {
    const before = await system.operationsStored();
    await add('5', '-12');
    expect(await page.locator('.sum').textContent()).toBe('5 + (−12) = −7');
    expect(await system.operationsStored()).toBe(before + 1);
  });

  test('sums of sixteen digits are exact', async () => {
    await add('9007199254740990', '1');
    expect(await total()).toBe('9.007.199.254.740.991');
  });

  test('the form works with the keyboard alone, and Enter submits it', async () => {
    const tab = async () => {
      await page.keyboard.press('Tab');
      const outline = await page.locator(':focus').evaluate((node) => getComputedStyle(node).outlineStyle);
      expect(outline).not.toBe('none');
    };
    // The link to the status page, and both languages.
    await tab();
    await tab();
    await tab();
    await tab();
    await page.keyboard.type('Wander');
    await tab();
    await page.keyboard.type('2');
    await tab();
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await heading(texts.pt.resultTitle).waitFor();
    expect(await total()).toBe('5');
    expect(await hasFocus('h1')).toBe(true);
    await tab();
    await page.keyboard.press('Enter');
    expect(await nome().inputValue()).toBe('Wander');
    expect(await operador1().evaluate((node) => node === document.activeElement)).toBe(true);
  });

  test('a double click stores one operation', async () => {
    const before = await system.operationsStored();
    await fill();
    await button(texts.pt.submit).dblclick();
    await heading(texts.pt.resultTitle).waitFor();
    expect(await system.operationsStored()).toBe(before + 1);
  });

  test('errors are shown beside their fields, the first one gets the focus, and nothing is sent', async () => {
    const before = await system.operationsStored();
    await fill('1.5', '9007199254740992', 'Al');
    await button(texts.pt.submit).click();
    await expect(nome().getAttribute('aria-invalid')).resolves.toBe('true');
    expect(await page.locator('.note.error').allInnerTexts()).toEqual([
      'Erro: Nome deve ter pelo menos 3 caracteres',
      'Erro: “1.5” não é um número inteiro.',
      expect.stringContaining('9.007.199.254.740.991'),
    ]);
    expect(await nome().evaluate((node) => node === document.activeElement)).toBe(true);
    await page.reload();
    expect(await operador1().inputValue()).toBe('1.5');
    expect(await page.locator('.note.error').count()).toBe(3);
    expect(await system.operationsStored()).toBe(before);
  });

  test.each(['123456789', '-123456789012', '9007199254740991'])('the sum %s stays on one line', async (first) => {
    for (const width of [1280, 360, 320]) {
      await open({ viewport: { width, height: 800 } });
      await add(first, '0');
      const lines = await page
        .locator('.total')
        .evaluate((node) => node.scrollHeight / parseFloat(getComputedStyle(node).lineHeight));
      expect(Math.round(lines)).toBe(1);
    }
  });

  test('the longest name, without a blank, causes no horizontal scrolling', async () => {
    await open({ viewport: { width: 320, height: 640 } });
    await fill('5', '10', 'W'.repeat(limits.nome.maximum));
    await button(texts.pt.submit).click();
    await heading(texts.pt.resultTitle).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });

  test('back leads to the form as it was sent and forward to the result, and nothing is sent again', async () => {
    await add('7', '8');
    const before = await system.operationsStored();
    await page.goBack();
    expect(await operador1().inputValue()).toBe('7');
    await page.goForward();
    expect(await total()).toBe('15');
    await page.reload();
    expect(await total()).toBe('15');
    expect(await system.operationsStored()).toBe(before);
  });

  test('while the API is down the site shows an error and keeps the form, and a retry works later', async () => {
    await fill('20', '22');
    await system.stopApi();
    try {
      await button(texts.pt.submit).click();
      await heading(texts.pt.errorTitle).waitFor();
      await button(texts.pt.back).click();
      expect(await operador1().inputValue()).toBe('20');
      await button(texts.pt.submit).click();
      await heading(texts.pt.errorTitle).waitFor();
    } finally {
      await system.startApi();
    }
    await button(texts.pt.retry).click();
    await heading(texts.pt.resultTitle).waitFor();
    expect(await total()).toBe('42');
    await page.goBack();
    expect(await operador1().inputValue()).toBe('20');
    ignoreFailedRequests();
  });

  test('without a network the error screen says what to do', async () => {
    await fill();
    await context.setOffline(true);
    await button(texts.pt.submit).click();
    await page.getByText(texts.pt.offline).waitFor();
    ignoreFailedRequests();
  });

  test('a request without a response times out after ten seconds', async () => {
    await page.route(`**${paths.sum}`, () => undefined);
    await fill();
    const started = Date.now();
    await button(texts.pt.submit).click();
    await page.getByRole('status').getByText(texts.pt.submitting).waitFor();
    await page.getByText(texts.pt.timeout).waitFor({ timeout: limits.clientTimeout + 5_000 });
    expect(Date.now() - started).toBeGreaterThanOrEqual(limits.clientTimeout);
  });

  test('an error that only the API detects is shown beside its field, with the API’s message', async () => {
    await page.route(`**${paths.sum}`, (route) =>
      route.fulfill({
        status: 400,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          type: 'about:blank',
          title: 'Bad Request',
          status: 400,
          code: 'bad_request',
          detail: 'Nome reservado',
          errors: [{ pointer: '#/nome', code: 'name_reserved', detail: 'Nome reservado' }],
        }),
      }),
    );
    await fill();
    await button(texts.pt.submit).click();
    await page.getByText('Nome reservado').waitFor();
    expect(await nome().getAttribute('aria-invalid')).toBe('true');
    ignoreFailedRequests();
  });

  test('the site uses the browser’s language, and a switch to another is remembered', async () => {
    await open({ locale: 'en-GB' });
    await page.getByText(texts.en.tagline).waitFor();
    await button('Português').click();
    await page.getByText(texts.pt.tagline).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('pt-BR');
    await page.reload();
    await page.getByText(texts.pt.tagline).waitFor();
    await open({ locale: 'ja-JP' });
    await page.getByText(texts.pt.tagline).waitFor();
  });

  test('on a very small screen one can scroll to the button, and what takes the focus is scrolled to', async () => {
    // A screen of 1280 x 1024 pixels at 400 %, as WCAG 2.2, 1.4.10, has it.
    await open({ viewport: { width: 320, height: 256 } });
    const submit = button(texts.pt.submit);
    const isSeen = (locator: Locator) =>
      locator.evaluate((node) => {
        const { top, bottom } = node.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      });
    expect(await isSeen(submit)).toBe(false);
    await page.mouse.move(160, 128);
    await page.mouse.wheel(0, 10_000);
    await eventually(() => isSeen(submit));

    expect(await isSeen(nome())).toBe(false);
    await submit.click();
    await page.locator('.note.error').first().waitFor();
    expect(await isSeen(nome())).toBe(true);

    await page.route(`**${paths.sum}`, (route) => route.abort(), { times: 1 });
    await fill();
    await submit.click();
    await heading(texts.pt.errorTitle).waitFor();
    expect(await isSeen(heading(texts.pt.errorTitle))).toBe(true);
    await button(texts.pt.retry).click();
    await heading(texts.pt.resultTitle).waitFor();
    expect(await isSeen(heading(texts.pt.resultTitle))).toBe(true);
    ignoreFailedRequests();
  });

  const phone = { width: 360, height: 740 };
  describe.each(['pt', 'en'] as const)('in %s', (language) => {
    describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
      test.each([
        ['desktop', { width: 1280, height: 800 }],
        ['phone', phone],
        ['narrow', { width: 320, height: 640 }],
      ])('axe finds no violations on any screen, and nothing scrolls horizontally: %s', async (size, viewport) => {
        await open({ locale: language === 'pt' ? 'pt-BR' : 'en-US', colorScheme, viewport });
        const look = async (screen: string) => {
          const { violations } = await new AxeBuilder({ page })
            .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
            .analyze();
          expect(violations).toEqual([]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(overflow).toBeLessThanOrEqual(0);
          if (screenshots)
            await page.screenshot({ path: `${screenshots}/${screen}-${language}-${colorScheme}-${size}.png` });
        };
        const text = texts[language];
        await look('main');
        await button(text.submit).click();
        await look('mistakes');
        await fill('-9007199254740991', '9', 'Wander Maia');
        await button(text.submit).click();
        await heading(text.resultTitle).waitFor();
        await look('result');
        await button(text.again).click();
        await page.route(`**${paths.sum}`, (route) => route.abort());
        await fill();
        await button(text.submit).click();
        await heading(text.errorTitle).waitFor();
        await look('error');
        ignoreFailedRequests();
      });
    });
  });
});
