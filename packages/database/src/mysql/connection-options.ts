import { connect, isIP } from 'node:net';
import type { ConnectionOptions } from 'mysql2';
import type { MysqlAddress } from '../settings.ts';

/** Milliseconds. */
export const connectTimeout = 1_500;

/** A MySQL server, and the CA certificates (PEM) that must have signed its own. */
export type Server = Pick<MysqlAddress, 'host' | 'port' | 'ca'>;

/** Connection options without the user, the password and the database. */
export function connectionOptions(server: Server): ConnectionOptions {
  const { host, port, ca } = server;
  return {
    host,
    port,
    charset: 'utf8mb4',
    connectTimeout,
    keepAliveInitialDelay: 30_000,
    ...(ca !== undefined && encryption(ca, server)),
  };
}

/** TLS options: the server's certificate must be signed by this authority and match this host. */
function encryption(ca: string | string[], { host, port }: Server): ConnectionOptions {
  return {
    ssl: { ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' },
    // For an IP address, mysql2 passes no host to Node's TLS. Node then checks the certificate against the socket's
    // `_host`, which is set only for host names, or else against "localhost".
    ...(isIP(host) !== 0 && { stream: () => Object.assign(connect(port, host).setNoDelay(), { _host: host }) }),
  };
}
