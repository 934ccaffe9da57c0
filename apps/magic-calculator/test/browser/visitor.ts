import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findTool } from '../../../../test/support/tools.ts';
import { buildSite, removeSite, type System, startSystem } from './system.ts';

export const chromiumPath = process.env.CHROMIUM_PATH ?? findTool('chromium', 'chromium-browser', 'google-chrome');

/** A browser, and the site and API that it visits. */
export interface Visitor {
  readonly system: System;
  /** Opens the site as on a first visit, by default with a browser in Portuguese. */
  open(options?: BrowserContextOptions): Promise<Page>;
  stop(): Promise<void>;
}

export async function startVisitor(executablePath: string): Promise<Visitor> {
  const outDir = await buildSite();
  const system = await startSystem(outDir);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  let context: BrowserContext | undefined;
  return {
    system,
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
    async stop() {
      await browser.close();
      await system.stop();
      await removeSite(outDir);
    },
  };
}
