import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, utimes } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../test/support/eventually.ts';
import { freePort } from '../../test/support/ports.ts';

const root = resolve(import.meta.dirname, '../..');
const itself = [process.execPath, 'scripts/dev.ts'];
let dev: ChildProcess;
let output: string;

/** Has a shell, but none of the programs that list processes: small images lack them. */
let bareFolder: string;

beforeAll(async () => {
  bareFolder = await mkdtemp(join(tmpdir(), 'bare-'));
  await symlink('/bin/sh', join(bareFolder, 'sh'));
});
afterAll(() => rm(bareFolder, { recursive: true }));

/** Starts `pnpm dev` in its own process group, so that a signal to the group acts like Ctrl-C in a terminal. */
function startDev(env: Record<string, string>, command: string[] = itself) {
  const [program, ...args] = command;
  output = '';
  const started = spawn(String(program), args, { cwd: root, detached: true, env: { PATH: bareFolder, ...env } });
  dev = started;
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      // The one of the previous test may still have something to say.
      if (dev === started) output += text;
    });
  }
}

/**
 * Starts it with its own ports and SQLite file, and waits until all programs answer. Another program may take a free port
 * before it is used, so it is tried again with other ports.
 */
async function startReady(command?: string[]) {
  for (let attempt = 1; ; attempt++) {
    const [api, site, status, traces] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const file = join(await mkdtemp(join(tmpdir(), 'dev-')), 'operations.sqlite');
    const ports = {
      PORT: String(api),
      SITE_PORT: String(site),
      STATUS_PORT: String(status),
      TRACES_PORT: String(traces),
    };
    startDev({ ...ports, DB_FILE: file }, command);
    await eventually(async () => output.includes('Ctrl-C') || dev.exitCode !== null);
    if (output.includes('Ctrl-C')) return { api, site, traces, file };
    if (attempt === 3) throw new Error(output);
  }
}

const isFree = (port: number) =>
  fetch(`http://localhost:${port}/`).then(
    () => false,
    () => true,
  );

afterEach(() => {
  if (dev.exitCode === null && dev.signalCode === null && dev.pid) process.kill(-dev.pid, 'SIGKILL');
});

test('one command starts both, one Ctrl-C stops everything, and the stored row survives', async () => {
  const { api, site, file } = await startReady();
  const post = () =>
    fetch(`http://localhost:${site}/backend`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nome: 'Wander', operador1: 5, operador2: 10 }),
    });

  expect(output).toContain(`http://localhost:${site}/frontend/`);
  expect(output).toContain(`http://localhost:${api}/backend`);
  expect(output).toContain(file);
  expect(await (await fetch(`http://localhost:${site}/frontend/`)).text()).toContain('Magic Calculator');
  await eventually(async () => {
    const figures = await (await fetch(`http://localhost:${site}/status/figures.json`)).json();
    const { parts } = figures as { parts: object };
    const works = { state: 'works', since: expect.any(String), alarms: [] };
    expect(parts).toEqual({ 'magic-calculator': works, 'calculadora-api': works, database: works });
    return true;
  });
  for (const path of ['/status', '/status/']) {
    expect(await (await fetch(`http://localhost:${site}${path}`)).text()).toContain('<title>Status</title>');
  }
  await eventually(async () => (await post()).ok);

  // The API may already have restarted: its watcher also notices that another program links to a dependency's file.
  output = '';
  // The API does not end before this request does.
  const busy = connect(api, 'localhost');
  const head = ['POST /backend HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Content-Length: 9'];
  busy.write(`${[...head, 'Expect: 100-continue'].join('\r\n')}\r\n\r\n`);
  expect(String(await once(busy, 'data'))).toContain('100 Continue');
  // Two signals: one from the terminal, and the same one passed on by pnpm, perhaps later.
  process.kill(-(dev.pid ?? 0), 'SIGINT');
  await eventually(async () => output.includes('Ending'));
  process.kill(-(dev.pid ?? 0), 'SIGINT');
  busy.destroy();
  expect((await once(dev, 'exit'))[0]).toBe(0);
  expect([await isFree(api), await isFree(site)]).toEqual([true, true]);
  expect(output.match(/Ending|second/g)).toEqual(['Ending']);

  const { DatabaseSync } = await import('node:sqlite');
  const rows = new DatabaseSync(file).prepare('select nome, operador1, operador2 from operacoes').all();
  expect(rows).toEqual([{ nome: 'Wander', operador1: 5, operador2: 10 }]);
});

