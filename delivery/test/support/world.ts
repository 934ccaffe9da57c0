/**
 * The world around the process, as far as a command meets it: other programs, pauses, limits of time, the clock, the
 * files of a workflow's step and what people read. A command runs in this process, and all that it does to this world is
 * written down in its order, so that a test compares it whole: a wrong argument, a wrong unit, a lost input and a call
 * too many all show.
 */
import * as real from 'node:child_process';
import { EventEmitter } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { stringify } from 'yaml';
import { printed } from './github-lists.ts';
import { escaped, matches } from './patterns.ts';

const root = resolve(import.meta.dirname, '../../..');

/** What a program answers to a call. */
export interface Answer {
  /** The whole call, with `*` for any text, such as `gh api repos/*`. */
  readonly to: string;
  /** Standard output, or JSON. One for each call if it is a list of `turns`; the last one stays. */
  readonly prints?: unknown;
  readonly turns?: readonly unknown[];
  /**
   * Gives the standard output. What it throws is a failure.
   *
   * @param memory what is kept from call to call, and is empty when a command begins
   */
  readonly by?: (args: readonly string[], input: string, memory: Record<string, unknown>) => unknown;
  /** How many bytes it prints, where writing them here would take too long. */
  readonly bytes?: number;
  /** Standard error, and a failure. */
  readonly error?: string;
  /** Exit code. By default 1 with an error, and else 0. Null: a signal ended the program. */
  readonly code?: number | null;
  /** How many calls get this answer. By default all. */
  readonly times?: number;
  /** Happens while the program runs. */
  readonly does?: (() => void) | undefined;
  /** What a program that waits prints arrives in pieces, and not line by line. */
  readonly isTorn?: true;
  /** The program runs until it is ended. */
  readonly waits?: true;
}

/** What a command finds. */
export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** Files in the folder in which the command runs, by path. */
  readonly files?: Readonly<Record<string, string | object>>;
  /** The first that matches counts. A call without an answer fails. */
  readonly answers?: readonly Answer[];
  /** Programs that are not installed. */
  readonly without?: readonly string[];
  /** Seconds that each call of a program takes. */
  readonly each?: number;
  /** Whether every limit of time passes at once. */
  readonly isLate?: boolean;
  /** Calls that are not written down, because those of another situation are: with `*` for any text. */
  readonly hidden?: string;
  /** Objects on standard input are named only by their kinds. */
  readonly isShort?: boolean;
  /** Texts that differ from run to run, and what stands for them. */
  readonly called?: Readonly<Record<string, string>>;
}

/** When the commands run. */
const now = new Date('2026-11-28T01:15:30.000Z');
const programs = ['aws', 'docker', 'gh', 'git', 'kubectl', 'terraform'];
/** What they may say on standard error although they succeed. */
const warnings: Readonly<Record<string, string>> = {
  aws: 'urllib3 v2 only supports OpenSSL 1.1.1+',
  docker: 'WARNING: Error loading config file: config.json: permission denied',
  git: 'warning: unable to access .config/git/attributes: Permission denied',
  kubectl: 'Warning: would violate PodSecurity "restricted:latest": unrestricted capabilities',
};
/** A command with more calls or pauses hangs. */
const most = 400;

/** The world of the command that runs now. */
let world: World | undefined;

function current(): World {
  if (!world) throw new Error('No command runs');
  return world;
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  /** Bytes on standard output. */
  readonly size: number;
}

interface Options {
  readonly input?: string;
  readonly stdio?: string | readonly string[];
  readonly signal?: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeout?: number;
  readonly maxBuffer?: number;
  readonly encoding?: BufferEncoding | 'buffer';
}
/** Of these, what a program would notice is written down. With another one, more would have to be. */
const knownOptions = ['input', 'stdio', 'signal', 'cwd', 'env', 'timeout', 'maxBuffer', 'encoding'];

class World {
  readonly folder = realpathSync(mkdtempSync(join(os.tmpdir(), 'world-')));
  /** Connections. One that stays open keeps the process from ending. */
  readonly sockets: net.Socket[] = [];
  readonly #given: Given;
  readonly #lines: string[] = [];
  readonly #turns = new Map<Answer, number>();
  readonly #answered = new Map<Answer, number>();
  readonly #memory: Record<string, unknown> = {};
  #steps = 0;

