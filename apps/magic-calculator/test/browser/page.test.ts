import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync, constants as zlib } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { transformWithOxc } from 'vite';
import { namesUsedIn, newerThanOldestBrowsers } from '../../../../test/support/oldest-browsers.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { texts } from '../../src/texts.ts';
import { oldestBrowsers } from '../../vite.config.ts';
import { buildSite, removeSite, type System, startSystem } from './system.ts';
import { chromiumPath } from './visitor.ts';

const screenshots = process.env.SCREENSHOTS;

let outDir: string;
let html: string;
/** All inline scripts of the page. The last one is the application. */
let scripts: string[];

beforeAll(async () => {
  outDir = await buildSite();
  html = await readFile(join(outDir, 'index.html'), 'utf8');
  scripts = [...html.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, script = '']) => script);
  expect(scripts).toHaveLength(2);
});
afterAll(() => removeSite(outDir));

describe('the built page', () => {
  test('is one file that needs only its icon', async () => {
    expect((await readdir(outDir, { recursive: true })).sort()).toEqual(['404.html', 'favicon.svg', 'index.html']);
    const [beforeProgram = ''] = html.split('<script type="module">');
    const needed = [...beforeProgram.matchAll(/<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"/g)].map(
      ([, url]) => url,
    );
    expect(needed).toEqual([`${paths.site}/favicon.svg`]);
  });

  test.each([
    [
      'index.html',
      [
        '<meta name="description" content="A Magia dos Números Acontecendo na Sua Frente!" />',
        '<title>Magic Calculator</title>',
      ],
    ],
    ['404.html', ['<title>Página não encontrada · Magic Calculator</title>']],
  ])('declares its language, charset, viewport, colours, icon and title before any script: %s', async (file, own) => {
    const page = await readFile(join(outDir, file), 'utf8');
    const [beforeBody = ''] = page.replace(/<style>.*<\/style>/s, '').split('<body>');
    const lines = beforeBody.split('\n').map((line) => line.trim());
    expect(lines.filter((line) => line !== '').sort()).toEqual(
      [
        '<!doctype html>',
        '<html lang="pt-BR">',
        '<head>',
        '<meta charset="utf-8" />',
        '<meta name="viewport" content="width=device-width, initial-scale=1" />',
        '<meta name="color-scheme" content="light dark" />',
        '<meta name="theme-color" content="#667eea" media="(prefers-color-scheme: light)" />',
        '<meta name="theme-color" content="#1e1b3a" media="(prefers-color-scheme: dark)" />',
        `<link rel="icon" type="image/svg+xml" href="${paths.site}/favicon.svg" />`,
        ...own,
        '</head>',
      ].sort(),
    );
  });

  test('fails to build if it would need another file', async () => {
    const built = buildSite('test/browser/one-file-more.config.ts');
    await expect(built).rejects.toThrow(
      /Expected pages and, to inline into them, one style sheet and one script\. Found: .*more-\S+\.svg/,
    );
  });

  test('has the style and the whole form in its first 14 kB, which arrive in one round trip', () => {
    const start = gunzipSync(gzipSync(html).subarray(0, 14_000), { finishFlush: zlib.Z_SYNC_FLUSH }).toString();
    expect(start).toContain('</style>');
    expect(start).toContain('</form>');
    expect(start).toContain(texts.pt.operador2);
  });

  test('has no more than 75 kB of JavaScript, compressed', () => {
    // With the compression level of the image.
    const size = gzipSync(scripts.join('\n'), { level: zlib.Z_BEST_COMPRESSION }).length;
    process.stdout.write(`${size} bytes of JavaScript, compressed\n`);
    expect(size).toBeGreaterThan(50_000);
    expect(size).toBeLessThanOrEqual(75_000);
  });

  test.each(['README.md', 'README.pt-BR.md'])('is built for the oldest browsers that %s lists', async (file) => {
    const readme = await readFile(resolve(import.meta.dirname, '../../../..', file), 'utf8');
    const names = oldestBrowsers.map((name) =>
      name.replace(/^[a-z]+/, (word) => `${word[0]?.toUpperCase()}${word.slice(1)} `),
    );
    const named = readme.match(/\b(?:Chrome|Edge|Firefox|Safari) \d+(?:\.\d+)?/g);
    expect(named).toEqual(names);
  });

  test('has no syntax that the oldest browsers do not support', async () => {
    expect(await isWrittenFor(oldestBrowsers, scripts.join(';\n'))).toBe(true);
  });

  test('shows its notice for old browsers by a script without syntax that is newer than 2015', async () => {
    const [notice = ''] = scripts;
    expect(notice).toContain("getElementById('broken')");
    expect(await isWrittenFor('es2015', notice)).toBe(true);
  });

  /** Whether a script has no syntax that the target lacks, so that nothing would be rewritten for it. */
  async function isWrittenFor(target: string | string[], script: string): Promise<boolean> {
    const [asIs, lowered] = await Promise.all(
      ['esnext', target].map((to) => transformWithOxc(script, 'script.js', { target: to })),
    );
    return lowered?.code === asIs?.code;
  }

  test('calls no function that the oldest browsers lack', () => {
    const called = namesUsedIn(scripts.join());
    expect(called).toContain('isSafeInteger');
    expect(newerThanOldestBrowsers.filter((name) => called.has(name))).toEqual([]);
  });
});

describeWith('chromium', chromiumPath, 'the page in a browser', (executablePath) => {
  let browser: Browser;
  let system: System;
  let page: Page;

  beforeAll(async () => {
    system = await startSystem(outDir);
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  async function newPage(options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ locale: 'pt-BR', ...options });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
  }
  beforeEach(() => newPage());
  afterEach(async () => {
    await page.context().close();
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  const field = (name: 'nome' | 'operador1' | 'operador2') => page.getByLabel(texts.pt[name]);
  const submit = () => page.getByRole('button', { name: texts.pt.submit, exact: true });

  /** The texts in an element that are marked as English, for the pronunciation of screen readers. */
  const englishTexts = (selector: string) => page.locator(`${selector} [lang=en]`).allInnerTexts();
  const broken = `
- alert:
  - paragraph:
    - text: Esta página não funcionou neste navegador.
    - link "Tente de novo":
      - /url: /frontend/
    - text: ; se não adiantar, atualize o navegador ou use outro.
  - paragraph:
    - text: This page did not work in this browser.
    - link "Try again":
      - /url: /frontend/
    - text: ; if that does not help, update the browser or use another one.
`.trim();

  /** On the page's own background the text would not be readable. */
  async function expectReadableNotice() {
    for (const [colorScheme, background, text] of [
      ['light', 'rgb(255, 255, 255)', 'rgb(31, 33, 64)'],
      ['dark', 'rgb(25, 26, 46)', 'rgb(240, 240, 251)'],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      const seen = await page.locator('.notice:visible').evaluate((notice) => {
        const texts = [...notice.querySelectorAll('p, a')].map((each) => getComputedStyle(each).color);
        return [getComputedStyle(notice).backgroundColor, ...new Set(texts)];
      });
      expect(seen).toEqual([background, text]);
    }
    await page.emulateMedia({ colorScheme: null });
  }

  async function look(name: string) {
    if (screenshots) await page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
  }

  test('is painted before its script has arrived, on a slow network', async () => {
    // Compressed, as production sends it.
    const url = await serve((response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(html)));
    const devTools = await page.context().newCDPSession(page);
    const throughput = 400_000 / 8;
    await devTools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 400,
      downloadThroughput: throughput,
      uploadThroughput: throughput,
    });
    await page.goto(url);
    const { painted, arrived } = await page.evaluate(() => ({
      painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY,
      arrived: (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).responseEnd,
    }));
    process.stdout.write(
      `painted after ${Math.round(painted)} ms of ${Math.round(arrived)} at 400 kbit/s and 400 ms\n`,
    );
    expect(painted).toBeLessThan(arrived);
  });

  test('keeps the values typed before its script has arrived, and sends them', async () => {
    const [beforeProgram = '', program = ''] = html.split(/(?=<script type="module">)/);
    let finish = () => {};
    const url = await serve((response) => {
      response.write(beforeProgram);
      finish = () => response.end(program);
    });
    await page.goto(url, { waitUntil: 'commit' });
    await field('nome').fill('Wander');
    // Nothing has failed so far.
    expect(await page.locator('#broken').isVisible()).toBe(false);
    await field('operador1').fill('5');
    await field('operador2').pressSequentially('1');
    finish();
    await page.waitForLoadState();
    await page.keyboard.type('0');
    for (const [name, value] of [
      ['nome', 'Wander'],
      ['operador1', '5'],
      ['operador2', '10'],
    ] as const) {
      expect([name, await field(name).inputValue()]).toEqual([name, value]);
    }

    const asked = page.waitForRequest(`**${paths.sum}`);
    await submit().click();
    expect((await asked).postDataJSON()).toEqual({ nome: 'Wander', operador1: 5, operador2: 10 });
  });

  test.each([
    ['does not parse', 'if ('],
    ['throws at the start', 'throw new Error("as it starts")'],
    ['is cut off', undefined],
  ])('shows the form and a notice with a link to reload if its script %s', async (_, program) => {
    const [beforeProgram = ''] = html.split('<script type="module">');
    const sent = program === undefined ? beforeProgram : html.replace(scripts.at(-1) ?? '', () => program);
    const url = await serve((response) => response.end(sent));
    await page.goto(url);
    expect(await page.getByRole('alert').ariaSnapshot()).toBe(broken);
    expect(await englishTexts('[role=alert]')).toEqual([expect.stringMatching(/^This page did not work/)]);
    await expectReadableNotice();
    expect(await field('nome').isVisible()).toBe(true);
    await look('broken');
  });

  test('shows the notice if even the error screen fails', async () => {
    await page.addInitScript(() => {
      Object.defineProperty(navigator, 'languages', { value: undefined });
    });
    await page.goto(system.url);
    expect(await page.getByRole('alert').ariaSnapshot()).toBe(broken);
  });

  test('shows no notice if its script runs', async () => {
    await page.goto(system.url);
    expect(await page.getByRole('link').allInnerTexts()).toEqual(['Status']);
    // Not even a hidden one.
    expect(await page.locator('[role=alert]').count()).toBe(0);
  });

  test('is served to tests and developers with the policy and redirects of production', async () => {
    const get = (path: string) => fetch(new URL(path, system.url), { redirect: 'manual' });
    const policy = (await get(`${paths.site}/`)).headers.get('content-security-policy');
    expect(policy?.replaceAll(/'sha256-[^']{44}'( 'sha256-[^']{44}')*/g, 'HASHES')).toBe(
      "default-src 'none'; script-src HASHES; style-src HASHES; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    for (const [path, status] of [
      ['/', 302],
      [`${paths.site}?a=b`, 308],
    ] as const) {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('location')]).toEqual([status, `${paths.site}/`]);
    }
  });

  test('has an icon that the browser can show', async () => {
    await page.goto(system.url);
    const width = await page.evaluate(async (address) => {
      const icon = new Image();
      icon.src = address;
      await icon.decode();
      return icon.naturalWidth;
    }, `${paths.site}/favicon.svg`);
    expect(width).toBeGreaterThan(0);
  });

  test('says what to do without JavaScript, in both languages, above the form', async () => {
    await page.context().close();
    await newPage({ javaScriptEnabled: false });
    await page.goto(system.url);
    const notes = page.locator('noscript p');
    await notes.first().waitFor();
    expect(await notes.allInnerTexts()).toEqual([
      'Esta página precisa de JavaScript, que está desativado neste navegador. Ative-o nas configurações e recarregue a página.',
      'This page needs JavaScript, which is turned off in this browser. Turn it on in the settings and reload the page.',
    ]);
    expect(await englishTexts('noscript')).toEqual([expect.stringMatching(/^This page needs/)]);
    await expectReadableNotice();
    // Only a script shows this notice.
    expect(await page.locator('#broken').isVisible()).toBe(false);
    expect(await field('operador2').isVisible()).toBe(true);
    await look('no-javascript');
  });

  test('an unknown address gets the site’s own 404 page, with a link to the form', async () => {
    const reported: string[] = [];
    page.on('console', (message) => reported.push(message.text()));
    const answer = await page.goto(`${system.url}anything/else`);
    expect(answer?.status()).toBe(404);
    expect(`\n${await page.locator('body').ariaSnapshot()}\n`).toBe(`
- main:
  - heading "Página não encontrada" [level=1]
  - paragraph: Não há nada neste endereço.
  - paragraph: "Page not found: there is nothing at this address."
  - link "Ir para a calculadora Go to the calculator":
    - /url: /frontend/
`);
    expect(await englishTexts('main')).toEqual([
      'Page not found: there is nothing at this address.',
      'Go to the calculator',
    ]);
    // The browser reports the status. It would also report a style that the policy forbids.
    expect(reported).toEqual([expect.stringContaining('404')]);
    await page.getByRole('link').click();
    await field('nome').waitFor();
    expect(page.url()).toBe(system.url);
  });

  test.each(['', 'nowhere'])('is as wide as a phone: /%s', async (path) => {
    await page.context().close();
    await newPage({ viewport: { width: 360, height: 740 }, isMobile: true });
    await page.goto(system.url + path);
    expect(await page.evaluate(() => innerWidth)).toBe(360);
  });

  test.each<[string, go: () => Promise<unknown>]>([
    ['the form', () => page.goto(system.url)],
    ['an unknown address', () => page.goto(`${system.url}nowhere`)],
    [
      'a form with errors',
      async () => {
        await page.goto(system.url);
        await submit().click();
      },
    ],
    [
      'a result',
      async () => {
        await page.goto(system.url);
        for (const name of ['nome', 'operador1', 'operador2'] as const) await field(name).fill('123');
        await submit().click();
        await page.locator('.total').waitFor();
      },
    ],
  ])('is printed in black on white, without buttons and the language switch: %s', async (_, go) => {
    await go();
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.getByRole('heading').waitFor();
    const { buttons, colours, borders, background, shadows } = await page.evaluate(() => {
      const seen = [...document.querySelectorAll<HTMLElement>('body, body *')].filter((node) => node.checkVisibility());
      const styles = seen.map((node) => getComputedStyle(node));
      return {
        buttons: seen.filter((node) => node.matches('button, nav, a')).length,
        colours: [...new Set(styles.map(({ color }) => color))],
        borders: [
          ...new Set(
            styles
              .filter(({ borderTopStyle }) => borderTopStyle !== 'none')
              .map(({ borderTopColor }) => borderTopColor),
          ),
        ],
        background: [...new Set(styles.map(({ backgroundColor }) => backgroundColor))].sort(),
        shadows: [...new Set(styles.flatMap(({ boxShadow, backgroundImage }) => [boxShadow, backgroundImage]))],
      };
    });
    expect({ buttons, colours, background, shadows }).toEqual({
      buttons: 0,
      colours: ['rgb(0, 0, 0)'],
      background: ['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'],
      shadows: ['none'],
    });
    expect(borders.filter((colour) => colour !== 'rgb(0, 0, 0)')).toEqual([]);
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light');
  });
});

const servers: Server[] = [];

/** Serves one page with the given handler until the end of the test. */
async function serve(answer: (response: ServerResponse) => void) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
