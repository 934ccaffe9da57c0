import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { paths, ports } from 'contract';
import { eventually } from '../../../test/support/eventually.ts';
import { freePort } from '../../../test/support/ports.ts';
import { newDatabaseFile } from './support/databases.ts';

const api = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFile(join(api, file), 'utf8');
const run = promisify(execFile);

/** The instructions in the last stage of the Dockerfile that define how the program runs. */
async function readImage() {
  const lastStage =
    (await read('Dockerfile'))
      .replaceAll('\\\n', ' ')
      .split(/^FROM /m)
      .at(-1) ?? '';
  const [base = ''] = lastStage.split('\n');
  const instructions = [...lastStage.matchAll(/^(ENV|WORKDIR|COPY|USER|EXPOSE|STOPSIGNAL|HEALTHCHECK|CMD) +(.*)$/gm)];
  const all = (name: string) =>
    instructions.flatMap(([, instruction, rest = '']) => (instruction === name ? [rest] : []));
  const variables = all('ENV').flatMap((line) => [...line.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)]);
  return {
    base,
    env: Object.fromEntries(variables.map(([, name = '', quoted, bare = '']) => [name, quoted ?? bare])),
    healthcheck: JSON.parse(all('HEALTHCHECK')[0]?.split('CMD ')[1] ?? '[]') as string[],
    healthTimes: all('HEALTHCHECK')[0]?.split('CMD ')[0]?.trim(),
    command: JSON.parse(all('CMD')[0] ?? '[]') as string[],
    others: {
      user: all('USER'),
      port: all('EXPOSE'),
      signal: all('STOPSIGNAL'),
      folder: all('WORKDIR'),
      files: all('COPY'),
    },
  };
}

