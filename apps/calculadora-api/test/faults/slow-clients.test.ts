import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseFile } from '../support/databases.ts';
import { startLoad, wrongAnswers } from '../support/load.ts';

let api: Api;
afterEach(() => api.stop());

/** A client that sends this text, then one byte every 500 ms, without ever finishing its request. */
async function slowClient({ hostname, port }: URL, text: string): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  await once(socket, 'ready');
  socket.resume().on('error', () => undefined);
  socket.write(text);
  const dribble = setInterval(() => socket.write('x'), 500);
  socket.once('close', () => clearInterval(dribble));
  return socket;
}

test('The API closes connections with a request that never ends, and serves all others meanwhile', async () => {
  api = await startApi((await newDatabaseFile()).env);
  await untilReady(api);
  const head = 'POST /backend HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n';
  const slow = await Promise.all(
    [head, `${head}X-Slow: `, `${head}Content-Length: 9999\r\n\r\n{`, `${head}Transfer-Encoding: chunked\r\n\r\n`]
      .flatMap((text) => Array.from({ length: 50 }, () => text))
      .map((text) => slowClient(new URL(api.url), text)),
  );
  // `events.once` would reject on a reset, which is one way to close.
  const closed = Promise.all(slow.map((socket) => new Promise((resolve) => socket.once('close', resolve))));

  const load = startLoad(api.url, { clients: 4 });
  await closed;
  await load.answers(200, 100);
  await load.stop();
  expect(wrongAnswers(load.attempts)).toEqual([]);
});
