import { beforeEach, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import type { Page, Route } from 'playwright-core';
import { texts } from '../../src/texts.ts';
import { describeVisits } from './visitor.ts';

const text = texts.pt;

describeVisits('a visit', (visitor) => {
  let page: Page;
  beforeEach(async () => {
    page = await visitor.open();
  });

  const field = (name: 'nome' | 'operador1' | 'operador2') => page.getByLabel(text[name]);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const heading = (name: string) => page.getByRole('heading', { name: new RegExp(`^${name}`) });
  const typed = () =>
    Promise.all([field('nome'), field('operador1'), field('operador2')].map((each) => each.inputValue()));

  async function fill(operador1 = '5', operador2 = '10') {
    await field('nome').fill('Wander');
    await field('operador1').fill(operador1);
    await field('operador2').fill(operador2);
  }

  describe('with a lost response stores the operation once', () => {
    /** Submits an operation that the API stores, but whose request fails or gets no response. */
    async function loseAnswer(then: 'fail' | 'wait') {
      const stored = new Promise<void>((resolve) => {
        const handle = async (route: Route) => {
          await route.fetch();
          if (then === 'fail') await route.abort();
          resolve();
        };
        void page.route(`**${paths.sum}`, handle, { times: 1 });
      });
      await fill();
      await press(text.submit);
      await stored;
    }

    test('after going back to the form', async () => {
      const before = await visitor.system.operationsStored();
      await loseAnswer('fail');
      await press(text.back);
      await press(text.submit);
      await heading(text.resultTitle).waitFor();
      expect(await visitor.system.operationsStored()).toBe(before + 1);
    });

    test('after a reload while it was in flight', async () => {
      const before = await visitor.system.operationsStored();
      await loseAnswer('wait');
      await page.reload();
      expect(await typed()).toEqual(['Wander', '5', '10']);
      await press(text.submit);
      await heading(text.resultTitle).waitFor();
      expect(await visitor.system.operationsStored()).toBe(before + 1);
    });

    test('but stores other values, or the same ones after their sum was shown, as new operations', async () => {
      const before = await visitor.system.operationsStored();
      await loseAnswer('fail');
      await press(text.back);
      await field('operador1').fill('6');
      await press(text.submit);
      await heading(text.resultTitle).waitFor();
      await page.goBack();
      await press(text.submit);
      await heading(text.resultTitle).waitFor();
      expect(await visitor.system.operationsStored()).toBe(before + 3);
    });
  });

  test.each([
    ['a reload', () => page.reload(), ['Wander', '1,5', '']],
    ['opening the address', () => page.goto(visitor.system.url), ['', '', '']],
  ])('restores typed text only on a reload: %s', async (_, go, expected) => {
    await fill('1,5', '');
    await go();
    await heading(text.title).waitFor();
    expect(await typed()).toEqual(expected);
  });

  test('by the address or a link starts with an empty form, and back leads to the screen before', async () => {
    await fill();
    await press(text.submit);
    await heading(text.resultTitle).waitFor();
    // Chromium keeps `history.state` if the address stays the same.
    await page.goto(visitor.system.url);
    await heading(text.title).waitFor();
    expect(await typed()).toEqual(['', '', '']);

    await fill('7', '8');
    await press(text.submit);
    await heading(text.resultTitle).waitFor();
    await page.evaluate(() => {
      location.href = '/frontend/';
    });
    await heading(text.title).waitFor();
    expect(await typed()).toEqual(['', '', '']);
    await page.goBack();
    expect(await field('operador1').inputValue()).toBe('7');
  });

  test.each([{ name: 'main' }, {}, 'main'])(
    'after a release that saved the state %j starts with the form',
    async (state) => {
      await page.evaluate((kept) => history.replaceState(kept, ''), state);
      await page.reload();
      await fill();
      await press(text.submit);
      await heading(text.resultTitle).waitFor();
    },
  );

  test('accepts numbers as the site prints them', async () => {
    await fill('1.234.478', '−9.007.199.254.740.982');
    await press(text.submit);
    await heading(text.resultTitle).waitFor();
    const sum = page.locator('.sum');
    expect(await sum.textContent()).toBe('1.234.478 + (−9.007.199.254.740.982) = −9.007.199.253.506.504');
  });

  test.each([
    [502, 'text/html', '<html>Bad gateway</html>'],
    [503, 'application/json', '{"message":"Service Unavailable"}'],
    [504, 'text/plain', ''],
    [200, 'text/html', '<!doctype html><title>Sign in</title>'],
  ])(
    'in which a proxy responds with %s, %s, shows that the service is unavailable, and the request id',
    async (status, contentType, body) => {
      const headers = { 'x-amz-cf-id': 'Jb2kQ==' };
      await page.route(`**${paths.sum}`, (route) => route.fulfill({ status, contentType, body, headers }));
      await fill();
      await press(text.submit);
      await page.getByText(text.unavailable).waitFor();
      await page.getByText(text.requestId('Jb2kQ==')).waitFor();
    },
  );

  test.each<[string, unknown]>([
    ['a detail that is an object', { code: 'new_problem', detail: { text: 'x' } }],
    ['errors that are null', { code: 'new_problem', errors: null }],
    ['a body that is null', null],
  ])('in which the API responds with %s leads to the error screen, and a reload shows it again', async (_, body) => {
    await page.route(`**${paths.sum}`, (route) =>
      route.fulfill({ status: 500, contentType: 'Application/Problem+JSON', body: JSON.stringify(body) }),
    );
    await fill();
    await press(text.submit);
    await page.getByText(text.unexpected).waitFor();
    await page.reload();
    await page.getByText(text.unexpected).waitFor();
    await press(text.back);
    await heading(text.title).waitFor();
    expect(await typed()).toEqual(['Wander', '5', '10']);
  });

  test('that fails to render offers a reload, which shows the result, and a link to the start', async () => {
    await fill();
    await failToRender();
    await press(text.submit);
    await page.getByText(text.broken).waitFor();
    await press(text.reload);
    await heading(text.resultTitle).waitFor();

    await page.goBack();
    await failToRender();
    await press(text.submit);
    await page.getByText(text.broken).waitFor();
    await page.getByRole('link', { name: text.home }).click();
    await heading(text.title).waitFor();
    expect(await typed()).toEqual(['', '', '']);
  });

  /** Breaks `Intl.NumberFormat`, which the result screen needs. */
  async function failToRender() {
    await page.evaluate(() => {
      Intl.NumberFormat = class {
        constructor() {
          throw new RangeError('no such locale');
        }
      } as never;
    });
  }
});
