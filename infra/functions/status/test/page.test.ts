/** The page in Chromium, with the Content-Security-Policy of CloudFront, in all states. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { type Browser, chromium, type Page } from 'playwright-core';
import { serveStatusPage } from '../../../../scripts/dev/status.ts';
import { namesUsedIn, newerThanOldestBrowsers } from '../../../../test/support/oldest-browsers.ts';
import { describeWith, findTool } from '../../../../test/support/tools.ts';
import { contentSecurityPolicy } from '../../../constructs/edge/edge.ts';
import { partsOf } from '../../../constructs/status/parts.ts';
import { bundle } from '../../bundle.ts';
import { addMeasurement, type Content, type Day, dayBefore, type Figures, type Incident } from '../src/figures.ts';

const chromiumPath = process.env.CHROMIUM_PATH ?? findTool('chromium', 'chromium-browser', 'google-chrome');
/** Folder for screenshots of all states, if somebody wants to look at them. */
const pictures = process.env.STATUS_PICTURES;

const wall = { width: 1920, height: 1080 };
const phone = { width: 390, height: 844 };
const timeZone = 'America/Sao_Paulo';
const slow = 'desafio-aws-prd-calculadora-api-slow';
/** People notice the same of both. */
const twin = 'desafio-aws-prd-calculadora-api-slow-now';
const slowNotice = {
  pt: 'Algumas pessoas esperam mais de um segundo por calculadora-api.',
  en: 'Some people wait longer than a second for calculadora-api.',
};
const failing = 'desafio-aws-prd-calculadora-api-errors';
const failingNotice = {
  pt: 'Algumas pessoas recebem um erro de calculadora-api.',
  en: 'Some people get an error from calculadora-api.',
};
const content: Content = {
  environment: 'prd',
  timeZone,
  parts: partsOf(applications, 'mysql', []).map((part) => ({
    ...part.content,
    notices: { [slow]: slowNotice, [failing]: failingNotice, [twin]: slowNotice },
  })),
};
const now = new Date('2026-11-28T15:30:00-03:00');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

/** A day in which a check gave no answer for an hour, which hides nothing else. */
const mixed = { works: 1375, unknown: 60, out: 5 };

/** A quarter of a year with outages, a slow day and a day without measurements. */
function history(): Day[] {
  return Array.from({ length: 90 }, (_, index) => 89 - index)
    .filter((ago) => ago !== 40)
    .map((ago) => {
      const works = ago === 0 ? 930 : 1440;
      const trouble = ago === 12 ? { out: 72 } : ago === 30 ? { disturbed: 45 } : {};
      const lost = Object.values(trouble).reduce((sum, minutes) => sum + minutes, 0);
      return {
        day: dayBefore('2026-11-28', ago),
        parts: {
          'magic-calculator': { works },
          'calculadora-api': { works: works - lost, ...trouble },
          database:
            ago === 20
              ? { works: 1350, unknown: 60, disturbed: 20, out: 10 }
              : ago === 25
                ? mixed
                : ago === 50
                  ? { works: 1430, unknown: 10 }
                  : { works },
        },
      };
    });
}

const figuresOf = (
  sum: Partial<Figures['parts'][string]> = {},
  site: Partial<Figures['parts'][string]> = {},
  measuredAt = minutesAgo(1),
): Figures => {
  const fine = { state: 'works', since: '2026-11-16T09:12:00.000Z', alarms: [] } as const;
  return {
    measuredAt: measuredAt.toISOString(),
    parts: { 'magic-calculator': { ...fine, ...site }, 'calculadora-api': { ...fine, ...sum }, database: fine },
    days: history(),
  };
};
const outSince = '2026-11-28T17:48:00.000Z';
const incident: Incident = {
  since: '2026-11-28T14:50-03:00',
  title: { pt: 'A soma está fora do ar', en: 'Sums are down' },
  text: {
    pt: 'O banco de dados está sendo restaurado. As contas já guardadas não se perdem. Próximo aviso às 16:00.',
    en: 'The database is being restored. Stored sums are not lost. Next notice at 16:00.',
  },
};
const over: Incident = {
  since: '2026-11-16T08:00-03:00',
  until: '2026-11-16T09:12-03:00',
  title: { pt: 'Manutenção do banco de dados', en: 'Maintenance of the database' },
  text: { pt: 'O banco de dados foi atualizado.', en: 'The database was upgraded.' },
};

