import { freePort } from '../test/support/ports.ts';
import type { Engine } from './docker-engine.ts';
import { run } from './processes.ts';

const files = ['--file=docker-compose.yml', '--file=.ci/mysql.yml', '--env-file=.env.example'];

/** A MySQL server for this run only. */
export interface Mysql {
  /** Environment variables that point the API's tests at the server, as its root user. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts only the MySQL service of docker-compose.yml, on a free port of 127.0.0.1. */
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
