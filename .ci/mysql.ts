import { freePort } from '../test/support/ports.ts';
import type { Engine } from './engine.ts';
import { run } from './processes.ts';

const files = ['--file=docker-compose.yml', '--file=.ci/mysql.yml', '--env-file=.env.example'];

/** A MySQL server of this run's own. */
export interface Mysql {
  /** Names the server and its root user to the API's tests. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts the MySQL of docker-compose.yml by itself, on a free port of 127.0.0.1. */
export async function startMysql(engine: Engine): Promise<Mysql> {
  const port = String(await freePort());
  const compose = (...args: string[]) =>
    run('docker', ['compose', `--project-name=mysql-${port}`, ...files, ...args], {
      env: { ...engine.env, MYSQL_PORT: port },
    });
  await compose('up', '--wait', 'mysql');
  return {
    env: { DB_HOST: `127.0.0.1:${port}`, DB_USER: 'root', DB_PASSWORD: 'only-for-tests' },
    stop: () => compose('down', '--volumes'),
  };
}
