import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as send } from 'node:http';
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
import { chromiumPath } from './visitor.ts';

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

    // Shares of the new build during a rollout, in this order. A rollback goes through them in reverse.
    test.each([
      [0.1, 25],
      [0.5, 25],
      [0.9, 25],
    ])('with a share of %d of the responses from the new build, none of %d visits fails', async (share, visits) => {
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

    /** A first visit: the build that the page is from, or `broken` if the page does not work. */
    async function visitOf(url: string): Promise<'old' | 'another' | 'broken'> {
      const context = await browser.newContext({ locale: 'pt-BR' });
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(10_000);
        await page.goto(`${url}${paths.site}/`);
        // If the script arrived, it has run by now: a blank page stays blank.
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

/** Pseudorandom numbers between 0 and 1, the same in each run. */
function randomNumbers(): () => number {
  let state = 42;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Forwards each request to the server that `choose` returns, as a load balancer does. */
async function startBalancer(choose: (request: IncomingMessage) => string) {
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const onward = send(choose(request) + url, { method, headers }, (answer) => {
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
