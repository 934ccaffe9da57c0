import type { Server } from 'node:net';

/**
 * Milliseconds: how long connections may go on being used after a signal, and how long there must be none before the process
 * believes that no more come.
 */
const drainTime = 2_000;
const quietTime = 500;

/**
 * Waits until a server's clients have gone elsewhere. That no connection is open for a moment proves nothing: a client that
 * was just told to close one may not know yet that the process ends, and open another.
 */
export async function connectionsEnd(server: Server): Promise<void> {
  const end = Date.now() + drainTime;
  let lastUse = Date.now();
  const used = () => {
    lastUse = Date.now();
  };
  // A connection may come and go between two looks.
  server.on('connection', used);
  while (Date.now() < Math.min(end, lastUse + quietTime)) {
    if ((await openConnections(server)) > 0) used();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function openConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}