test('the log is readable, traces are on a page, bare addresses redirect as in production, and a change takes effect', async () => {
  const { site, traces } = await startReady();
  await eventually(async () => output.includes('The database is ready'));
  expect(output).toMatch(/^\[calculadora-api\] \[\d\d:\d\d:\d\d\.\d{3}\] INFO: The database is ready/m);
  expect(output).not.toContain('"level":');
  for (const [path, status] of [
    ['/', 302],
    ['/?from=mail', 302],
    ['/frontend', 308],
    ['/frontend?from=mail', 308],
  ] as const) {
    const answer = await fetch(`http://localhost:${site}${path}`, { redirect: 'manual' });
    expect([path, answer.status, answer.headers.get('location')]).toEqual([path, status, '/frontend/']);
  }
  const missing = await fetch(`http://localhost:${site}/frontend/anything`);
  expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('Página não encontrada')]);

  const address = `http://localhost:${traces}/`;
  expect(output).toContain(address);
  expect(await (await fetch(address)).text()).toContain('<h1>Rastros / Traces</h1>');
  const sum = () =>
    fetch(`http://localhost:${site}/backend`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nome: 'Wander', operador1: 5, operador2: 10 }),
    });
  await eventually(async () => (await sum()).ok);
  await eventually(async () => {
    const text = await (await fetch(`${address}traces.json`)).text();
    const latest = (JSON.parse(text) as { service: string; name: string }[][]).flat();
    return latest.some(({ service, name }) => service === 'calculadora-api' && name === 'INSERT operacoes');
  });

  // A change to the API's source takes effect. A new time is a change for the watcher, but not for git.
  output = '';
  await utimes(join(root, 'apps/calculadora-api/src/domain/sum.ts'), new Date(), new Date());
  await eventually(async () => output.includes('The database is ready'));
});

// These tests look up processes and their parents in /proc.
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('if the site exits, the API is stopped too, and the command fails', async () => {
  const { api, site } = await startReady();
  process.kill(programWith('vite', String(site)), 'SIGKILL');
  expect((await once(dev, 'exit'))[0]).toBe(1);
  expect(await isFree(api)).toBe(true);
});

const throughShells = ['sh', '-c', `sh -c '${process.execPath} scripts/dev.ts; exit'; exit`];

onLinux.each<[NodeJS.Signals, string, string[]]>([
  ['SIGTERM', 'it', itself],
  ['SIGHUP', 'it', itself],
  ['SIGKILL', 'it', itself],
  ['SIGTERM', 'its grandparent', throughShells],
  ['SIGKILL', 'its grandparent', throughShells],
])('%s to %s leaves nothing running', async (signal, _, command) => {
  const { api, site } = await startReady(command);
  dev.kill(signal);
  await eventually(async () => (await isFree(api)) && (await isFree(site)));
  await eventually(async () => Number.isNaN(programWith('vite', String(site))));
});

test.each([
  [{ PORT: 'abc' }, 'PORT=abc não é uma porta', 'PORT=abc is not a port'],
  [{ PORT: '0' }, 'PORT=0 não é uma porta', 'PORT=0 is not a port'],
  [{ SITE_PORT: '65536' }, 'SITE_PORT=65536 não é uma porta', 'SITE_PORT=65536 is not a port'],
  [{ SITE_PORT: '-1' }, 'SITE_PORT=-1 não é uma porta', 'SITE_PORT=-1 is not a port'],
  [{ STATUS_PORT: 'x' }, 'STATUS_PORT=x não é uma porta', 'STATUS_PORT=x is not a port'],
  [{ TRACES_PORT: '0' }, 'TRACES_PORT=0 não é uma porta', 'TRACES_PORT=0 is not a port'],
  [{ PORT: '7001', SITE_PORT: '7001' }, 'SITE_PORT e PORT têm o mesmo valor, 7001', 'SITE_PORT and PORT are both 7001'],
  // Each has a port of its own where none is chosen.
  [{ SITE_PORT: '7000' }, 'SITE_PORT e PORT têm o mesmo valor, 7000', 'SITE_PORT and PORT are both 7000'],
  [{ SITE_PORT: '5001' }, 'SITE_PORT e STATUS_PORT têm', 'SITE_PORT and STATUS_PORT are both 5001'],
  [{ SITE_PORT: '4318' }, 'SITE_PORT e TRACES_PORT têm', 'SITE_PORT and TRACES_PORT are both 4318'],
  // Nothing listens for traces that go somewhere else.
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example', TRACES_PORT: 'x', STATUS_PORT: '0' },
    'STATUS_PORT=0 não é uma porta',
    'STATUS_PORT=0 is not a port',
  ],
])('%j is refused with one sentence in each language', async (env, portuguese, english) => {
  startDev(env);
  expect((await once(dev, 'close'))[0]).toBe(1);
  expect(output.trim().split('\n')).toEqual([expect.stringContaining(portuguese), expect.stringContaining(english)]);
});

test('a port in use gets one clear sentence in each language, and no stack trace', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const port = String((taken.address() as { port: number }).port);
  startDev({ PORT: String(await freePort()), SITE_PORT: port });
  const [code] = await once(dev, 'close');
  taken.close();
  expect(code).toBe(1);
  expect(output.trim().split('\n')).toEqual([
    `A porta ${port} já está em uso: encerre o programa que a usa ou escolha outra com SITE_PORT=NÚMERO.`,
    `Port ${port} is in use: stop the program that uses it, or choose another with SITE_PORT=NUMBER.`,
  ]);
});

test('pnpm checks packages against the Node that runs the scripts', () => {
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const [, nodeVersion] = /^nodeVersion: (\S+)$/m.exec(workspace) ?? [];
  expect(nodeVersion).toBe(/^ {2}node: (\d\S+)$/m.exec(workspace)?.[1]);
});

/** Id of the Node process with this file and argument; NaN if there is none. */
function programWith(file: string, argument: string): number {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = ids.find((id) => {
    const [program = '', ...args] = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
    return program.endsWith('node') && args[0]?.includes(file) && args.includes(argument);
  });
  return Number(found);
}
