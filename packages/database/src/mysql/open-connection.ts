import { type Connection, type ConnectionOptions, createConnection } from 'mysql2';
import { isAccessDenied } from './errors.ts';
import type { Logins } from './logins.ts';

/** Opens a connection. If the login is refused and a newer one is available, tries once more with that. */
export async function openConnection(options: ConnectionOptions, logins: Logins): Promise<Connection> {
  const login = await logins.current();
  try {
    return await open({ ...options, ...login });
  } catch (error) {
    if (!isAccessDenied(error) || !(await logins.renew(login))) throw error;
    return open({ ...options, ...(await logins.current()) });
  }
}

function open(options: ConnectionOptions): Promise<Connection> {
  const connection = createConnection(options);
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      // Without a listener, an error would crash the process. The running query fails with it anyway.
      connection.on('error', () => undefined);
      if (error) reject(error);
      else resolve(connection);
    });
  });
}
