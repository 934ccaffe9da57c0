import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A DNS server that knows one IPv4 address for every name, or none. */
export interface NameServer {
  readonly host: string;
  address: string | undefined;
  stop(): void;
}

/** Starts a DNS server on the loopback interface. Its answers may be kept for an hour. */
export async function startNameServer(address?: string): Promise<NameServer> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server: NameServer = {
    host: `127.0.0.1:${socket.address().port}`,
    address,
    stop: () => socket.close(),
  };
  socket.on('message', (query, { port, address }) => socket.send(answerTo(query, server.address), port, address));
  return server;
}

/** The answer to a query with one question (RFC 1035, section 4). */
function answerTo(query: Buffer, address: string | undefined): Buffer {
  const endOfName = query.indexOf(0, 12) + 1;
  const question = query.subarray(12, endOfName + 4);
  const asksForIpv4 = query.readUInt16BE(endOfName) === 1;
  const answers =
    address !== undefined && asksForIpv4
      ? // Name of the question, type A, class IN, an hour, four bytes.
        [Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4]), Buffer.from(address.split('.').map(Number))]
      : [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // A response without an error, or that the name does not exist.
  header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length === 0 ? 0 : 1, 6);
  return Buffer.concat([header, question, ...answers]);
}
