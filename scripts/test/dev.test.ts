import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../../test/support/eventually.ts';
import { freePort } from '../../test/support/ports.ts';

const root = resolve(import.meta.dirname, '../..');
let dev: ChildProcess;
let output: string;

/** Starts `pnpm dev` in a process group of its own, so that a signal to the group is what Ctrl-C is in a terminal. */
function startDev(env: Record<string, string>) {
  output = '';
  dev = spawn(process.execPath, ['scripts/dev.ts'], {
    cwd: root,
    detached: true,
    // pnpm puts the programs of the packages on the path of its scripts.
    env: { PATH: `${root}/node_modules/.bin:${process.env.PATH}`, ...env },
  });
  for (const stream of [dev.stdout, dev.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
}

afterEach(() => {
  if (dev.exitCode === null && dev.pid) process.kill(-dev.pid, 'SIGKILL');
});

test('one command starts both, the row outlives a restart, and one Ctrl-C ends all of it', async () => {
  const [api, site] = [await freePort(), await freePort()];
  const file = join(await mkdtemp(join(tmpdir(), 'dev-')), 'operations.sqlite');
  const post = () =>
    fetch(`http://localhost:${site}/backend`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nome: 'Wander', operador1: 5, operador2: 10 }),
    });

  startDev({ PORT: String(api), SITE_PORT: String(site), DB_FILE: file });
  await eventually(async () => output.includes('Ctrl-C'));
  expect(output).toContain(`http://localhost:${site}/frontend/`);
  expect(output).toContain(`http://localhost:${api}/backend`);
  expect(output).toContain(file);
  expect(await (await fetch(`http://localhost:${site}/frontend/`)).text()).toContain('Magic Calculator');
  await eventually(async () => (await post()).ok);

  process.kill(-(dev.pid ?? 0), 'SIGINT');
  expect((await once(dev, 'exit'))[0]).toBe(0);
  for (const port of [api, site]) await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow();

  const { DatabaseSync } = await import('node:sqlite');
  const rows = new DatabaseSync(file).prepare('select nome, operador1, operador2 from operacoes').all();
  expect(rows).toEqual([{ nome: 'Wander', operador1: 5, operador2: 10 }]);
});

// It finds the site's process in /proc.
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('when the site ends by itself, the API is ended too, and the command fails', async () => {
  const [api, site] = [await freePort(), await freePort()];
  const file = join(await mkdtemp(join(tmpdir(), 'dev-')), 'operations.sqlite');
  startDev({ PORT: String(api), SITE_PORT: String(site), DB_FILE: file });
  await eventually(async () => output.includes('Ctrl-C'));

  process.kill(programWith('vite', String(site)), 'SIGKILL');
  expect((await once(dev, 'exit'))[0]).toBe(1);
  await expect(fetch(`http://localhost:${api}/`)).rejects.toThrow();
});

test('a port in use gets one clear sentence in each language, and no stack trace', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const port = String((taken.address() as { port: number }).port);
  startDev({ PORT: String(await freePort()), SITE_PORT: port });
  const [code] = await once(dev, 'exit');
  taken.close();
  expect(code).toBe(1);
  expect(output.trim().split('\n')).toEqual([
    `A porta ${port} já está em uso: encerre quem a usa, ou escolha outra com SITE_PORT=NÚMERO.`,
    `Port ${port} is in use: stop what uses it, or choose another with SITE_PORT=NUMBER.`,
  ]);
});

/** The id of the program that Node runs with such a file and argument. */
function programWith(file: string, argument: string): number {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = ids.find((id) => {
    const [program = '', ...args] = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
    return program.endsWith('node') && args[0]?.includes(file) && args.includes(argument);
  });
  return Number(found);
}
