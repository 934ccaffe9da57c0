import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { paths } from '../../packages/contract/src/index.ts';
import { buildImage } from '../support/docker.ts';
import { freePort } from '../support/ports.ts';
import { describeWith, findTool } from '../support/tools.ts';

const execute = promisify(execFile);
const repository = join(import.meta.dirname, '../..');

/** The images, the user of each, and the most bytes that each may add to its base image. */
const images = [
  { name: 'calculadora-api', user: 1000, limit: 30_000_000 },
  { name: 'magic-calculator', user: 101, limit: 1_000_000 },
] as const;

const dockerfile = (image: string) => readFile(join(repository, 'apps', image, 'Dockerfile'), 'utf8');

test.each(images)('$name is built with the Node that the workspace pins', async ({ name }) => {
  const pinned = /^ {2}node: (\d\S*)$/m.exec(await readFile(join(repository, 'pnpm-workspace.yaml'), 'utf8'))?.[1];
  expect(await dockerfile(name)).toContain(` node:${pinned}-`);
});

describeWith('Docker with Compose', usableDocker(), 'the images, run by Compose:', (docker) => {
  const project = `images-test-${process.pid}`;
  // Unset, so that Compose takes .env.example, and not the database that the environment names for other tests.
  const ownSettings = { DB_NAME: undefined, DB_USER: undefined, DB_PASSWORD: undefined };
  const environment: NodeJS.ProcessEnv = { ...process.env, ...ownSettings, DOCKER_BUILDKIT: '1' };
  let site: string;
  let api: string;

  const run = async (...args: string[]) =>
    (await execute(docker, args, { cwd: repository, env: environment, maxBuffer: 2 ** 26 })).stdout.trim();
  const compose = (...args: string[]) =>
    run('compose', '--project-name', project, '--env-file', '.env.example', ...args);
  const inside = (service: string, ...command: string[]) => compose('exec', '-T', service, ...command);
  const ask = (method: string, url: string, init: RequestInit = {}) =>
    fetch(url, { method, redirect: 'manual', ...init });
  const add = (operador1: number, operador2: number) =>
    ask('POST', site + paths.sum, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nome: 'Ana Lúcia', operador1, operador2 }),
    });

  beforeAll(async () => {
    for (const { name } of images) await buildImage(name);
    const [mysqlPort, apiPort, sitePort] = [await freePort(), await freePort(), await freePort()];
    Object.assign(environment, { MYSQL_PORT: `${mysqlPort}`, API_PORT: `${apiPort}`, SITE_PORT: `${sitePort}` });
    site = `http://127.0.0.1:${sitePort}`;
    api = `http://127.0.0.1:${apiPort}`;
    await compose('up', '--wait', '--no-build').catch(async (error) => {
      throw new Error(`The containers did not become healthy:\n${await compose('logs')}`, { cause: error });
    });
  }, 900_000);

  afterAll(async () => {
    await compose('down', '--volumes');
  });

  test('a sum sent to the port of the site reaches the API and is stored in MySQL', async () => {
    const answer = await add(5, 10);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ resultado: 15 });

    const select = 'SELECT nome, operador1, operador2 FROM operacoes';
    const client = 'MYSQL_PWD="$MYSQL_PASSWORD" mysql --default-character-set=utf8mb4 --skip-column-names';
    const rows = await inside(
      'mysql',
      'sh',
      '-c',
      `${client} --host=127.0.0.1 --user="$MYSQL_USER" --execute="${select}" "$MYSQL_DATABASE"`,
    );
    expect(rows.split('\n')).toEqual(['Ana Lúcia\t5\t10']);
  });

  test('answers of the API arrive unchanged, without the headers of the site', async () => {
    const [direct, proxied] = await Promise.all([fetch(api + paths.sum), fetch(site + paths.sum)]);
    expect(await proxied.text()).toBe(await direct.text());
    for (const name of ['content-type', 'content-security-policy', 'cache-control', 'permissions-policy']) {
      expect([name, proxied.headers.get(name)]).toEqual([name, direct.headers.get(name)]);
    }
  });

  test.each(images)('$name runs as an unprivileged user, on a read-only root', async ({ name, user }) => {
    const status = await inside(name, 'cat', '/proc/1/status');
    expect(status).toMatch(new RegExp(`^Uid:\\s+${user}\\s`, 'm'));
    expect(status).toMatch(/^CapBnd:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    await expect(inside(name, 'touch', '/written')).rejects.toThrow(/Read-only file system/);
  });

  test.each(images)('$name names its user by number, and contains no secret', async ({ name, user }) => {
    const [image] = JSON.parse(await run('image', 'inspect', name));
    expect(image.Config.User).toBe(`${user}:${user}`);
    const variables: string[] = image.Config.Env;
    expect(variables.filter((variable) => /password|secret|token|^DB_/i.test(variable))).toEqual([]);
  });

  test.each(images)('$name adds little to its base image', async ({ name, limit }) => {
    const base = (await dockerfile(name))
      .match(/^FROM (\S+:\S+)/gm)
      ?.at(-1)
      ?.slice('FROM '.length);
    const size = async (image: string) => Number(await run('image', 'inspect', '--format={{.Size}}', image));
    const added = (await size(name)) - (await size(String(base)));
    process.stdout.write(`${name} adds ${(added / 1e6).toFixed(1)} MB to ${base}\n`);
    expect(added).toBeLessThan(limit);
  });

  test('the image of the API contains its program and its production dependencies, and nothing else', async () => {
    expect((await inside('calculadora-api', 'ls', '-A', '/app')).split('\n')).toEqual([
      'dist',
      'node_modules',
      'package.json',
    ]);
    const packages = (await inside('calculadora-api', 'ls', '/app/node_modules/.pnpm')).split('\n');
    process.stdout.write(`calculadora-api has ${packages.length} packages in its node_modules\n`);
    const development = /^(@biomejs|@swc|cdktf|fast-check|jest|node@|pino-pretty|typescript|vite)/;
    expect(packages.filter((name) => development.test(name))).toEqual([]);
  });

  describe('the site', () => {
    let page: Response;

    beforeAll(async () => {
      page = await ask('GET', `${site}${paths.site}/`);
    });

    test('the page is revalidated each time, and not sent again while it is unchanged', async () => {
      expect(page.status).toBe(200);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      const unchanged = await ask('GET', page.url, { headers: { 'if-none-match': String(page.headers.get('etag')) } });
      expect(unchanged.status).toBe(304);
    });

    test('the page may use its own inline script and style, and no other', async () => {
      const html = await page.text();
      const policy = String(page.headers.get('content-security-policy'));
      for (const name of ['script', 'style']) {
        const inline = [...html.matchAll(new RegExp(`<${name}[^>]*>(.*?)</${name}>`, 'gs'))];
        expect(inline.length).toBeGreaterThan(0);
        const allowed = new RegExp(`${name}-src ([^;]*);`).exec(policy)?.[1]?.split(' ');
        const hashes = inline.map(([, text = '']) => createHash('sha256').update(text).digest('base64'));
        expect(allowed).toEqual(hashes.map((hash) => `'sha256-${hash}'`));
      }
    });

    test('an unknown address gets our own error page, which is not cached', async () => {
      const missing = await ask('GET', `${site}${paths.site}/missing`);
      expect(missing.status).toBe(404);
      expect(missing.headers.get('cache-control')).toBe('no-cache');
      expect(await missing.text()).toContain('Página não encontrada');
    });

    test('text is sent precompressed', async () => {
      for (const url of [page.url, `${page.url}missing`, `${page.url}favicon.svg`]) {
        const answer = await ask('HEAD', url, { headers: { 'accept-encoding': 'gzip' } });
        expect(answer.headers.get('content-encoding')).toBe('gzip');
        expect(answer.headers.get('vary')).toBe('Accept-Encoding');
      }
    });

    test('every answer, even an error, has the security headers', async () => {
      for (const path of ['', '/', '/health', '/missing', '/favicon.svg']) {
        const { headers } = await ask('GET', site + paths.site + path);
        const policy = String(headers.get('content-security-policy'));
        expect(policy).toContain("default-src 'none'; script-src 'sha256-");
        expect(policy).not.toContain('unsafe');
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('referrer-policy')).toBe('no-referrer');
        expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
        expect(headers.get('permissions-policy')).toContain('camera=()');
        expect(headers.get('server')).toBe('nginx');
      }
    });

    test.each(['/', paths.site])('%s redirects to the page, whatever the port and the scheme', async (path) => {
      const answer = await ask('GET', site + path);
      expect(answer.headers.get('location')).toBe(`${paths.site}/`);
    });

    test('a log line describes the request, but not who sent it', async () => {
      await ask('GET', `${site}${paths.site}/logged?nome=Maria`, { headers: { 'user-agent': 'browser-of-maria' } });
      await ask('GET', site + paths.siteHealth);
      const lines = (await compose('logs', '--no-log-prefix', 'magic-calculator')).split('\n');
      const line = JSON.parse(lines.find((text) => text.includes('/logged')) ?? '{}');
      expect(line).toMatchObject({ method: 'GET', path: '/frontend/logged', status: 404 });
      expect(Object.keys(line)).toEqual(['time', 'requestId', 'method', 'path', 'status', 'bytes', 'seconds']);
      expect(lines.filter((text) => text.includes(paths.siteHealth))).toEqual([]);
    });

    test('nothing is proxied without the file that Compose adds', async () => {
      expect(
        await run('run', '--rm', '--network=none', '--entrypoint=ls', 'magic-calculator', '/etc/nginx'),
      ).not.toMatch(/server\.d/);
    });
  });

  // Last, because the containers are stopped afterwards.
  test.each(images)(
    '$name shuts down gracefully, in time and with exit code 0, and still serves idle connections',
    async ({ name }) => {
      const container = await compose('ps', '--quiet', name);
      const url = name === 'calculadora-api' ? api + paths.sum : `${site}${paths.site}/`;
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await askBy(agent, url);

      const start = performance.now();
      const stopped = compose('stop', name);
      await sleep(1_000);
      expect(await askBy(agent, url)).toEqual({ status: 200, connection: 'close', isReused: true });
      await stopped;
      expect(performance.now() - start).toBeLessThan(14_000);
      expect(await run('inspect', '--format={{.State.ExitCode}}', container)).toBe('0');
    },
  );
});

/** Sends a request on a connection of the agent. */
async function askBy(agent: Agent, url: string) {
  const outgoing = request(url, { agent }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  await text(response);
  return { status: response.statusCode, connection: response.headers.connection, isReused: outgoing.reusedSocket };
}

/** Path of Docker's client, if it has Compose and reaches an engine. */
function usableDocker(): string | undefined {
  const docker = findTool('docker');
  const works = (...args: string[]) =>
    docker !== undefined && spawnSync(docker, args, { stdio: 'ignore' }).status === 0;
  return works('compose', 'version') && works('version') ? docker : undefined;
}
