import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose target can change, like a database endpoint in a failover. Open connections keep their server. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Routes new connections to another server. */
  routeTo(server: { host: string; port: number }): void;
  stop(): void;
}

/** @param host on which it listens */
export async function startAddress(first: { host: string; port: number }, host = '127.0.0.1'): Promise<Address> {
  let server = first;
  const sockets = new Set<Socket>();
  const listener = createServer((incoming) => {
    const outgoing = connect(server.port, server.host);
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined).once('close', () => other.destroy());
      one.pipe(other);
    }
  }).listen(0, host);
  await once(listener, 'listening');
  return {
    host,
    port: (listener.address() as AddressInfo).port,
    routeTo(other) {
      server = other;
    },
    stop() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