  constructor(given: Given) {
    this.#given = given;
    for (const [name, content] of Object.entries(given.files ?? {})) {
      const path = join(this.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    }
    mkdirSync(join(this.folder, 'tmp'));
    const bin = join(this.folder, 'bin');
    mkdirSync(bin);
    for (const program of programs.filter((name) => !given.without?.includes(name))) {
      writeFileSync(join(bin, program), '');
      chmodSync(join(bin, program), 0o755);
    }
  }

  /** Writes something down. */
  note(line: string, more = ''): void {
    if (++this.#steps > most) throw new Error('The command does not end');
    this.#lines.push(
      line,
      ...(more === ''
        ? []
        : more
            .trimEnd()
            .split('\n')
            .map((each) => `    ${each}`)),
    );
  }

  /** Something that people read. */
  print(mark: string, text: string): void {
    for (const line of text.replace(/\n$/, '').split('\n')) this.#lines.push(`${mark} ${line}`);
  }

  /** Lets time pass. @param milliseconds of a pause */
  pause(milliseconds: number): void {
    this.note(`... ${seconds(milliseconds)}`);
    jest.setSystemTime(Date.now() + milliseconds);
  }

  limit(milliseconds: number): AbortSignal {
    this.note(`(at most ${seconds(milliseconds)})`);
    if (!this.#given.isLate) return new AbortController().signal;
    return AbortSignal.abort(new DOMException('It is late', 'TimeoutError'));
  }

  /** Writes a call down, and answers it. */
  call(program: string, args: readonly string[], { cwd, env, timeout, ...options }: Options, input: string): Answer {
    // Whether Terraform is, its own tests tell.
    const known = [...knownOptions, ...(program === 'terraform' ? ['detached'] : [])];
    const unknown = Object.keys(options).filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new TypeError(`An option that this world does not know: ${unknown}`);
    const call = [program, ...args].map((arg) => (/^[^\s'"]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');
    const isHidden = matches(this.#given.hidden ?? '', [program, ...args].join(' '));
    // Such as the credentials with which it logs in.
    const lost = env ? Object.keys(process.env).filter((name) => env[name] !== process.env[name]) : [];
    const more = [
      ...(cwd ? [`in ${cwd}`] : []),
      ...(timeout ? [`at most ${seconds(timeout)}`] : []),
      ...(lost.length > 0 ? [`without ${lost.length} variables`] : []),
    ].join(', ');
    if (!isHidden) this.note(`$ ${call}${more && ` (${more})`}`, this.#readable(input));
    const kustomization = program === 'kubectl' && args[0] === 'kustomize' && join(args[1] ?? '', 'kustomization.yaml');
    if (kustomization && !this.#given.isShort) {
      this.note('    kustomization.yaml:', this.#readable(readFileSync(kustomization, 'utf8')));
    }
    jest.setSystemTime(Date.now() + (this.#given.each ?? 0) * 1_000);
    const answer = this.#given.answers?.find(
      (each) =>
        matches(each.to, [program, ...args].join(' ')) && (this.#answered.get(each) ?? 0) < (each.times ?? most),
    );
    if (!answer) return { to: call, error: `${program}: this call has no answer`, code: 97 };
    this.#answered.set(answer, (this.#answered.get(answer) ?? 0) + 1);
    if (!options.signal?.aborted) answer.does?.();
    if (!answer.by) return answer;
    try {
      return { to: answer.to, prints: answer.by(args, input, this.#memory) };
    } catch (error) {
      return { to: answer.to, error: (error as Error).message };
    }
  }

  /**
   * What a program prints, and how it ends.
   *
   * @param warning what it says on standard error if it succeeds
   */
  ended(answer: Answer, warning = ''): Ended {
    const turn = this.#turns.get(answer) ?? 0;
    this.#turns.set(answer, turn + 1);
    const { bytes = 0, code, error, prints = '', turns = [prints] } = answer;
    const printed = turns[Math.min(turn, turns.length - 1)] ?? '';
    const stdout = asLines(typeof printed === 'string' ? printed : JSON.stringify(printed));
    const exit = code === undefined ? Number(error !== undefined) : code;
    return {
      stdout,
      size: Math.max(bytes, Buffer.byteLength(stdout)),
      stderr: asLines(error ?? (exit === 0 ? warning : '')),
      code: exit,
    };
  }

  #readable(input: string): string {
    try {
      const given = JSON.parse(input);
      if (!this.#given.isShort || given.kind === undefined) return stringify(given, { lineWidth: 0 });
      return (given.items ?? [given]).map(({ kind, metadata }: Named) => `${kind}/${metadata?.name}`).join('\n');
    } catch {
      return input;
    }
  }

  /** A file as people see it: what has lines of its own as it is, and JSON on one line in a form that has some. */
  #shown(content: string): string {
    return content.trimEnd().includes('\n') ? content.replace(/\n$/, '') : this.#readable(content).trimEnd();
  }

  /** All that was written down, and what is in the files that the command left. */
  report(code: number): string {
    const before = Object.keys(this.#given.files ?? {});
    const left = readdirSync(this.folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('/bin'))
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
      .toSorted((one, other) => Number(other === 'summary') - Number(one === 'summary') || (one < other ? -1 : 1));
    // What a step prints, it often writes to a file, too.
    const printed = this.#lines.flatMap((line) => (line.startsWith('| ') ? line.slice(2) : []));
    const output = left.includes('output')
      ? readFileSync(join(this.folder, 'output'), 'utf8').trimEnd().split('\n')
      : [];
    const isPrinted = (name: string, content: string) => {
      const rest = printed.slice(0, printed.length - output.length);
      if (printed.slice(rest.length).join() !== output.join()) return false;
      if (name === 'output') return true;
      return name === 'summary' && content.replaceAll('  \n', '\n').trimEnd() === rest.join('\n');
    };
    const shown = new Map<string, string>();
    const files = left.flatMap((name) => {
      const content = readFileSync(join(this.folder, name), 'utf8');
      const given = this.#given.files?.[name];
      if (before.includes(name) && content === (typeof given === 'string' ? given : JSON.stringify(given))) return [];
      if (isPrinted(name, content)) return [`--- ${name}: as printed`];
      // A file with the same content, or with the same report in both languages, is shown once.
      const same = [...shown].find(([other]) => other === content || other === `${reportIn(content)}\n`)?.[1];
      shown.set(content, name);
      return [`--- ${name}${same ? `: as ${same}` : ''}`, ...(same ? [] : [this.#shown(content)])];
    });
    const gone = before.filter((name) => !left.includes(name)).map((name) => `--- ${name} is gone`);
    const open = this.sockets.filter(({ destroyed }) => !destroyed).map(() => '--- a connection is open');
    const all = [...this.#lines, ...files, ...gone, ...open, `exit code ${code}`].join('\n').split('\n');
    // The way to the repository from a temporary folder: they may be in one folder.
    const way = relative(this.folder, root).replace(/^(\.\.\/)+/, '');
    const called = { [this.folder]: 'FOLDER', [root]: 'REPOSITORY', ...this.#given.called };
    return (
      Object.entries(called)
        .reduce(
          (text, [from, to]) => text.replaceAll(wholeWord(from), to),
          alike(all)
            .join('\n')
            .replaceAll(new RegExp(`(\\.\\./)+${way}(?=/)`, 'g'), 'REPOSITORY'),
        )
        // What is left in it is shown above.
        .replaceAll(/(?:FOLDER\/|(?<![\w/]))tmp\/([a-z]+)-\w{6}/g, '/tmp/$1-…')
    );
  }
}

/** The Markdown of a report that is stored in both languages. */
function reportIn(content: string): string | undefined {
  try {
    const { en, pt } = JSON.parse(content);
    return pt && en && `${pt}\n\n<details><summary>English</summary>\n\n${en}\n\n</details>`;
  } catch {
    return undefined;
  }
}

interface Named {
  readonly kind: string;
  readonly metadata?: { readonly name: string };
}

const seconds = (milliseconds: number) => `${milliseconds / 1_000} s`;

/** A text as a word of its own: the port 34567 is none in the commit 0123456789ab. */
const wholeWord = (text: string) => new RegExp(`(?<![0-9A-Za-z])${escaped(text)}(?![0-9A-Za-z])`, 'g');

/**
 * Lines, or groups of up to three, of which only the first two are left, if many in a row differ only in their numbers.
 * Long lines are cut.
 */
function alike(lines: readonly string[]): string[] {
  const forms = lines.map((line) => line.replaceAll(/\d+/g, '0'));
  const cut = (line: string) => (line.length > 2_000 ? `${line.slice(0, 60)}… (${line.length})` : line);
  const kept: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const found = [1, 2, 3]
      .map((length) => {
        let end = at + length;
        while (end < lines.length && forms[end] === forms[end - length]) end++;
        return { length, count: Math.floor((end - at) / length) };
      })
      .find(({ count }) => count > 5);
    const { count, length } = found && forms[at] !== '' ? found : { count: 1, length: 1 };
    kept.push(...lines.slice(at, at + length * Math.min(count, 2)).map(cut));
    if (count > 2) kept.push(`(${count - 2} more like these)`);
    at += count * length;
  }
  return kept;
}

/** What programs print ends with a line break. */
const asLines = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** As Node says that a program failed. Of its errors it knows only those that were read. */
function failure(
  program: string,
  args: readonly string[],
  { code, stderr, stdout }: Omit<Ended, 'size'>,
): real.ExecFileException {
  const error = new Error(`Command failed: ${[program, ...args].join(' ')}${stderr === '' ? '' : `\n${stderr}`}`);
  return Object.assign(error, { code: code ?? undefined, stderr, stdout }) as real.ExecFileException;
}

/** Where a program's input comes from, and where its output and its errors go. */
function streams(stdio: NonNullable<Options['stdio']>): readonly string[] {
  const all = typeof stdio === 'string' ? [stdio, stdio, stdio] : stdio;
  const unknown = all.filter((one) => !['pipe', 'ignore', 'inherit'].includes(one));
  if (unknown.length > 0) throw new TypeError(`The argument 'stdio' is invalid: ${unknown}`);
  return all;
}

/** What people see of a program whose output or errors nobody reads. */
function passOn(mark: string, to: string | undefined, text: string): void {
  if (to === 'inherit' && text !== '') current().print(mark, text);
}

function execFileSync(program: string, args: readonly string[] = [], options: Options = {}): string | Buffer {
  const [from, to, errors] = streams(options.stdio ?? ['pipe', 'pipe', 'inherit']);
  const answer = current().call(program, args, options, from === 'pipe' ? (options.input ?? '') : '');
  const { code, size, stderr, stdout: given } = current().ended(answer);
  const stdout = program === 'gh' && args[0] === 'api' && code === 0 ? printed(args, given) : given;
  passOn('|', to, stdout);
  passOn('!', errors, stderr);
  const read = { code, stdout: to === 'pipe' ? stdout : '', stderr: errors === 'pipe' ? stderr : '' };
  if (code !== 0) throw failure(program, args, read);
  if (size > (options.maxBuffer ?? 2 ** 20)) throw new Error(`spawnSync ${program} ENOBUFS`);
  const bytes = Buffer.from(read.stdout);
  return options.encoding && options.encoding !== 'buffer' ? bytes.toString(options.encoding) : bytes;
}

async function execFileAsync(program: string, args: readonly string[] = [], options: Options = {}): Promise<Ended> {
  const ended = current().ended(current().call(program, args, options, ''), warnings[program]);
  // Other calls may begin before this one ends.
  await new Promise(setImmediate);
  if (ended.code !== 0) throw failure(program, args, ended);
  if (ended.size > (options.maxBuffer ?? 2 ** 20)) throw new RangeError('stdout maxBuffer length exceeded');
  return ended;
}

/** Prints a text, and tears apart its first character that has several bytes, as a pipe may do. */
function inTwo(stream: PassThrough, text: string): void {
  const bytes = Buffer.from(text);
  const at = bytes.findIndex((byte) => byte > 127) + 1;
  if (at > 0) stream.write(bytes.subarray(0, at));
  stream.end(bytes.subarray(at));
}

/** Does something after so many turns of the event loop. */
function inTurns(turns: number, then: () => void): void {
  if (turns === 0) then();
  else setImmediate(() => inTurns(turns - 1, then));
}

function spawn(program: string, args: readonly string[] = [], options: Options = {}): real.ChildProcess {
  const [from, to, errors] = streams(options.stdio ?? 'pipe');
  let input = '';
  const child = Object.assign(new EventEmitter(), {
    stdin:
      from === 'pipe'
        ? new Writable({
            write(chunk, _, next) {
              input += chunk;
              next();
            },
          })
        : null,
    stdout: to === 'pipe' ? new PassThrough() : null,
    stderr: errors === 'pipe' ? new PassThrough() : null,
    kill: (signal = 'SIGTERM') => {
      current().note(`(${program} ${args[0]} gets ${signal})`);
      return true;
    },
  });
  const run = () => {
    const end = () => {
      current().note(`(${program} ${args[0]} is ended)`);
      child.emit('error', new DOMException('The operation was aborted', 'AbortError'));
    };
    if (options.signal?.aborted) return end();
    options.signal?.addEventListener('abort', end);
    const answer = current().call(program, args, options, input);
    // A program that refuses at once has not read its input.
    if (answer.error !== undefined && input !== '') child.stdin?.emit('error', new Error('write EPIPE'));
    const close = () => {
      // People read what the rollout says, and what is not a pipe.
      const isHeard = errors === 'pipe' && args[0] !== 'rollout';
      const { code, stderr, stdout } = current().ended(answer, isHeard ? warnings[program] : '');
      // It may be gone before what it printed is read.
      child.emit('exit', code, null);
      inTurns(1, () => {
        passOn('|', to, stdout);
        passOn('!', errors, stderr);
        if (child.stdout) inTwo(child.stdout, stdout);
        if (child.stderr) inTwo(child.stderr, stderr);
        inTurns(2, () => child.emit('close', code, null));
      });
    };
    if (!answer.waits) setImmediate(close);
    else if (answer.prints) {
      // One line, or piece of a line, after the other.
      const lines =
        current()
          .ended(answer)
          .stdout.match(answer.isTorn ? /[\s\S]{1,3}/g : /.*\n/g) ?? [];
      for (const [index, line] of lines.entries()) inTurns(index, () => child.stdout?.write(line));
    }
  };
  // A caller writes the input at once, so that it is there before anything else happens.
  queueMicrotask(() => {
    try {
      run();
    } catch (error) {
      // Otherwise a command that does not end would wait for this program.
      child.emit('error', error);
    }
  });
  return child as unknown as real.ChildProcess;
}

const execFile = Object.assign(
  () => {
    throw new Error('Only its promise is used');
  },
  { [promisify.custom]: execFileAsync },
);

/** Connects to this machine. Another one does not answer. */
function connect({ host, port, ...more }: { readonly host?: string; readonly port: number }): net.Socket {
  if (Object.keys(more).length > 0) throw new TypeError(`Options that this world does not know: ${Object.keys(more)}`);
  current().note(`> ${host}:${port}`);
  const socket = host === '127.0.0.1' ? net.connect({ host, port }) : new net.Socket();
  current().sockets.push(socket);
  return socket;
}

/** Replaces what leads out of the process. Before the commands are loaded. */
export function replaceWorld(): void {
  jest.unstable_mockModule('node:child_process', () => ({ ...real, execFile, execFileSync, spawn }));
  jest.unstable_mockModule('node:net', () => ({ ...net, connect }));
  jest.unstable_mockModule('node:os', () => ({ ...os, tmpdir: () => join(current().folder, 'tmp') }));
  jest.unstable_mockModule('node:timers/promises', () => ({
    setTimeout: async (milliseconds: number, value: unknown) => {
      current().pause(milliseconds);
      // What else goes on, goes on.
      await new Promise(setImmediate);
      return value;
    },
  }));
}

/**
 * Runs a command, and tells all that it did.
 *
 * @param run runs it in this process, and gives its exit code
 */
export async function toldBy(given: Given, run: (folder: string) => Promise<number>): Promise<string> {
  world = new World(given);
  const { folder } = world;
  const before = { cwd: process.cwd(), env: { ...process.env } };
  const { stdout, stderr } = process;
  const show = (mark: string) => (text: unknown) => {
    current().print(mark, String(text));
    return true;
  };
  jest.useFakeTimers({
    now,
    doNotFake: [
      ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
      ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
    ],
  });
  jest.spyOn(console, 'log').mockImplementation(show('|'));
  jest.spyOn(console, 'error').mockImplementation(show('!'));
  // Not the same each time, so that a pause by chance is told from a fixed one.
  let drawn = 0;
  jest.spyOn(Math, 'random').mockImplementation(() => [0.25, 0.75][drawn++ % 2] ?? 0);
  jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => current().limit(milliseconds));
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((then: () => void, milliseconds = 0) => {
    current().pause(milliseconds);
    return setImmediate(then);
  }) as unknown as typeof setTimeout);
  // Where a program's output is passed on.
  Object.defineProperty(process, 'stdout', { configurable: true, value: { write: show('||') } });
  Object.defineProperty(process, 'stderr', { configurable: true, value: { write: show('!!') } });
  for (const name of Object.keys(process.env).filter((name) =>
    /^(GH_|GITHUB_|INFRA_|AWS_|TERRAFORM|IMAGE_)/.test(name),
  ))
    delete process.env[name];
  Object.assign(process.env, {
    PATH: join(folder, 'bin'),
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    ...given.env,
  });
  process.chdir(folder);
  try {
    return world.report(await run(folder));
  } finally {
    process.chdir(before.cwd);
    for (const name of Object.keys(process.env)) if (before.env[name] === undefined) delete process.env[name];
    Object.assign(process.env, before.env);
    Object.defineProperty(process, 'stdout', { configurable: true, value: stdout });
    Object.defineProperty(process, 'stderr', { configurable: true, value: stderr });
    // A release listens to the signals that cancel it.
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
    jest.restoreAllMocks();
    jest.useRealTimers();
    rmSync(folder, { recursive: true });
    world = undefined;
  }
}

/** Writes down what another thing of this world was asked, such as a server. */
export const note = (line: string, more = ''): void => current().note(line, more);

/** Whether a file is in the folder of the command that runs. */
export const isThere = (name: string): boolean => existsSync(join(current().folder, name));
