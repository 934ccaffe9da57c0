import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { helm } from './support/helm.ts';
import { fetchChart, Unreachable } from './support/published-charts.ts';

const ours = resolve(import.meta.dirname, '../charts/target-group-binding');

describeWith('helm', findTool('helm'), 'A chart for a test', (program) => {
  let folder: string;
  let server: Server;
  let repository: string;
  let requests: string[] = [];
  const chart = () => ({ name: 'target-group-binding', repository, version: '1.0.0' });
  const archive = 'target-group-binding-1.0.0.tgz';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'repository-'));
    server = createServer(async ({ url = '' }, response) => {
      requests.push(url);
      const file = join(folder, url);
      if (existsSync(file)) return response.end(await readFile(file));
      response.statusCode = 404;
      return response.end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    repository = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await helm(program, ['package', ours, '--destination', folder]);
    await helm(program, ['repo', 'index', folder, '--url', repository]);
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  test('comes from its repository once, and then from the cache', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'cache-'));
    requests = [];
    const first = await fetchChart(program, chart(), { XDG_CACHE_HOME: cache });
    expect(await readFile(first)).toEqual(await readFile(join(folder, archive)));
    expect(requests).toContain(`/${archive}`);
    requests = [];
    expect(await fetchChart(program, chart(), { XDG_CACHE_HOME: cache })).toBe(first);
    expect(requests).toEqual([]);
    await rm(cache, { recursive: true });
  });

  test('comes from the folder that HELM_CHARTS names, and is named if it is not there', async () => {
    const given = await mkdtemp(join(tmpdir(), 'given-'));
    const nowhere = { ...chart(), repository: 'http://127.0.0.1:1' };
    await expect(fetchChart(program, nowhere, { HELM_CHARTS: given })).rejects.toThrow(`has no ${archive}`);
    await cp(join(folder, archive), join(given, archive));
    expect(await fetchChart(program, nowhere, { HELM_CHARTS: given })).toBe(join(given, archive));
    await rm(given, { recursive: true });
  });

  test.each([
    ['without an answer', 'http://127.0.0.1:1', '1.0.0', true],
    ['that does not exist', 'http://no-such-host.invalid', '1.0.0', true],
    ['without the version', undefined, '2.0.0', false],
    ['that has moved', '/moved', '1.0.0', false],
  ])(
    'counts as out of reach from a repository %s: only if nobody could know better',
    async (_, at, version, isAway) => {
      const cache = await mkdtemp(join(tmpdir(), 'cache-'));
      const asked = {
        ...chart(),
        version,
        repository: at?.startsWith('/') ? `${repository}${at}` : (at ?? repository),
      };
      const outcome = await fetchChart(program, asked, { XDG_CACHE_HOME: cache }).catch((error: unknown) => error);
      expect(outcome).toHaveProperty('message');
      expect(outcome instanceof Unreachable).toBe(isAway);
      expect(await readdir(join(cache, 'helm-charts-for-tests'))).toEqual([]);
      await rm(cache, { recursive: true });
    },
  );
});
