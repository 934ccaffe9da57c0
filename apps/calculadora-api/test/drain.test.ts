import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { drainConnections } from '../src/drain.ts';

describe('A server that drains its connections before it exits', () => {
  let server: Server;
  let hasEnded: boolean;
  beforeEach(async () => {
    server = createServer((socket) => socket.resume().once('end', () => socket.end())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    // Connections are real, but time advances only where a test says so.
    jest.useFakeTimers({
      doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
    });
    hasEnded = false;
    void drainConnections(server).then(() => {
      hasEnded = true;
    });
  });
  afterEach(() => {
    jest.useRealTimers();
    server.close();
  });

  const after = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);
  async function open() {
    const accepted = once(server, 'connection');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [other] = await accepted;
    return async () => {
      const closed = once(other, 'close');
      socket.resume().end();
      await closed;
    };
  }

  test('is done once it has had no connection for half a second', async () => {
    await after(450);
    expect(hasEnded).toBe(false);
    await after(100);
    expect(hasEnded).toBe(true);
  });

  test('waits for half a second after every connection, even a short one', async () => {
    for (let round = 0; round < 3; round++) {
      await after(450);
      const close = await open();
      await close();
    }
    await after(450);
    expect(hasEnded).toBe(false);
    await after(100);
    expect(hasEnded).toBe(true);
  });

  test('waits for open connections, but no longer than two seconds', async () => {
    const close = await open();
    await after(1_000);
    await close();
    await after(400);
    expect(hasEnded).toBe(false);
    const closeLate = await open();
    await after(550);
    expect(hasEnded).toBe(false);
    await after(100);
    expect(hasEnded).toBe(true);
    await closeLate();
  });
});
