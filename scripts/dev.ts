/**
 * `pnpm dev`: the API and the site with reload, in one terminal. Ctrl-C ends both.
 *
 * Settings: PORT (the API's, 7000), SITE_PORT (the site's, 5000), and all that the API itself reads; without DB_HOST the
 * operations go to an SQLite file in .data/.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import concurrently from 'concurrently';

// Not from the contract: this program runs before anything else is known to work, and tells the ports to the others.
const apiPort = Number(process.env.PORT ?? 7000);
const sitePort = Number(process.env.SITE_PORT ?? 5000);
const apiUrl = `http://localhost:${apiPort}`;
const siteUrl = `http://localhost:${sitePort}/frontend/`;
const root = resolve(import.meta.dirname, '..');
const dataFile = resolve(root, process.env.DB_FILE ?? '.data/calculadora.sqlite');

for (const [port, variable] of [
  [apiPort, 'PORT'],
  [sitePort, 'SITE_PORT'],
] as const) {
  if (!(await isFree(port))) {
    console.error(`A porta ${port} já está em uso: encerre quem a usa, ou escolha outra com ${variable}=NÚMERO.`);
    console.error(`Port ${port} is in use: stop what uses it, or choose another with ${variable}=NUMBER.`);
    process.exit(1);
  }
}

// `node --run` starts a package's script without another pnpm in between, so that Ctrl-C reaches the program itself.
const { commands, result } = concurrently(
  [
    {
      name: 'api',
      command: 'node --run dev',
      cwd: `${root}/apps/calculadora-api`,
      env: { PORT: String(apiPort), DB_FILE: dataFile },
      prefixColor: 'cyan',
    },
    {
      name: 'site',
      command: `node --run dev -- --port ${sitePort}`,
      cwd: `${root}/apps/magic-calculator`,
      env: { API_URL: apiUrl },
      prefixColor: 'magenta',
    },
  ],
  { killOthersOn: ['failure', 'success'], prefix: 'name' },
);
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (stopping = true));
// concurrently finds the programs that it ends by `ps`, which small images of Debian lack.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.syscall !== 'spawn ps') throw error;
  // Ctrl-C has reached all of them already; if one of them ended by itself, the other is told here.
  if (!stopping) for (const { pid, exited } of commands) if (pid !== undefined && !exited) endTree(pid);
});
void result.then(
  () => process.exit(0),
  () => process.exit(stopping ? 0 : 1),
);

await Promise.all([answers(`${apiUrl}/backend`), answers(siteUrl)]);
const database = process.env.DB_HOST ? `MySQL em / at ${process.env.DB_HOST}` : dataFile;
console.log(`
  Site          ${siteUrl}
  API           ${apiUrl}/backend
  Docs          ${apiUrl}/backend/docs
  Dados / Data  ${database}

  Ctrl-C encerra tudo / stops everything.
`);

/** Whether nothing listens on the port, on this machine's own address or on all of them. */
async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::']) {
    const server = createServer();
    try {
      server.listen({ port, host, exclusive: true });
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    } finally {
      server.close();
    }
  }
  return true;
}

/** Waits until the address answers, or one of the two programs has ended and there is nothing to wait for. */
async function answers(url: string): Promise<void> {
  while (commands.every((command) => !command.exited)) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await setTimeout(100);
  }
}

/** Ends a program and all that it started, by what Linux says of them. */
function endTree(pid: number): void {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    for (const child of children.match(/\d+/g) ?? []) endTree(Number(child));
    process.kill(pid);
  } catch (error) {
    // It has ended already.
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
