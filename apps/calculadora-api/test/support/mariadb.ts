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

/** Path of the MariaDB server, if this machine has one, and what prepares its folder. */
export const mariadbd = findTool('mariadb-install-db') && findTool('mariadbd');

/** As durable as a production server: a commit is on the disk, in data and in binary log, before it is acknowledged. */
export const durable = ['--innodb-flush-log-at-trx-commit=1', '--log-bin=binlog', '--sync-binlog=1'];

/** Where a database server is, and a user of it who may do everything. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** A database server of the test's own. */
export interface MariaDb extends DatabaseServer {
  /** Ends the server in good order and deletes its data. */
  stop(): Promise<void>;
  /** Ends the server at once, as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts the server again, on the same port and data, after {@link kill}, or ends and starts a running one. */
  restart(): Promise<void>;
  /** Stops the server's clock (SIGSTOP): connections stay open and nothing answers. */
  freeze(): Promise<void>;
  /** Lets a frozen server go on (SIGCONT). */
  thaw(): void;
}

/**
 * Starts a private MariaDB in a temporary folder, on a free port of 127.0.0.1, as an unprivileged user.
 *
 * @param options further arguments for the server, such as `--ssl-cert=…`
 * @throws if MariaDB is not installed or does not answer within 60 s
 */
export async function startMariaDb(...options: string[]): Promise<MariaDb> {
  if (mariadbd === undefined) throw new Error('MariaDB is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'mariadb-'));
  const data = join(folder, 'data');
  const initFile = join(folder, 'init.sql');
  const log = join(folder, 'server.log');
  const account = { host: '127.0.0.1', port: await freePort(), user: 'tester', password: 'only-for-tests' };
  // The server refuses to run as root, which containers of continuous integration often are.
  const asUser = process.getuid?.() === 0 ? ['--user=nobody'] : [];

  await chmod(folder, 0o777);
  await writeFile(
    initFile,
    `CREATE USER IF NOT EXISTS '${account.user}'@'%' IDENTIFIED BY '${account.password}';\n` +
      `GRANT ALL ON *.* TO '${account.user}'@'%' WITH GRANT OPTION;\n`,
  );
  await run('mariadb-install-db', [
    '--no-defaults',
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    `--datadir=${data}`,
    ...asUser,
  ]);

  const launch = () =>
    spawn(
      mariadbd as string,
      [
        '--no-defaults',
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--innodb-buffer-pool-size=32M',
        `--datadir=${data}`,
        // Servers that share a folder for temporary files delete each other's.
        `--tmpdir=${folder}`,
        `--init-file=${initFile}`,
        `--log-error=${log}`,
        `--pid-file=${join(folder, 'server.pid')}`,
        `--port=${account.port}`,
        `--socket=${join(folder, 'server.sock')}`,
        ...asUser,
        ...options,
      ],
      { stdio: 'ignore' },
    );
  let server = launch();
  // A test run that is broken off leaves no server behind.
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
    async restart() {
      await end(server, 'SIGTERM');
      server = launch();
      await answers(account, server, log);
    },
    async freeze() {
      server.kill('SIGSTOP');
      // The signal is on its way when `kill` returns, and a thread that still runs answers once more.
      await eventually(() => isStopped(server.pid));
    },
    thaw() {
      server.kill('SIGCONT');
    },
  };
}

/** Whether each of a process's threads is stopped. Only Linux can tell; elsewhere it is taken for granted. */
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
  server.kill('SIGCONT'); // a frozen process does not see SIGTERM
  await exited;
}
