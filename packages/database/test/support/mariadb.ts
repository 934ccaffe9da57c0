import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { eventually } from '../../../../test/support/eventually.ts';
import { findTool } from '../../../../test/support/find-tool.ts';
import { freePort } from '../../../../test/support/ports.ts';

const run = promisify(execFile);

/** Path of the MariaDB server, if both it and `mariadb-install-db` are installed. */
export const mariadbd = findTool('mariadb-install-db') && findTool('mariadbd');

/** As durable as in production: a commit is on disk, in the redo log and the binary log, before it is acknowledged. */
export const durable = ['--innodb-flush-log-at-trx-commit=1', '--log-bin=binlog', '--sync-binlog=1'];

/** The address of a database server, with an administrator's login. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** A database server for one test file. */
export interface MariaDb extends DatabaseServer {
  /** Shuts the server down gracefully and deletes its data. */
  stop(): Promise<void>;
  /** Kills the server like a crash (SIGKILL). */
  kill(): Promise<void>;
  /**
   * Starts the server on the same data, after {@link kill} or after shutting it down.
   *
   * @param port another one than before, as when a standby with the same disk takes over
   */
  restart(port?: number): Promise<void>;
  /** Suspends the server (SIGSTOP): connections stay open, but nothing responds. */
  freeze(): Promise<void>;
  /** Resumes a frozen server (SIGCONT). */
  thaw(): void;
}

/**
 * Starts a private MariaDB in a temporary folder, on a free port of 127.0.0.1, as an unprivileged user.
 *
 * @param options additional arguments for the server, such as `--ssl-cert=…`
 * @throws if MariaDB is not installed or does not respond within 60 s
 */
export async function startMariaDb(...options: string[]): Promise<MariaDb> {
  if (mariadbd === undefined) throw new Error('MariaDB is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'mariadb-'));
  const data = join(folder, 'data');
  const initFile = join(folder, 'init.sql');
  const log = join(folder, 'server.log');
  const account = { host: '127.0.0.1', port: await freePort(), user: 'tester', password: 'only-for-tests' };
  // The server refuses to run as root, the usual user in CI containers.
  const asUser = process.getuid?.() === 0 ? ['--user=nobody'] : [];

  await chmod(folder, 0o777);
  await writeFile(
    initFile,
    `CREATE USER IF NOT EXISTS '${account.user}'@'%' IDENTIFIED BY '${account.password}';\n` +
      `GRANT ALL ON *.* TO '${account.user}'@'%' WITH GRANT OPTION;\n`,
  );
  await run(
    'mariadb-install-db',
    [
      '--no-defaults',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
      `--datadir=${data}`,
      ...asUser,
    ],
    // Servers that share a folder for temporary files delete each other's.
    { env: { ...process.env, TMPDIR: folder } },
  );

  const launch = (port: number) =>
    spawn(
      mariadbd as string,
      [
        '--no-defaults',
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--innodb-buffer-pool-size=32M',
        `--datadir=${data}`,
        `--tmpdir=${folder}`,
        `--init-file=${initFile}`,
        `--log-error=${log}`,
        `--pid-file=${join(folder, 'server.pid')}`,
        `--port=${port}`,
        `--socket=${join(folder, 'server.sock')}`,
        ...asUser,
        ...options,
      ],
      { stdio: 'ignore' },
    );
  let server = launch(account.port);
  // An interrupted test run leaves no server behind.
  const killAtExit = () => server.kill('SIGKILL');
  process.once('exit', killAtExit);
  await answers(account, server, log);

  return {
    ...account,
    async stop() {
      process.off('exit', killAtExit);
      await end(server, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    async kill() {
      await end(server, 'SIGKILL');
    },
    async restart(port = account.port) {
      await end(server, 'SIGTERM');
      server = launch(port);
      await answers({ ...account, port }, server, log);
    },
    async freeze() {
      server.kill('SIGSTOP');
      // When `kill` returns, the signal may not be delivered yet, and a running thread could still send a response.
      await eventually(() => isStopped(server.pid));
    },
    thaw() {
      server.kill('SIGCONT');
    },
  };
}

/** Whether all threads of a process are stopped. Only checked on Linux; on other systems it is assumed. */
async function isStopped(pid: number | undefined): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder);
  const states = await Promise.all(threads.map((thread) => readFile(`${folder}/${thread}/status`, 'utf8')));
  return states.every((status) => /^State:\s+T/m.test(status));
}

async function answers(account: DatabaseServer, server: ChildProcess, log: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(50)) {
    try {
      const connection = await createConnection({ ...account });
      await connection.end();
      return;
    } catch (error) {
      if (server.exitCode === null && Date.now() < deadline) continue;
      server.kill('SIGKILL');
      throw new Error(`MariaDB did not start: ${await readFile(log, 'utf8').catch(() => 'no log')}`, { cause: error });
    }
  }
}

async function end(server: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  server.kill('SIGCONT'); // A frozen process does not handle SIGTERM.
  await exited;
}
