import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.ts';
import { freePort } from '../../../test/support/ports.ts';

const vite = join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin/vite.js');

test('the development server ends if its port is in use, because developers know no other address', async () => {
  const other = createServer().listen(0, 'localhost');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const server = spawn(process.execPath, [vite, '--port', port], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'ignore', 'pipe'],
    // It should end by itself. This is only a safeguard.
    timeout: 60_000,
  });
  const [errors, [code]] = await Promise.all([text(server.stderr), once(server, 'close')]);
  other.close();
  expect(errors).toContain(`Port ${port} is already in use`);
  expect(code).toBe(1);
});

test('the development server has the redirects, the pages, the API and the status page of an environment', async () => {
  // Stands in for both.
  const other = createHttpServer(async (request, response) => {
    response.end(`${request.method} ${request.url} ${await text(request)}`);
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const port = await freePort();
  const server = spawn(process.execPath, [vite, '--host', '127.0.0.1', '--port', String(port)], {
    cwd: join(import.meta.dirname, '..'),
    stdio: 'ignore',
    env: { ...process.env, API_URL: address, STATUS_URL: address },
  });
  process.once('exit', () => server.kill('SIGKILL'));
  const get = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init });
    return { status: answer.status, location: answer.headers.get('location'), body: await answer.text() };
  };
  try {
    await eventually(async () => (await get('/frontend/')).status === 200);
    expect(await get('/')).toMatchObject({ status: 302, location: '/frontend/' });
    expect(await get('/?a=b')).toMatchObject({ status: 302, location: '/frontend/' });
    expect(await get('/frontend')).toMatchObject({ status: 308, location: '/frontend/' });
    expect((await get('/frontend/?a=b')).body).toMatch(/<input[^>]* name="nome"/);
    expect(await get('/frontend/anything')).toEqual({
      status: 404,
      location: null,
      body: expect.stringContaining('<h1>Página não encontrada</h1>'),
    });
    const sum = { method: 'POST', body: '{"nome":"Ana"}' };
    expect(await get('/backend', sum)).toMatchObject({ status: 200, body: 'POST /backend {"nome":"Ana"}' });
    expect(await get('/backend/docs')).toMatchObject({ body: 'GET /backend/docs ' });
    expect(await get('/status/figures.json')).toMatchObject({ body: 'GET /status/figures.json ' });
  } finally {
    const ended = once(server, 'exit');
    server.kill();
    await ended;
    other.close().closeAllConnections();
  }
});

test('nobody else in the network reaches the development server, and the build is for the oldest supported browsers', () => {
  // Vite cannot read its configuration within jest.
  const program = `import { resolveConfig } from 'vite';
const { server } = await resolveConfig({}, 'serve');
const { build } = await resolveConfig({}, 'build');
console.log(JSON.stringify([server.host ?? 'localhost', build.target]));`;
  const options = { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' } as const;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], options);
  expect(JSON.parse(output)).toEqual(['localhost', ['chrome109', 'edge109', 'firefox115', 'safari16.4']]);
});