describe("The built program, run with the image's settings,", () => {
  let folder: string;
  let image: Awaited<ReturnType<typeof readImage>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-'));
    image = await readImage();
    const vite = join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin/vite.js');
    await run(process.execPath, [vite, 'build', `--outDir=${folder}/dist`, '--logLevel=warn'], { cwd: api });
    // The same layout as `pnpm deploy --prod` creates.
    for (const name of Object.keys(JSON.parse(await read('package.json')).dependencies)) {
      const link = join(folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(api, 'node_modules', name), link);
    }
    await symlink(join(api, 'package.json'), join(folder, 'package.json'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs a command with the image's settings until it exits. */
  async function outcome([program = '', ...args]: string[], env: Record<string, string> = {}) {
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: folder,
      env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, ...image.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // The command should exit by itself. This is only a safeguard.
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code, output: output + errors };
  }

  test('runs as an ordinary user, on its port, with limited memory, until SIGTERM', () => {
    expect(image).toMatchObject({
      base: expect.stringMatching(/^node:[\d.]+-trixie-slim(@sha256:[0-9a-f]{64})?$/),
      env: {
        NODE_ENV: 'production',
        MALLOC_ARENA_MAX: '1',
        NODE_OPTIONS: '--max-semi-space-size=8 --max-old-space-size=96',
      },
      healthTimes: '--interval=10s --timeout=5s --start-period=60s',
      command: ['node', '--no-maglev', '--no-allocation-site-pretenuring', 'dist/main.js'],
      others: {
        user: ['1000:1000'],
        port: [String(ports.api)],
        signal: ['SIGTERM'],
        folder: ['/app'],
        files: [
          '--from=build /deployed/package.json ./',
          '--from=build /deployed/node_modules node_modules',
          '--from=build /deployed/dist dist',
        ],
      },
    });
    expect(image.healthcheck.join()).toContain(`process.env.PORT || ${ports.api}`);
  });

  test('is installed from the lockfile, without package scripts, and has only production files', async () => {
    const [build = ''] = (await read('Dockerfile')).split(/^FROM node:/m);
    for (const step of [
      'pnpm install --frozen-lockfile --ignore-scripts\n',
      'pnpm --config.inject-workspace-packages=true --filter calculadora-api deploy --prod /deployed \\\n',
      "find /deployed -type f \\( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \\) -delete\n",
    ]) {
      expect(build).toContain(step);
    }
  });

  test('is three pure ASCII programs, which V8 stores in one byte per character', async () => {
    const files = (await readdir(join(folder, 'dist'), { recursive: true, withFileTypes: true })).filter((file) =>
      file.isFile(),
    );
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['main.js', 'migrate.js', 'rows.js']));
    const dependencies = Object.keys(JSON.parse(await read('package.json')).dependencies);
    // The packages that the build leaves external on purpose. All others are bundled.
    const external: string[] = [];
    for (const { parentPath, name } of files) {
      const program = await readFile(join(parentPath, name), 'utf8');
      expect([...program].filter((character) => character > '\x7f')).toEqual([]);
      const imported = [...program.matchAll(/\b(?:from|import) ?\(?["']([@\w][\w./@-]*)["']/g)].map(
        ([, from = '']) => from,
      );
      external.push(...imported.filter((from) => dependencies.includes(from)));
    }
    expect([...new Set(external)].toSorted()).toEqual(['@fastify/swagger-ui']);
  });

  test('serves sums and the documentation page, passes the health check, and exits with 0', async () => {
    const PORT = String(await freePort());
    const env = { ...(await newDatabaseFile()).env, HOST: '127.0.0.1', PORT };
    expect(await outcome(image.healthcheck, { PORT })).toEqual({ code: 1, output: '' });
    const [program = '', ...args] = image.command;
    expect(program).toBe('node');
    const child = spawn(process.execPath, args, { cwd: folder, env: { ...image.env, ...env }, stdio: 'ignore' });
    try {
      const url = `http://127.0.0.1:${PORT}`;
      await eventually(async () => (await fetch(url + paths.ready)).ok);
      expect(await outcome(image.healthcheck, { PORT })).toEqual({ code: 0, output: '' });
      expect(await (await fetch(url + paths.sum)).text()).toBe('API em execução!');
      const sum = await fetch(url + paths.sum, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"nome":"Zé 🧮","operador1":5,"operador2":10}',
      });
      expect(await sum.json()).toEqual({ resultado: 15 });
      const rows = await outcome(['node', 'dist/rows.js'], env);
      expect(rows).toEqual({ code: 0, output: expect.stringMatching(/\n1 .* Zé 🧮 +5 +10\n$/) });
      const page = await (await fetch(url + paths.docs, { headers: { connection: 'close' } })).text();
      expect(page).toContain('swagger-ui-bundle.js');
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('fails the health check while it is not ready', async () => {
    const PORT = String(await freePort());
    const database = { DB_HOST: `127.0.0.1:${await freePort()}`, DB_USER: 'app', DB_NAME: 'calculadora' };
    const [, ...args] = image.command;
    const env = { ...image.env, ...database, HOST: '127.0.0.1', PORT };
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: 'ignore' });
    try {
      await eventually(async () => (await fetch(`http://127.0.0.1:${PORT}${paths.live}`)).ok);
      expect(await outcome(image.healthcheck, { PORT })).toEqual({ code: 1, output: '' });
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('refuses to run in production without an explicit database, and so do the scripts', async () => {
    const { scripts } = JSON.parse(await read('package.json'));
    const refused = {
      code: 1,
      output: 'DB_HOST is missing: in production, name a database server, or set DB_FILE for the embedded database\n',
    };
    expect(await outcome(image.command)).toEqual(refused);
    expect(await outcome(['sh', '-c', `exec env ${scripts.start}`], { NODE_ENV: '' })).toEqual(refused);
    expect(await outcome(['sh', '-c', `exec env ${scripts.migrate}`], { NODE_ENV: '' })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^DB_HOST is missing: it must hold the address of the database server\n/),
    });
    expect(scripts).toMatchObject({
      build: 'vite build',
      openapi: expect.stringContaining('scripts/write-openapi.ts'),
    });
  });
});