describeWith('chromium', chromiumPath, 'the status page', (executablePath) => {
  let browser: Browser;
  let server: Server;
  let address: string;
  let page: Page;
  let figures: Figures | undefined;
  let published = content;
  let incidents: readonly Incident[];
  const pages = new Map<string, Page>();
  const refused: string[] = [];
  /** The time of the server. */
  let served = now;

  beforeAll(async () => {
    const data = {
      '/content.json': () => published,
      '/figures.json': () => figures,
      '/incidents.json': () => incidents,
    };
    server = await serveStatusPage(0, data, {
      'content-security-policy': contentSecurityPolicy,
      get date() {
        return served.toUTCString();
      },
    });
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/status`;
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });
  afterEach(async () => {
    served = now;
    published = content;
    // A test that fails must not leave its routes to the next one.
    await page?.unrouteAll({ behavior: 'ignoreErrors' });
    expect(refused.splice(0)).toEqual([]);
  });

  /** In one tab for all tests, unless the browser has to speak another language. */
  async function open(shown: Figures | undefined, notices: Incident[] = [], locale = 'pt-BR') {
    [figures, incidents] = [shown, notices];
    page = pages.get(locale) ?? (await newPage(locale));
    pages.set(locale, page);
    await page.setViewportSize(wall);
    await page.goto(address);
    await page.locator('#headline .icon').waitFor();
  }
  async function newPage(locale: string, clock = '2026-11-27T03:00:00Z'): Promise<Page> {
    // In another time zone than the page's, whose midnight is on the day before that of UTC.
    const made = await (await browser.newContext({ locale, timezoneId: 'America/Los_Angeles' })).newPage();
    made.setDefaultTimeout(10_000);
    made.on('pageerror', ({ message }) => refused.push(message));
    made.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) refused.push(message.text());
    });
    // A wrong clock, as wall screens may have: the page takes the time from the server.
    await made.clock.install({ time: new Date(clock) });
    return made;
  }
  const headline = () => page.locator('#headline').textContent();
  const cards = () =>
    page
      .locator('#parts > li')
      .evaluateAll((all) =>
        all.map((card) => [
          card.className,
          ...[...card.querySelectorAll('h2, .state, .since, .notice, .call')].map((each) => each.textContent),
        ]),
      );
  const fine = (title: string) => ['works', title, '✓Funciona', 'desde 16 de nov., 06:12'];

  test('says that everything works, since when, and when it was measured', async () => {
    await open(figuresOf());
    expect(await headline()).toBe('✓Tudo funciona');
    expect(await page.title()).toBe('Tudo funciona · Status · prd');
    expect(await page.locator('#measured').textContent()).toBe('Medido às 15:29. A página se atualiza sozinha.');
    expect(await cards()).toEqual([fine('Site'), fine('Soma'), fine('Banco de dados')]);
    expect(await page.locator('#incidents').isVisible()).toBe(false);
    // What a screen reader reads out: neither the signs nor the ends of the scale.
    const [none, sum, database] = [
      'nenhuma interrupção',
      '1 h 12 min fora do ar, em 1 dia',
      '15 min fora do ar, em 2 dias',
    ];
    const card = (title: string, kind: string, history: string) => [
      ...['listitem:', `heading "${title}" [level=2]`, 'paragraph: Funciona', 'paragraph: desde 16 de nov., 06:12'],
      ...[`'img "Últimos 90 dias: ${history}."'`, `${kind}: "Últimos 90 dias: ${history}."`],
    ];
    const read = await page.locator('main').ariaSnapshot();
    expect(read.split('\n').map((line) => line.replace(/^ *- /, ''))).toEqual([
      ...['main:', 'status: Tudo funciona', 'paragraph: Medido às 15:29. A página se atualiza sozinha.', 'list:'],
      ...card('Site', 'paragraph', none),
      ...card('Soma', 'group', sum),
      ...card('Banco de dados', 'group', database),
    ]);
  });

  test('names what is out, since when and whom to call', async () => {
    await open(figuresOf({ state: 'out', since: outSince }, { state: 'unknown' }));
    expect(await headline()).toBe('✕Há algo fora do ar');
    expect((await cards())[1]).toEqual(['out', 'Soma', '✕Fora do ar', 'desde 14:48', 'Chame: time da API']);
  });

  test('says what people notice while something is disturbed', async () => {
    await open(figuresOf({ state: 'disturbed', since: outSince, alarms: ['one-of-tomorrow', slow, twin, failing] }));
    expect(await headline()).toBe('!Funciona com problemas');
    expect((await cards())[1]).toEqual([
      'disturbed',
      'Soma',
      '!Com problemas',
      'desde 14:48',
      slowNotice.pt,
      failingNotice.pt,
      'Chame: time da API',
    ]);
  });

  test('shows each state in its colour, and the worst of them in the headline', async () => {
    await open(figuresOf({ state: 'out', since: outSince }, { state: 'disturbed' }), [over, incident]);
    const colours = await page.locator('#parts > li').evaluateAll((all) =>
      all.map((card) => {
        const words = card.querySelector('.state') as Element;
        return [card.className, getComputedStyle(words).color, getComputedStyle(card).borderBlockStartColor];
      }),
    );
    expect(colours.map(([state]) => state)).toEqual(['disturbed', 'out', 'works']);
    for (const [, words, border] of colours) expect(border).toBe(words);
    const [disturbed, out, works] = colours.map(([, words]) => words);
    expect(new Set([disturbed, out, works]).size).toBe(3);
    expect(await page.locator('#headline').evaluate((element) => getComputedStyle(element).color)).toBe(out);
    // In the history it is the colour of the state too, and the worse, the higher.
    const days = await page.locator('.days span').evaluateAll((all) =>
      all.map((bar) => ({
        state: bar.className,
        colour: getComputedStyle(bar).backgroundColor,
        height: bar.getBoundingClientRect().height,
      })),
    );
    const dayOf = (wanted: string) => days.find(({ state }) => state === wanted);
    const bars = ['unknown', 'works', 'disturbed', 'out'].map(dayOf);
    expect(bars.slice(1).map((bar) => bar?.colour)).toEqual([works, disturbed, out]);
    expect(new Set(bars.map((bar) => bar?.colour)).size).toBe(4);
    const heights = bars.map((bar) => bar?.height ?? 0);
    for (const [index, height] of heights.slice(1).entries()) expect(height).toBeGreaterThan(heights[index] ?? 0);
    const notices = await page
      .locator('article')
      .evaluateAll((all) => all.map((each) => [each.className, getComputedStyle(each).borderInlineStartColor]));
    expect(notices).toEqual([
      ['ongoing', disturbed],
      ['over', expect.not.stringContaining(String(disturbed))],
    ]);
  });

  test('does not claim to know what a check does not say', async () => {
    await open(figuresOf({ state: 'unknown', since: outSince }, { state: 'disturbed' }));
    expect(await headline()).toBe('?Sem medição');
    expect((await cards())[1]).toEqual(['unknown', 'Soma', '?Sem medição', 'desde 14:48', 'Chame: time da API']);
  });

  test('says since when nothing was measured, and never shows an old state as the current one', async () => {
    await open(figuresOf({}, {}, minutesAgo(45)));
    expect(await headline()).toBe('?Sem medição');
    expect(await page.locator('#measured').textContent()).toMatch(
      /^Sem medição desde 14:45: não se sabe o estado atual\.Chame: time de infraestrutura$/,
    );
    expect(await cards()).toEqual(['Site', 'Soma', 'Banco de dados'].map((part) => ['unknown', part, '?Sem medição']));
  });

  test('does not claim that a part works which was never measured, as a new application', async () => {
    const { 'calculadora-api': _, ...parts } = figuresOf().parts;
    await open({ ...figuresOf(), parts });
    expect(await headline()).toBe('?Sem medição');
    expect((await cards())[1]).toEqual(['unknown', 'Soma', '?Sem medição']);
  });

  test.each(['pt-PT', 'pt'])('speaks Portuguese to browsers in %s', async (locale) => {
    await open(figuresOf(), [], locale);
    expect(await headline()).toBe('✓Tudo funciona');
  });

  test.each(['none', 'active'] as const)(
    'shows a bar for each day, and where the keyboard is, with forced colours: %s',
    async (forcedColors) => {
      await open(figuresOf());
      await page.emulateMedia({ forcedColors });
      try {
        const days = page.locator('.days').first();
        const bars = await days.locator('span').evaluateAll((all) =>
          all.map((bar) => {
            const { height, width } = bar.getBoundingClientRect();
            return { height, width, colour: getComputedStyle(bar).backgroundColor };
          }),
        );
        const behind = await days.locator('..').evaluate((card) => getComputedStyle(card).backgroundColor);
        expect(bars).toHaveLength(90);
        for (const { colour, height, width } of bars) {
          expect(Math.min(height, width)).toBeGreaterThan(2);
          expect(colour).not.toBe(behind);
        }
        await page.keyboard.press('Tab');
        const outline = await page.locator(':focus').evaluate((link) => {
          const { outlineColor, outlineStyle, outlineWidth } = getComputedStyle(link);
          return { style: outlineStyle, width: Number.parseFloat(outlineWidth), colour: outlineColor };
        });
        expect(outline).toMatchObject({ style: 'solid', width: 3 });
        const around = await page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
        expect([around, 'rgba(0, 0, 0, 0)']).not.toContain(outline.colour);
      } finally {
        await page.emulateMedia({ forcedColors: null });
      }
    },
  );

  test('says so if there is no measurement yet', async () => {
    await open(undefined);
    await page.getByText('Ainda não há nenhuma medição.').waitFor();
    expect(await headline()).toBe('?Sem medição');
    expect(await page.title()).toBe('Sem medição · Status');
  });

  test.each([
    ['works', 4.9],
    ['unknown', 5.2],
  ])('after a while without a new measurement, the state is %s: %s minutes', async (state, minutes) => {
    await open(figuresOf({}, {}, minutesAgo(minutes)));
    expect(await page.locator('#headline').getAttribute('class')).toBe(state);
  });

  test('counts the time that an answer has spent in a cache', async () => {
    await page.route('**/figures.json', async (route) => {
      const response = await route.fetch();
      // The server sent it ten minutes ago, so it is now ten minutes later.
      await route.fulfill({ response, headers: { ...response.headers(), age: '600' } });
    });
    await page.route(/(content|incidents)\.json/, async (route) => {
      const { date: _, ...headers } = (await route.fetch()).headers();
      await route.fulfill({ response: await route.fetch(), headers });
    });
    await open(figuresOf());
    expect(await headline()).toBe('?Sem medição');
  });

  test('knows the time of the server also where the clock of the wall screen is ahead', async () => {
    figures = figuresOf();
    page = await newPage('pt-BR', '2026-11-28T18:45:00Z');
    await page.goto(address);
    await page.getByText('Medido às 15:29').waitFor();
    expect(await headline()).toBe('✓Tudo funciona');
  });

  test('refreshes by itself, grows old while the server does not answer, and recovers', async () => {
    await open(figuresOf());
    figures = figuresOf({ state: 'out', since: outSince });
    const asked = page.waitForRequest('**/figures.json');
    await page.clock.runFor(31_000);
    await page.getByText('Há algo fora do ar').waitFor();
    // Figures of the browser's cache could be old.
    expect((await (await asked).allHeaders())['cache-control']).toBe('no-cache');
    await page.route('**/*.json', (route) => route.abort());
    await page.clock.runFor(6 * 60_000);
    await page.getByText('Sem medição desde 15:29').waitFor();
    await page.unroute('**/*.json');
    figures = figuresOf();
    await page.clock.runFor(31_000);
    await page.getByText('Tudo funciona').waitFor();
  });

  test('gives up a server that never answers, and grows old', async () => {
    figures = figuresOf();
    page = await newPage('pt-BR');
    await page.addInitScript(() => {
      const limits: number[] = [];
      Object.assign(window, { limits });
      // The browser's own counts the real time.
      AbortSignal.timeout = (milliseconds) => {
        limits.push(milliseconds);
        const stop = new AbortController();
        setTimeout(() => stop.abort(), milliseconds);
        return stop.signal;
      };
    });
    await page.goto(address);
    await page.getByText('Tudo funciona').waitFor();
    await page.route('**/*.json', () => undefined);
    await page.clock.runFor(6 * 60_000);
    await page.getByText('Sem medição desde 15:29').waitFor();
    const limits = await page.evaluate(() => (window as unknown as { limits: number[] }).limits);
    // Before the next refresh.
    expect(new Set(limits)).toEqual(new Set([10_000]));
  });

  test('loads itself again once an hour, so that a wall screen gets a new release', async () => {
    await open(figuresOf());
    await page.evaluate(() => Object.assign(window, { isOld: true }));
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const isOld = () => page.evaluate(() => 'isOld' in window);
    await page.clock.runFor(59 * 60_000);
    expect(await isOld()).toBe(true);
    // Twice a minute: a wall screen is no load on the server.
    expect(asked.filter((url) => url.endsWith('/figures.json')).length).toBeLessThanOrEqual(2 * 60);
    page.removeAllListeners('request');
    // The browser's error page would take the place of this one, and never load itself again.
    await page.route('**/*.json', (route) => route.abort());
    await page.clock.runFor(4 * 60_000);
    expect(await isOld()).toBe(true);
    await page.unroute('**/*.json');
    const loaded = page.waitForEvent('load');
    await page.clock.runFor(31_000);
    await loaded;
    expect(await isOld()).toBe(false);
  });

  test('shows 90 days, and says which had problems', async () => {
    await open(figuresOf());
    const [, sum] = await page.locator('.days').all();
    expect(await sum?.getAttribute('aria-label')).toBe('Últimos 90 dias: 1 h 12 min fora do ar, em 1 dia.');
    for (const each of await page.locator('.days').all()) expect(await each.getAttribute('role')).toBe('img');
    const bars = await page
      .locator('#parts > li')
      .nth(1)
      .locator('.days span')
      .evaluateAll((all) => all.map((each) => [each.className, each.getAttribute('title')]));
    expect(bars).toHaveLength(90);
    expect(bars.filter(([state]) => state !== 'works').map(([, title]) => title)).toEqual([
      '19 de out.: sem medição',
      '29 de out.: com problemas 45 min',
      '16 de nov.: fora do ar 1 h 12 min',
    ]);
    await page.locator('summary').first().click();
    expect(await page.locator('#parts > li').nth(1).locator('details li').allInnerTexts()).toEqual([
      '16 de nov.: fora do ar 1 h 12 min',
      '29 de out.: com problemas 45 min',
    ]);
    const database = page.locator('#parts > li').nth(2);
    expect(await database.locator('summary').textContent()).toBe('Últimos 90 dias: 15 min fora do ar, em 2 dias.');
    const bad = database.locator('.days span:not(.works):not(.unknown)');
    expect(await bad.evaluateAll((all) => all.map((each) => [each.className, each.getAttribute('title')]))).toEqual([
      ['out', '03 de nov.: sem medição 1 h, fora do ar 5 min'],
      ['out', '08 de nov.: com problemas 20 min, sem medição 1 h, fora do ar 10 min'],
    ]);
    await database.locator('summary').click();
    // A day on which nothing but a measurement was missing is told, too.
    expect(await database.locator('details li').allInnerTexts()).toEqual([
      '08 de nov.: com problemas 20 min, sem medição 1 h, fora do ar 10 min',
      '03 de nov.: sem medição 1 h, fora do ar 5 min',
      '09 de out.: sem medição 10 min',
    ]);
    const site = page.locator('#parts > li').nth(0);
    expect(await site.locator('.summary').textContent()).toBe('Últimos 90 dias: nenhuma interrupção.');
    expect(await site.locator('.scale').textContent()).toBe('há 89 diashoje');
    // A refresh with other figures leaves both open.
    figures = { ...figuresOf(), measuredAt: minutesAgo(0).toISOString() };
    await page.clock.runFor(31_000);
    await page.getByText('Medido às 15:30').waitFor();
    const details = page.locator('details');
    expect(await details.evaluateAll((all) => all.map((each) => each.hasAttribute('open')))).toEqual([true, true]);
  });

  test('goes by the days of its time zone, late in the evening too, and says of which day an old time is', async () => {
    // In UTC it is already the next day, as it was at the time of the outage.
    served = new Date('2026-11-28T23:57:00-03:00');
    const measuredAt = new Date('2026-11-28T23:53:00-03:00');
    await open(figuresOf({ state: 'out', since: '2026-11-28T01:30:00.000Z' }, {}, measuredAt), [
      { ...incident, since: '2026-11-28T00:10-03:00' },
      { ...over, since: '2026-11-27T21:10-03:00', until: '2026-11-28T00:20-03:00' },
    ]);
    expect((await cards())[1]).toContain('desde 27 de nov., 22:30');
    expect(await page.locator('article .since').allTextContents()).toEqual([
      'desde 00:10, em andamento',
      '27 de nov., 21:10 a 00:20',
    ]);
    const titles = page.locator('.days').first().locator('span');
    expect(await titles.first().getAttribute('title')).toBe('31 de ago.: funciona');
    expect(await titles.last().getAttribute('title')).toBe('28 de nov.: funciona');
    await page.route('**/*.json', (route) => route.abort());
    await page.clock.runFor(2 * 60_000);
    await page.getByText('Sem medição desde 23:53').waitFor();
    // Nothing is new at midnight but the day.
    await page.clock.runFor(2 * 60_000);
    await page.getByText('Sem medição desde 28 de nov., 23:53').waitFor();
    expect(await titles.last().getAttribute('title')).toBe('29 de nov.: sem medição');
  });

  test('shows notices, those that last first', async () => {
    await open(figuresOf({ state: 'out', since: outSince }), [over, incident]);
    const shown = page
      .locator('article')
      .evaluateAll((all) => all.map((each) => [...each.children].map((child) => child.textContent)));
    expect(await shown).toEqual([
      [incident.title.pt, 'desde 14:50, em andamento', incident.text.pt],
      [over.title.pt, '16 de nov., 08:00 a 16 de nov., 09:12', over.text.pt],
    ]);
  });

  test('shows a new text of a notice, and a new part, on an open page, also while no figure changes', async () => {
    await open(figuresOf(), [incident]);
    incidents = [{ ...incident, text: { pt: 'A soma voltou.', en: 'Sums are back.' } }];
    await page.clock.runFor(31_000);
    await page.getByText('A soma voltou.').waitFor();
    const shop = { id: 'shop', title: { pt: 'Loja', en: 'Shop' }, team: { pt: 'time', en: 'team' }, notices: {} };
    published = { ...content, parts: [...content.parts, shop] };
    await page.clock.runFor(31_000);
    await page.getByRole('heading', { name: 'Loja' }).waitFor();
  });

  test('shows the latest notices first, for 90 days, or for as long as they last', async () => {
    const lasting = { ...incident, since: '2026-07-01T08:00-03:00', title: { pt: 'Desde julho', en: 'Since July' } };
    const old = { ...over, since: '2026-08-20T08:00-03:00', until: '2026-08-29T12:00-03:00' };
    const recent = { ...over, since: '2026-08-20T08:00-03:00', until: '2026-08-31T12:00-03:00' };
    // Half an hour before the other, which its text hides.
    const inUtc = { ...over, since: '2026-11-16T10:30Z', until: '2026-11-16T10:45Z' };
    await open(figuresOf(), [recent, old, inUtc, over, lasting]);
    const shown = page.locator('article');
    expect(
      await shown.evaluateAll((all) => all.map((each) => [each.className, each.querySelector('.since')?.textContent])),
    ).toEqual([
      ['ongoing', 'desde 01 de jul., 08:00, em andamento'],
      ['over', '16 de nov., 08:00 a 16 de nov., 09:12'],
      ['over', '16 de nov., 07:30 a 16 de nov., 07:45'],
      ['over', '20 de ago., 08:00 a 31 de ago., 12:00'],
    ]);
  });

  test('speaks English to browsers in another language, and to whom chooses it, and mixes nothing', async () => {
    await open(figuresOf({ state: 'disturbed', since: outSince, alarms: [slow] }), [incident, over], 'de-DE');
    expect(await headline()).toBe('!Works, with problems');
    const english = (await page.locator('body').allInnerTexts()).join();
    expect(await page.title()).toBe('Works, with problems · Status · prd');
    expect((await cards())[1]).toEqual([
      'disturbed',
      'Sum',
      '!Has problems',
      'since 14:48',
      slowNotice.en,
      'Call: API team',
    ]);
    expect(english).toContain(incident.text.en);
    // Dates are in the language too, also in what only a pointer or a screen reader finds.
    expect((await cards())[0]).toEqual(['works', 'Site', '✓Works', 'since 16 Nov, 06:12']);
    expect(await page.locator('article .since').last().textContent()).toBe('16 Nov, 08:00 to 16 Nov, 09:12');
    const sum = page.locator('.days').nth(1);
    expect(await sum.getAttribute('aria-label')).toBe('Last 90 days: down for 1 h 12 min, on 1 day.');
    const bad = sum.locator('span:not(.works)');
    expect(await bad.evaluateAll((all) => all.map((each) => each.getAttribute('title')))).toEqual([
      '19 Oct: not measured',
      '29 Oct: has problems 45 min',
      '16 Nov: down 1 h 12 min',
    ]);
    expect(await page.locator('html').getAttribute('lang')).toBe('en-GB');
    const current = () => page.locator('nav [aria-current=true]').allTextContents();
    expect(await current()).toEqual(['English']);
    await page.getByRole('link', { name: 'Português' }).click();
    await page.getByText('Funciona com problemas').waitFor();
    expect(await current()).toEqual(['Português']);
    expect(await page.locator('html').getAttribute('lang')).toBe('pt-BR');
    const portuguese = new Set((await page.locator('body').allInnerTexts()).join().split('\n'));
    const inBoth = english.split('\n').filter((line) => portuguese.has(line));
    expect(new Set(inBoth)).toEqual(new Set(['Status', 'Português', 'English', '', 'Site']));
    await page.getByRole('link', { name: 'English' }).click();
    await page.getByText('Sums are down').waitFor();
    // As people type it.
    for (const [chosen, text] of [
      ['PT', 'Funciona com problemas'],
      ['pt-BR', 'Funciona com problemas'],
      ['fr', 'Works, with problems'],
    ]) {
      await page.goto(`${address}?lang=${chosen}`);
      await page.getByText(String(text)).waitFor();
    }
  });

  test('announces a change of the state, and nothing else', async () => {
    await open(figuresOf());
    const count = await page.locator('#headline').evaluateHandle((element) => {
      const changes: unknown[] = [];
      new MutationObserver((records) => changes.push(...records)).observe(element, { childList: true, subtree: true });
      return changes;
    });
    expect(await page.locator('#headline').getAttribute('role')).toBe('status');
    const live = page.locator('[aria-live], [role=alert], [role=log], [role=status], [role=timer], output');
    expect(await live.evaluateAll((all) => all.map(({ id }) => id))).toEqual(['headline']);
    figures = { ...figuresOf(), measuredAt: minutesAgo(0).toISOString() };
    await page.clock.runFor(31_000);
    await page.getByText('Medido às 15:30').waitFor();
    expect(await count.evaluate(({ length }) => length)).toBe(0);
  });

  test('on a wall screen, fits without scrolling and can be read at three metres', async () => {
    await open(figuresOf({ state: 'out', since: outSince }), [incident]);
    const [width, height] = await page.evaluate(() => [document.body.scrollWidth, document.body.scrollHeight]);
    expect(width).toBeLessThanOrEqual(1920);
    expect(height).toBeLessThanOrEqual(1080);
    const out = { state: 'out', since: outSince, alarms: [slow] } as const;
    await open(figuresOf(out, out), [incident]);
    expect(await page.evaluate(() => document.body.scrollHeight)).toBeLessThanOrEqual(1080);
    const size = async (selector: string) => {
      const found = page.locator(selector);
      expect(await found.count()).toBeGreaterThan(0);
      return found.evaluateAll((all) =>
        Math.min(...all.map((each) => Number.parseFloat(getComputedStyle(each).fontSize))),
      );
    };
    // ISO 9241-303 recommends capitals of 20 minutes of arc: 17 mm at three metres. On a screen of 42 inches that is
    // 36 pixels, seven tenths of the size of the font.
    for (const selector of ['#headline', '#parts h2', '.state'])
      expect(await size(selector)).toBeGreaterThanOrEqual(52);
    // 14 minutes of arc: still legible.
    for (const selector of ['.since', '.notice', '.call', '#measured', 'h3'])
      expect(await size(selector)).toBeGreaterThanOrEqual(36);
    // 11 minutes: what a notice says besides its title.
    expect(await size('article p:last-child')).toBeGreaterThanOrEqual(28);
    // More than that is smaller, and larger again once it is over.
    await open(figuresOf(out, out), [incident, over]);
    expect(await page.evaluate(() => document.body.scrollHeight)).toBeLessThanOrEqual(1080);
    expect(await size('.notice')).toBeGreaterThanOrEqual(28);
    await open(figuresOf());
    expect(await size('.since')).toBeGreaterThanOrEqual(40);
  });

  const states: readonly (readonly [name: string, figures: Figures | undefined, notices: Incident[]])[] = [
    ['works', figuresOf(), []],
    ['disturbed', figuresOf({ state: 'disturbed', since: outSince, alarms: [slow] }), []],
    ['out', figuresOf({ state: 'out', since: outSince }), [incident]],
    ['unknown', figuresOf({ state: 'unknown', since: outSince }, { state: 'disturbed', alarms: [slow] }), [over]],
    ['old', figuresOf({}, {}, minutesAgo(45)), []],
    ['never', undefined, []],
  ];
  test.each(states)(
    '%s: axe finds nothing, and nothing is cut off or tiny on a phone or wall',
    async (name, ...shown) => {
      await open(...shown);
      for (const [screen, viewport] of Object.entries({ wall, phone })) {
        await page.setViewportSize(viewport);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
        const sizes = await page
          .locator('body *')
          .evaluateAll((all) =>
            all
              .filter((each) => [...each.childNodes].some((child) => child instanceof Text && child.data.trim() !== ''))
              .map((each) => Number.parseFloat(getComputedStyle(each).fontSize)),
          );
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(screen === 'wall' ? 24 : 16);
        // Enough to see a single day, between gaps that can be seen too.
        const bars = await page
          .locator('.days span')
          .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
        expect(bars).toHaveLength(name === 'never' ? 0 : 3 * 90);
        expect(Math.min(...bars)).toBeGreaterThanOrEqual(2);
        // A fingertip.
        const links = page.locator('nav a');
        for (const link of await links.all()) expect((await link.boundingBox())?.height).toBeGreaterThanOrEqual(44);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          // The rules look at colours, names and roles, which are the same on both screens.
          if (screen === 'phone') {
            const { violations } = await new AxeBuilder({ page }).setLegacyMode().exclude('.days span').analyze();
            expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
          }
          if (pictures) await page.screenshot({ path: `${pictures}/status-${screen}-${name}-${colorScheme}.png` });
        }
      }
    },
  );
});

test('the function is one file with the handler, and imports only what Lambda has', () => {
  const folder = bundle('status');
  expect(readdirSync(folder)).toEqual(['index.mjs']);
  const code = readFileSync(`${folder}/index.mjs`, 'utf8');
  expect(code).toMatch(/^export ?\{[^}]*\bhandler\b[^}]*\};?$/m);
  const imported = [...code.matchAll(/^import .*? ?from ?"([^"]+)";?$/gm)].map(([, name]) => name);
  expect(imported.toSorted()).toEqual(['@aws-sdk/client-cloudwatch', '@aws-sdk/client-rds', '@aws-sdk/client-s3']);
});

test('the page is built for the oldest browsers that the site supports', () => {
  const targetsIn = (path: string) =>
    /\[('chrome\d[^\]]*)\]/.exec(readFileSync(resolve(import.meta.dirname, path), 'utf8'))?.[1];
  const ofSite = targetsIn('../../../../apps/magic-calculator/vite.config.ts');
  expect(ofSite).toContain('safari');
  expect(targetsIn('../page/vite.config.ts')).toBe(ofSite);
});

test('the page has no functions and styles that the oldest browsers lack', () => {
  const [script, style] = ['page.js', 'page.css'].map((file) =>
    readFileSync(`${bundle('status/page')}/${file}`, 'utf8'),
  );
  const used = namesUsedIn(script ?? '');
  expect(used).toContain('replaceChildren');
  expect(newerThanOldestBrowsers.filter((name) => used.has(name))).toEqual([]);
  expect(style).toContain('--works:');
  // The build replaces these, if it knows the browsers.
  expect(style).not.toMatch(/light-dark\(|color-mix\(|ok(lab|lch)\(|:has\(|@starting-style|@scope|&/);
});

test('the figures of the tests are as the function writes them', () => {
  const measured = addMeasurement(undefined, { site: { state: 'works', alarms: [] } }, now, timeZone);
  expect(Object.keys(measured)).toEqual(Object.keys(figuresOf()));
  expect(Object.keys(measured.parts.site ?? {})).toEqual(Object.keys(figuresOf().parts.database ?? {}));
});
