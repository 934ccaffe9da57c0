/**
 * `pnpm dev`: all applications with reload, in one terminal. Ctrl-C ends them.
 *
 * Settings: the ports, by the variables that the applications name (PORT, SITE_PORT), and all that the applications
 * themselves read; without DB_HOST their rows go to SQLite files in .data/.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { prettyFactory } from 'pino-pretty';
import type { Application } from 'platform';
import { applications } from 'platform/applications';

/** Milliseconds that the programs have to end by themselves: longer than the API takes at most. */
const patience = 12_000;
const root = resolve(import.meta.dirname, '..');

/** The page that visitors come to leads the list. */
const parts = applications
  .toSorted((one, other) => Number(other.homePage !== undefined) - Number(one.homePage !== undefined))
  .map((application) => {
    const { port, file } = application.dev.variables;
    return { application, variable: port, port: readPort(port, application.port), file: fileOf(application, file) };
  });
for (const { port, variable } of parts) {
  const other = parts.find((some) => some.port === port && some.variable !== variable);
  if (other) {
    refuse(
      `${variable} e ${other.variable} têm o mesmo valor, ${port}: cada aplicação precisa de uma porta só sua.`,
      `${variable} and ${other.variable} are both ${port}: each application needs a port of its own.`,
    );
  }
  if (!(await isFree(port))) {
    refuse(
      `A porta ${port} já está em uso: encerre o programa que a usa, ou escolha outra com ${variable}=NÚMERO.`,
      `Port ${port} is in use: stop what uses it, or choose another with ${variable}=NUMBER.`,
    );
  }
}

const colorize = process.stdout.hasColors?.() ?? false;
const pretty = prettyFactory({ colorize, ignore: 'pid,hostname', singleLine: true });
const colours = ['magenta', 'cyan', 'green', 'yellow', 'blue'] as const;
const startedBy = ancestors();

const programs = parts.map(({ application: { dev, name }, file, port }, index) => {
  const place = { port, file: file ?? '', addressOf };
  return start(name, colours[index % colours.length] ?? 'cyan', {
    folder: `${root}/apps/${name}`,
    args: dev.args(place),
    env: dev.env(place),
  });
});

let isEnding = false;
// Not once: one Ctrl-C can come both from the terminal and from pnpm.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0));
for (const program of programs) program.once('exit', () => end(1));
// npx and shells end by a signal without passing it on.
setInterval(() => ancestors() !== startedBy && end(0), 500).unref();
killAtTheEnd(programs.flatMap(({ pid }) => pid ?? []));

await Promise.all(
  parts.map(({ application: { dev, name } }) => answers(addressOf(name) + (dev.pages[0]?.path ?? '/'))),
);
if (!isEnding) {
  const pages = parts.flatMap(({ application: { dev, name } }) =>
    dev.pages.map(({ title, path }) => [title, addressOf(name) + path]),
  );
  const data = process.env.DB_HOST
    ? [['Dados / Data', `MySQL em / at ${process.env.DB_HOST}`]]
    : parts.flatMap(({ file }) => (file ? [['Dados / Data', file]] : []));
  const lines = [...pages, ...data].map(([title = '', value]) => `  ${title.padEnd(12)}  ${value}`);
  console.log(`\n${lines.join('\n')}\n\n  Ctrl-C encerra tudo / stops everything.\n`);
}

/** `http://localhost:PORT` of an application. @throws if there is no such application */
function addressOf(name: string): string {
  const part = parts.find(({ application }) => application.name === name);
  if (part === undefined) throw new Error(`There is no application ${name}`);
  return `http://localhost:${part.port}`;
}

/** Path of the SQLite file of an application that has a database. */
function fileOf({ database }: Application, variable = ''): string | undefined {
  return database && resolve(root, process.env[variable] ?? `.data/${database}.sqlite`);
}

interface ProgramOptions {
  readonly folder: string;
  /** Of Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a program whose lines are shown behind its name. It is in a process group of its own: Ctrl-C reaches this program
 * alone, which ends the others by one signal each. The API would take a second one as a wish to be ended at once.
 */
function start(name: string, colour: (typeof colours)[number], { folder, args, env }: ProgramOptions): ChildProcess {
  const program = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env, ...(colorize && { FORCE_COLOR: '1' }) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const prefix = styleText(colour, `[${name}]`, { stream: process.stdout });
  for (const input of [program.stdout, program.stderr]) {
    createInterface({ input }).on('line', (text) => {
      for (const line of pretty(text).trimEnd().split('\n')) console.log(`${prefix} ${line}`);
    });
  }
  return program;
}

/**
 * The programs that started this one, such as sh, pnpm and npx, up to the first of this session. Systems other than Linux
 * tell of the last one alone.
 */
function ancestors(): string {
  const found = [process.ppid];
  for (let id = process.ppid; ; ) {
    const { parent, session } = status(id);
    if (parent === undefined || session !== status(process.pid).session) return found.join();
    found.push(parent);
    id = parent;
  }
}

/** What Linux tells of a process, in the order of proc(5): after the name, in brackets, come state, parent, group and session. */
function status(id: number): { parent?: number; session?: number } {
  try {
    const [, parent, , session] = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { parent: Number(parent), session: Number(session) };
  } catch {
    return {};
  }
}

/** Ends all programs, by force if they do not end by themselves, and then this one. */
async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  const ends = programs.filter(isRunning).map((program) => once(program, 'close'));
  // The programs alone, not their groups: Node's watcher passes the signal on to what it watches.
  for (const program of programs) program.kill('SIGTERM');
  await Promise.race([Promise.all(ends), sleep(patience)]);
  process.exit(code);
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/**
 * Kills process groups once this program has ended, however it did: a small shell waits for the end of its input, which comes
 * even if this program is killed.
 */
function killAtTheEnd(groups: readonly number[]): void {
  const script = `trap '' INT TERM HUP; read -r end; kill -s KILL -- ${groups.map((id) => -id).join(' ')}`;
  const shell = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
}

/** The port that a variable names. */
function readPort(variable: string, otherwise: number): number {
  const text = process.env[variable] || String(otherwise);
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  return refuse(
    `${variable}=${text} não é uma porta: escolha um número de 1 a 65535.`,
    `${variable}=${text} is not a port: choose a number from 1 to 65535.`,
  );
}

/** Ends this program with a sentence in each language. */
function refuse(portuguese: string, english: string): never {
  console.error(`${portuguese}\n${english}`);
  process.exit(1);
}

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

/** Waits until the address answers, or there is nothing to wait for any more. */
async function answers(url: string): Promise<void> {
  while (!isEnding) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await sleep(100);
  }
}
