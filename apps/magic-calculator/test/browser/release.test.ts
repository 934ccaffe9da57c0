import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as ask, createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { type Browser, chromium } from 'playwright-core';
import { describeWith, findTool } from '../../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from '../../../calculadora-api/test/support/api.ts';
import { texts } from '../../src/texts.ts';
import { type Replica, startReplica } from './nginx.ts';
import { buildSite, removeSite } from './system.ts';

const chromiumPath = process.env.CHROMIUM_PATH ?? findTool('chromium', 'chromium-browser', 'google-chrome');

describeWith('chromium', chromiumPath, 'during a release', (executablePath) => {
  describeWith('nginx', findTool('nginx'), 'with replicas of two builds', (nginx) => {
    let data: string;
    let api: Api;
    let builds: string[];
    let replicas: Replica[];
    let browser: Browser;

    beforeAll(async () => {
      data = await mkdtemp(join(tmpdir(), 'release-'));
      api = await startApi({ DB_FILE: join(data, 'calculadora.sqlite') });
      await untilReady(api);
      builds = [await buildSite(), await buildSite('test/browser/another-release.config.ts')];
      replicas = await Promise.all(builds.map((pages) => startReplica(nginx, pages)));
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    afterAll(async () => {
      await browser?.close();
      await Promise.all(replicas.map((replica) => replica.stop()));
      await Promise.all(builds.map(removeSite));
      await api.stop();
      await rm(data, { recursive: true });
    });

    // A release goes through these shares from first to last, and the way back from last to first.
    test.each([
      [0.1, 67],
      [0.5, 66],
      [0.9, 67],
    ])('with %d of the answers from the new build, none of %d visits is broken', async (share, visits) => {
      const random = randomNumbers();
      const [old, next] = replicas.map(({ url }) => url);
      const balancer = await startBalancer(({ url }) => {
        if (url?.startsWith(paths.sum)) return api.url;
        return String(random() < share ? next : old);
      });
      const outcomes = { old: 0, another: 0, broken: 0 };
      try {
        let started = 0;
        const visitor = async () => {
          while (started++ < visits) outcomes[await visitOf(balancer.url)] += 1;
        };
        await Promise.all(Array.from({ length: 4 }, visitor));
      } finally {
        balancer.stop();
      }
      expect(outcomes).toEqual({ old: expect.any(Number), another: expect.any(Number), broken: 0 });
      expect(Math.min(outcomes.old, outcomes.another)).toBeGreaterThan(0);
    });

    /** One visitor, who comes for the first time: which build the page is of, or that it is of no use. */
    async function visitOf(url: string): Promise<'old' | 'another' | 'broken'> {
      const context = await browser.newContext({ locale: 'pt-BR' });
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(10_000);
        await page.goto(`${url}${paths.site}/`);
        // The script has run by now, if it came: a page that is blank stays so.
        if ((await page.getByRole('textbox').count()) === 0) return 'broken';
        await page.getByLabel(texts.pt.nome).fill('Wander');
        await page.getByLabel(texts.pt.operador1).fill('5');
        await page.getByLabel(texts.pt.operador2).fill('10');
        await page.getByRole('button', { name: texts.pt.submit, exact: true }).click();
        await page.locator('.total', { hasText: '15' }).waitFor();
        const release = await page.evaluate(() => document.documentElement.dataset.release);
        return release === 'another' ? release : 'old';
      } catch {
        return 'broken';
      } finally {
        await context.close();
      }
    }
  });
});

/** The same numbers between 0 and 1 each time, as if drawn by chance. */
function randomNumbers(): () => number {
  let state = 42;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Passes each request on to the server that `choose` names, as a load balancer does. */
async function startBalancer(choose: (request: IncomingMessage) => string) {
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const onward = ask(choose(request) + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => server.close().closeAllConnections(),
  };
}
