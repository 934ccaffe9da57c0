import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { paths } from 'contract';
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
import { type MariaDb, mariadbd, startMariaDb } from '../support/mariadb.ts';

const run = promisify(execFile);

/** `mount`, where this process may use it. */
const mount = spawnSync('unshare', ['--mount', 'true']).status === 0 ? 'mount' : undefined;

let api: Api;
afterEach(() => api.stop());

describeWith('the right to mount', mount, 'The API on SQLite whose disk is full', () => {
  let disk: string;

  beforeAll(async () => {
    disk = await mkdtemp(join(tmpdir(), 'disk-'));
    // SQLite's log of changes alone grows to 4 MB.
    await run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk]);
  });
  afterAll(async () => {
    await run('umount', [disk]);
    await rmdir(disk);
  });

  test('refuses for good and stays alive, loses nothing, and goes on by itself once there is room', async () => {
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

describeWith('MariaDB', mariadbd, 'The API whose database is read-only', () => {
  let server: MariaDb;
  let database: TestDatabase & { readonly name: string };

  beforeAll(async () => {
    server = await startMariaDb();
    database = newDatabaseOn(server);
    // One who may change what is read-only would not notice.
    await query(
      server,
      `CREATE USER 'ordinary'@'%' IDENTIFIED BY 'only-for-tests'`,
      `GRANT ALL ON ${database.name}.* TO 'ordinary'@'%'`,
    );
  });
  afterAll(() => server.stop());

  test('refuses for good, loses nothing, and goes on by itself afterwards', async () => {
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

    // Those that waited while the API looked for a server that writes are told to come back.
    const isToldTruly = (answer: Answer) => isFinalRefusal(answer) || isRefusal(answer);
    expect(wrongAnswers(load.attempts, isToldTruly)).toEqual([]);
    expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
  });
});

/** Writes to a file until the disk takes no more. */
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
