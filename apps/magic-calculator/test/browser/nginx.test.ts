import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { describeWith, findTool } from '../../../../test/support/tools.ts';
import { type Replica, startReplica } from './nginx.ts';
import { buildSite, removeSite } from './system.ts';

describeWith('nginx', findTool('nginx'), 'the configuration of nginx', (nginx) => {
  let pages: string;
  let replica: Replica;
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(replica.url + path, { headers, redirect: 'manual' });

  beforeAll(async () => {
    pages = await buildSite();
    replica = await startReplica(nginx, pages);
  });
  afterAll(async () => {
    await replica?.stop();
    await removeSite(pages);
  });

  test.each([
    ['/', 302],
    [paths.site, 308],
  ])('%s leads to the page', async (path, status) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get('location')]).toEqual([status, `${paths.site}/`]);
  });

  test.each(['/frontend/anything', '/frontend/any/thing.js', '/frontend/404.html', '/anything'])(
    '%s is not found, which a page of ours tells',
    async (path) => {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(await answer.text()).toContain('<h1>Página não encontrada</h1>');
    },
  );

  test.each([
    ['/', 302],
    ['/frontend', 308],
    ['/frontend/', 200],
    ['/frontend/health', 200],
    ['/frontend/favicon.svg', 200],
    ['/frontend/anything', 404],
  ])('%s is answered with all headers that protect a visitor', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    const headers = Object.fromEntries(answer.headers);
    const policy = headers['content-security-policy']?.replaceAll(/'sha256-[^']+'( 'sha256-[^']+')*/g, 'HASHES');
    expect({ ...headers, 'content-security-policy': policy }).toMatchObject({
      'cache-control': 'no-cache',
      'content-security-policy':
        "default-src 'none'; script-src HASHES; style-src HASHES; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
    });
  });

  test('the same page is not sent twice, and each time may run its own script', async () => {
    const first = await get(`${paths.site}/`);
    const second = await get(`${paths.site}/`, { 'if-none-match': String(first.headers.get('etag')) });
    expect(second.status).toBe(304);
    const policies = [first, second].map(({ headers }) => headers.get('content-security-policy'));
    expect(policies[0]).toMatch(/script-src 'sha256-[^;]+'; style-src 'sha256-[^;]+';/);
    expect(policies[1]).toBe(policies[0]);
  });

  test('pages that no build told of may run nothing', async () => {
    const bare = await startReplica(nginx, `${pages}/nowhere`);
    const { status, headers } = await fetch(`${bare.url}${paths.site}/`);
    await bare.stop();
    expect(status).toBe(404);
    expect(headers.get('content-security-policy')).toContain("script-src 'none'; style-src 'none';");
  });
});
