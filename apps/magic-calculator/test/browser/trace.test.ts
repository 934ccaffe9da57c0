import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { isVisitReport, paths, slow } from 'contract';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Collector, startCollector } from '../../../../test/support/collector.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { texts } from '../../src/texts.ts';
import { buildSite, removeSite, type System, startSystem } from './system.ts';
import { chromiumPath } from './visitor.ts';

const text = texts.pt;

describeWith('chromium', chromiumPath, 'a visit with traces', (executablePath) => {
  let outDir: string;
  let collector: Collector;
  let system: System;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    outDir = await buildSite();
    collector = await startCollector();
    system = await startSystem(outDir, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterEach(() => context?.close());
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
    await collector?.stop();
    await removeSite(outDir);
  });

  /** @param random what decides whether the visit is one of the sample */
  async function visit(random: number) {
    context = await browser.newContext({ locale: 'pt-BR' });
    await context.addInitScript(`Math.random = () => ${random}`);
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(system.url);
  }
  async function add(nome: string, title: string) {
    await page.getByLabel(text.nome).fill(nome);
    await page.getByLabel(text.operador1).fill('271828');
    await page.getByLabel(text.operador2).fill('314159');
    await page.getByRole('button', { name: text.submit, exact: true }).click();
    await page.getByRole('heading', { name: new RegExp(`^${title}`) }).waitFor();
  }
  /** Adds, and returns the `traceparent` that the site sent. */
  async function addTraced(title: string): Promise<string> {
    const sent = page.waitForRequest(`**${paths.sum}`);
    await add('Wander', title);
    return (await sent).headers().traceparent ?? '';
  }
  const leave = () => page.goto('about:blank');
  const ofSite = () => collector.spans().filter(({ service }) => service === 'magic-calculator');
  /** The site's spans of a trace. Those of earlier visits may arrive at any time. */
  const spansOf = (traceparent: string) => ofSite().filter(({ traceId }) => traceparent.includes(traceId));

  test('has one trace from the click to the row, with nothing about the visitor', async () => {
    await visit(0);
    // Playwright does not tell what a beacon contains.
    await page.evaluate(`navigator.sendBeacon = (url, body) => {
      body.text().then((text) => { globalThis.beacon = text; });
      return Navigator.prototype.sendBeacon.call(navigator, url, body);
    }`);
    const reported = page.waitForRequest(`**${paths.visits}`);
    await add('Zuleica', text.resultTitle);
    const report = await reported;
    await eventually(async () => ofSite().length > 0);

    const [click] = ofSite();
    const spans = collector.spans().filter(({ traceId }) => traceId === click?.traceId);
    const child = (parent?: string) => spans.filter(({ parentId }) => parentId === parent);
    const [request] = child(click?.spanId);
    const [wait] = child(request?.spanId);
    const [statement] = child(wait?.spanId);
    expect([click, request, wait, statement].map((span) => `${span?.service} ${span?.kind}: ${span?.name}`)).toEqual([
      'magic-calculator client: POST /backend',
      'calculadora-api server: POST /backend',
      'calculadora-api internal: wait for group commit',
      'calculadora-api client: INSERT operacoes',
    ]);
    expect(spans).toHaveLength(4);
    expect(click?.parentId).toBeUndefined();

    const { DatabaseSync } = await import('node:sqlite');
    const rows = new DatabaseSync(system.databaseFile)
      .prepare('select nome, operador1, operador2 from operacoes')
      .all();
    expect(rows).toEqual([{ nome: 'Zuleica', operador1: 271828, operador2: 314159 }]);

    const body = String(await page.evaluate('beacon'));
    expect(isVisitReport(JSON.parse(body))).toBe(true);
    expect(`${body} ${collector.text()}`).not.toMatch(/zuleica|271828|314159|585987/i);
    expect(await report.headerValue('cookie')).toBeNull();
    expect(await context.cookies()).toEqual([]);
  });

  test('reports the load time, once', async () => {
    const loads = async () => {
      const metrics = await (await fetch(new URL(paths.metrics, system.apiUrl))).text();
      return Number(/^calculadora_site_load_seconds_count (\d+)$/m.exec(metrics)?.[1]);
    };
    const before = await loads();
    await visit(0);
    await page.waitForLoadState('load');
    await add('Wander', text.resultTitle);
    await leave();
    await eventually(async () => (await loads()) > before);
    expect(await loads()).toBe(before + 1);
  });

  test('that is not in the sample reports nothing of an ordinary sum', async () => {
    await visit(0.5);
    const unreported = await addTraced(text.resultTitle);
    expect(unreported).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    await leave();

    // Reports arrive in order: once the next visit's is there, this one's would be, too.
    await visit(0);
    const reported = await addTraced(text.resultTitle);
    await leave();
    await eventually(async () => spansOf(reported).length > 0);
    expect(spansOf(unreported)).toEqual([]);
  });

  test.each([
    ['failed', 'offline', text.errorTitle],
    ['slow', undefined, text.resultTitle],
  ])('that is not in the sample reports a %s sum', async (kind, error, title) => {
    await visit(0.5);
    await page.route(`**${paths.sum}`, async (route) => {
      if (kind === 'failed') return route.abort();
      await sleep(slow + 1);
      return route.continue();
    });
    const traceparent = await addTraced(title);
    await leave();
    await eventually(async () => spansOf(traceparent).length > 0);
    expect(spansOf(traceparent).map(({ isError, attributes }) => [isError, attributes['error.type']])).toEqual([
      [error !== undefined, error],
    ]);
  });
});
