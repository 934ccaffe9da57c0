import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseFile } from '../support/databases.ts';
import { type Attempt, startLoad, wrongRows } from '../support/load.ts';

let api: Api;
afterEach(() => api.stop());

test('The embedded database keeps every acknowledged operation if the API is killed repeatedly', async () => {
  const database = await newDatabaseFile();
  const attempts: Attempt[] = [];
  for (let crash = 0; crash < 4; crash++) {
    api = await startApi(database.env);
    await untilReady(api);
    const load = startLoad(api.url, { clients: 8 });
    await load.answers(200, 200);
    const exit = once(api.process, 'exit');
    api.process.kill('SIGKILL');
    await exit;
    await load.stop();
    attempts.push(...load.attempts);
  }
  expect(wrongRows(attempts, await database.rows())).toEqual([]);
});
