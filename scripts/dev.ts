/**
 * `pnpm dev`: runs all applications with reload, in one terminal. Ctrl-C stops them.
 *
 * Settings: the ports, in the variables that the applications name (PORT, SITE_PORT), in STATUS_PORT and in TRACES_PORT,
 * and every setting of the applications themselves. Without DB_HOST, they store their data in SQLite files in .data/. Without
 * OTEL_EXPORTER_OTLP_ENDPOINT, a page shows their traces.
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
import { type Application, statusPath } from 'platform';
import { applications } from 'platform/applications';
import { both } from '../packages/command-line/src/index.ts';
import { startStatusPage } from './dev/status.ts';
import { startTraceViewer } from './dev/traces.ts';

/** Milliseconds that the programs have for a graceful shutdown: longer than the API's longest shutdown. */
const shutdownTimeout = 12_000;
const root = resolve(import.meta.dirname, '..');

/** The application with the home page comes first. */
const parts = applications
  .toSorted((one, other) => Number(other.homePage !== undefined) - Number(one.homePage !== undefined))
  .map((application) => {
    const { port, file } = application.dev.variables;
    return { application, variable: port, port: readPort(port, application.port), file: fileOf(application, file) };
  });
/** The standard port of OTLP over HTTP. Undefined if the traces go somewhere else. */
const traces = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  ? undefined
  : { variable: 'TRACES_PORT', port: readPort('TRACES_PORT', 4318) };
const statusPage = { variable: 'STATUS_PORT', port: readPort('STATUS_PORT', 5001) };
const ports = [...parts, statusPage, ...(traces ? [traces] : [])];
for (const { port, variable } of ports) {
  const other = ports.find((some) => some.port === port && some.variable !== variable);
  if (other) {
    refuse(
      `${variable} e ${other.variable} têm o mesmo valor, ${port}: cada aplicação precisa de uma porta só sua.`,
      `${variable} and ${other.variable} are both ${port}: each application needs a port of its own.`,
    );
  }
  if (!(await isFree(port))) {
    refuse(
      `A porta ${port} já está em uso: encerre o programa que a usa ou escolha outra com ${variable}=NÚMERO.`,
      `Port ${port} is in use: stop the program that uses it, or choose another with ${variable}=NUMBER.`,
    );
  }
}

const colorize = process.stdout.hasColors?.() ?? false;
const pretty = prettyFactory({ colorize, ignore: 'pid,hostname', singleLine: true });
const colours = ['magenta', 'cyan', 'green', 'yellow', 'blue'] as const;
const startedBy = ancestors();
const tracesAddress = traces && `http://localhost:${traces.port}`;
if (traces) await startTraceViewer(traces.port);
await startStatusPage(statusPage.port, addressOf);

const programs = parts.map(({ application: { dev, name }, file, port }, index) => {
  const place = { port, file: file ?? '', addressOf };
  return start(name, colours[index % colours.length] ?? 'cyan', {
    folder: `${root}/apps/${name}`,
    args: dev.args(place),
    env: {
      STATUS_URL: `http://localhost:${statusPage.port}`,
      ...(tracesAddress && { OTEL_EXPORTER_OTLP_ENDPOINT: tracesAddress }),
      ...dev.env(place),
    },
  });
});

let isEnding = false;
// `on`, not `once`: the signal of one Ctrl-C can come both from the terminal and from pnpm.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0));
for (const program of programs) program.once('exit', () => end(1));
// npx and shells exit on a signal without passing it on.
setInterval(() => ancestors() !== startedBy && end(0), 500).unref();
killAfterExit(programs.flatMap(({ pid }) => pid ?? []));

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
  const viewer = tracesAddress ? [['Rastros / Traces', `${tracesAddress}/`]] : [];
  const lines = [...pages, ['Status', `http://localhost:${statusPage.port}${statusPath}`], ...viewer, ...data].map(
    ([title = '', value]) => `  ${title.padEnd(16)}  ${value}`,
  );
  console.log(`\n${lines.join('\n')}\n\n  Ctrl-C encerra tudo / stops everything.\n`);
}

/** Address of an application, `http://localhost:PORT`. @throws if there is no such application */
function addressOf(name: string): string {
  const part = parts.find(({ application }) => application.name === name);
  if (part === undefined) throw new Error(`There is no application ${name}`);
  return `http://localhost:${part.port}`;
}

/** Path of an application's SQLite file. Undefined if it has no database. */
function fileOf({ database }: Application, variable = ''): string | undefined {
  return database && resolve(root, process.env[variable] ?? `.data/${database}.sqlite`);
}

interface ProgramOptions {
  readonly folder: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a program, and prefixes the lines of its output with its name. The program gets its own process group, so that
 * Ctrl-C reaches only this process, which then sends each program a single signal. On a second one, the API would exit
 * at once.
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
 * The processes that started this one, such as sh, pnpm and npx, up to the first of this session. Outside Linux, only
 * the parent is known.
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

/** Reads /proc/PID/stat. As proc(5) says, the name in brackets is followed by state, parent, group and session. */
function status(id: number): { parent?: number; session?: number } {
  try {
    const [, parent, , session] = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { parent: Number(parent), session: Number(session) };
  } catch {
    return {};
  }
}

/** Stops all programs and exits. `killAfterExit` then kills those that did not stop in time. */
async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  const ends = programs.filter(isRunning).map((program) => once(program, 'close'));
  // Only the programs, not their groups: Node's watcher passes the signal on to its child.
  for (const program of programs) program.kill('SIGTERM');
  await Promise.race([Promise.all(ends), sleep(shutdownTimeout)]);
  process.exit(code);
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/**
 * Kills process groups when this process exits, even if it is killed: a small shell waits for the end of its input,
 * which this process holds open.
 */
function killAfterExit(groups: readonly number[]): void {
  const script = `trap '' INT TERM HUP; read -r end; kill -s KILL -- ${groups.map((id) => -id).join(' ')}`;
  const shell = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
}

/** Reads a port from an environment variable. */
function readPort(variable: string, otherwise: number): number {
  const text = process.env[variable] || String(otherwise);
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  return refuse(
    `${variable}=${text} não é uma porta: escolha um número de 1 a 65535.`,
    `${variable}=${text} is not a port: choose a number from 1 to 65535.`,
  );
}

/** Exits with a message in both languages. */
function refuse(portuguese: string, english: string): never {
  console.error(both(portuguese, english));
  process.exit(1);
}

/** Whether the port is free, both on 127.0.0.1 and on all addresses. */
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

/** Waits until the address answers, or until the programs are being stopped. */
async function answers(url: string): Promise<void> {
  while (!isEnding) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await sleep(100);
  }
}
