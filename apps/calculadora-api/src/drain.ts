import type { Server } from 'node:net';

/** Milliseconds after a signal for which clients may still use their connections. */
const drainTime = 2_000;
/** Milliseconds without any connection after which draining ends early. */
const quietTime = 500;

/**
 * Waits until a server's clients have stopped connecting. A moment without connections is not enough: a client that has just
 * closed one may open another, because it does not know yet that the process is ending.
 */
export async function drainConnections(server: Server): Promise<void> {
  const end = Date.now() + drainTime;
  let lastUse = Date.now();
  const used = () => {
    lastUse = Date.now();
  };
  // A connection may open and close between two checks.
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
