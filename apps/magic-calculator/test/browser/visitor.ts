import { afterAll, beforeAll } from '@jest/globals';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describeWith, findTool } from '../../../../test/support/tools.ts';
import { buildSite, removeSite, type System, startSystem } from './system.ts';

export const chromiumPath = process.env.CHROMIUM_PATH ?? findTool('chromium', 'chromium-browser', 'google-chrome');

/** A browser, and the site and API that it visits. */
export interface Visitor {
  readonly system: System;
  /** Opens the site as on a first visit, by default with a browser in Portuguese. */
  open(options?: BrowserContextOptions): Promise<Page>;
}

/** A group of tests that visit the built site, for which everything is started once. It is skipped without Chromium. */
export function describeVisits(name: string, tests: (visitor: Visitor) => void): void {
  describeWith('chromium', chromiumPath, name, (executablePath) => {
    let outDir: string | undefined;
    let system: System;
    let browser: Browser;
    let context: BrowserContext | undefined;

    beforeAll(async () => {
      outDir = await buildSite();
      system = await startSystem(outDir);
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    afterAll(async () => {
      await browser?.close();
      await system?.stop();
      if (outDir !== undefined) await removeSite(outDir);
    });

    tests({
      get system() {
        return system;
      },
      async open(options = {}) {
        await context?.close();
        context = await browser.newContext({ locale: 'pt-BR', ...options });
        const page = await context.newPage();
        // Shorter than jest's timeout, because Playwright's error says what it waited for.
        page.setDefaultTimeout(10_000);
        await page.goto(system.url);
        await page.getByRole('heading').waitFor();
        return page;
      },
    });
  });
}
