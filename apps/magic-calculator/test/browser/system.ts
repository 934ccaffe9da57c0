import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { paths } from 'contract';
import { eventually } from '../../../../test/support/eventually.ts';
import { freePort } from '../../../../test/support/ports.ts';

const siteFolder = resolve(import.meta.dirname, '../..');
const apiFolder = resolve(siteFolder, '../calculadora-api');
// Vite runs as a separate process, as with `pnpm build`: inside jest, its objects would come from another realm.
const vite = join(siteFolder, 'node_modules/vite/bin/vite.js');

/** The built site and the real API behind one address, as behind the load balancer. */
export interface System {
  readonly url: string;
  readonly apiUrl: string;
  /** The API's database, an SQLite file. */
  readonly databaseFile: string;
  /** Number of operations that the API has stored since it started. */
  operationsStored(): Promise<number>;
  startApi(): Promise<void>;
  stopApi(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds the site for production. Returns the folder of its pages, the only one in a new temporary folder. */
export async function buildSite(config = 'vite.config.ts'): Promise<string> {
  const outDir = join(await mkdtemp(join(tmpdir(), 'magic-calculator-')), 'frontend');
  const env = { ...process.env, NODE_ENV: 'production' };
  const args = [vite, 'build', '--config', config, '--outDir', outDir];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: siteFolder, env });
  } catch (error) {
    await removeSite(outDir);
    throw error;
  }
  return outDir;
}

/** Removes the output of `buildSite`. */
export const removeSite = (outDir: string) => rm(dirname(outDir), { recursive: true, force: true });

/**
 * Serves a built site, with production's Content-Security-Policy, and an API with an empty embedded database.
 *
 * @param settings further environment variables of the API
 */
export async function startSystem(outDir: string, settings: Record<string, string> = {}): Promise<System> {
  const [apiPort, sitePort] = [await freePort(), await freePort()];
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const url = `http://127.0.0.1:${sitePort}${paths.site}/`;
  const data = await mkdtemp(join(tmpdir(), 'calculadora-'));
  const databaseFile = join(data, 'operations.sqlite');

  const previewArguments = [
    'preview',
    '--outDir',
    outDir,
    '--host',
    '127.0.0.1',
    '--port',
    String(sitePort),
    '--strictPort',
  ];
  const server = run([vite, ...previewArguments], siteFolder, { API_URL: apiUrl });
  let api: ChildProcess | undefined;

  const startApi = async () => {
    api = run(['--disable-warning=ExperimentalWarning', 'src/main.ts'], apiFolder, {
      HOST: '127.0.0.1',
      PORT: String(apiPort),
      DB_FILE: databaseFile,
      ...settings,
    });
    await eventually(async () => (await fetch(apiUrl + paths.ready)).ok);
  };
  await startApi();
  await eventually(async () => (await fetch(url)).ok);

  return {
    url,
    apiUrl,
    databaseFile,
    async operationsStored() {
      const metrics = await (await fetch(apiUrl + paths.metrics)).text();
      return Number(/^calculadora_operations_stored_total (\d+)$/m.exec(metrics)?.[1]);
    },
    startApi,
    stopApi: () => end(api),
    async stop() {
      await Promise.all([end(api), end(server)]);
      await rm(data, { recursive: true, force: true });
    },
  };
}

function run(argv: string[], cwd: string, env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, argv, { cwd, env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  // An aborted test run leaves no process behind.
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
