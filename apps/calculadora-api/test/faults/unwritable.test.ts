import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseOn, query, rowsOf, type TestDatabase } from '../support/databases.ts';
import {
  type Answer,
  isFinalRefusal,
  isRefusal,
  newOperation,
  post,
  startLoad,
  wrongAnswers,
  wrongRows,
} from '../support/load.ts';

const run = promisify(execFile);

/** `mount`, if this process has permission to use it. */
const mount = spawnSync('unshare', ['--mount', 'true']).status === 0 ? 'mount' : undefined;

let api: Api;
afterEach(() => api.stop());

describeWith('permission to mount', mount, 'The API on SQLite with a full disk', () => {
  let disk: string;

  beforeAll(async () => {
    disk = await mkdtemp(join(tmpdir(), 'disk-'));
    // SQLite's write-ahead log alone grows to 4 MB.
    await run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk]);
  });
  afterAll(async () => {
    await run('umount', [disk]);
    await rmdir(disk);
  });

  test('refuses with 500, stays alive, loses nothing, and recovers by itself once there is space', async () => {
    const file = join(disk, 'operations.sqlite');
    api = await startApi({ DB_FILE: file });
    await untilReady(api);
    const load = startLoad(api.url, { clients: 16 });
    await load.answers(200, 100);
    await fill(join(disk, 'other'));
    await load.answers(500, 100);
    expect((await fetch(api.url + paths.live)).status).toBe(200);
    expect((await fetch(api.url + paths.ready)).status).toBe(503);
    await rm(join(disk, 'other'));
    await load.answers(200, 100);
    await load.stop();

    expect(wrongAnswers(load.attempts, isFinalRefusal)).toEqual([]);
    expect(wrongRows(load.attempts, rowsOf(file))).toEqual([]);
  });
});

describeWith('MariaDB', mariadbd, 'The API with a read-only database', () => {
  let server: MariaDb;
  let database: TestDatabase & { readonly name: string };

  beforeAll(async () => {
    server = await startMariaDb();
    database = newDatabaseOn(server);
    // An ordinary user, because an administrator may write to a read-only server.
    await query(
      server,
      `CREATE USER 'ordinary'@'%' IDENTIFIED BY 'only-for-tests'`,
      `GRANT ALL ON ${database.name}.* TO 'ordinary'@'%'`,
    );
  });
  afterAll(() => server.stop());

  test('refuses with 500, loses nothing, and then recovers by itself', async () => {
    api = await startApi({ ...database.env, DB_USER: 'ordinary', DB_PASSWORD: 'only-for-tests' });
    await untilReady(api);
    const load = startLoad(api.url, { clients: 16 });
    await load.answers(200, 100);
    await query(server, 'SET GLOBAL read_only = 1');
    await load.answers(500, 100);
    expect((await fetch(api.url + paths.ready)).status).toBe(503);
    expect(isFinalRefusal(await post(api.url, newOperation()))).toBe(true);
    await query(server, 'SET GLOBAL read_only = 0');
    await load.answers(200, 100);
    await load.stop();

    // Operations that waited while the API looked for a writable server may be refused as temporarily unavailable.
    const isAnyRefusal = (answer: Answer) => isFinalRefusal(answer) || isRefusal(answer);
    expect(wrongAnswers(load.attempts, isAnyRefusal)).toEqual([]);
    expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
  });
});

/** Writes to a file until the disk is full. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (;;) await handle.write(Buffer.alloc(1_024));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await handle.close();
  }
}
