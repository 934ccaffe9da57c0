import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { fail } from './job-output.ts';
import { type Comparison, compareDatabases } from './mysql/compare-databases.ts';
import { connectionOptions } from './mysql/connection-options.ts';
import { isAccessDenied } from './mysql/errors.ts';
import { readLogin } from './mysql/secrets.ts';
import type { Schema } from './schema.ts';
import { type ComparisonSettings, type Login, type MysqlAddress, readComparisonSettings } from './settings.ts';

/** Milliseconds that a comparison may take. Shorter than the deadline of the job that runs it. */
export const comparisonTime = 25 * 60_000;

/** Milliseconds to wait for a server: the name of one that was just restored may not be known everywhere yet. */
const connectionTime = 60_000;

/**
 * The program of a job that compares a restored copy with the live database, with the login of the migration. Prints the
 * result as a line of JSON, `{"comparison": …}`, and as a sentence. Ends the process with exit code 1 if anything is
 * missing or different.
 */
export async function runComparison(schema: Schema): Promise<void> {
  setTimeout(
    () => fail(new Error(`The comparison took longer than ${comparisonTime / 60_000} minutes`)),
    comparisonTime,
  ).unref();
  try {
    const comparison = await compareByJob(readComparisonSettings(process.env), schema);
    console.log(JSON.stringify({ comparison }));
    if (!comparison.isSame) throw new Error(sentence(comparison));
    console.log(sentence(comparison));
  } catch (error) {
    fail(error as Error);
  }
}

async function compareByJob(settings: ComparisonSettings, schema: Schema): Promise<Comparison> {
  const { copy, live, restoredTo, secret } = settings;
  const login = await readLogin(secret);
  const connections: Connection[] = [];
  try {
    const connect = async (address: MysqlAddress, as: Login) => {
      const connection = await openForReading(address, as);
      connections.push(connection);
      return connection;
    };
    const sides = {
      live: await connect(live, login),
      copy: await connect(copy, login).catch(async (error) => {
        if (!isAccessDenied(error)) throw error;
        // The copy has the passwords of its time. A rotation renews one of two users, and the secret keeps the login of
        // the other as its previous version.
        return connect(copy, await readLogin(secret, 'AWSPREVIOUS'));
      }),
    };
    return await compareDatabases(sides, schema, restoredTo);
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

/** Opens a connection that can only read. */
export async function openForReading(address: MysqlAddress, login: Login): Promise<Connection> {
  const options = {
    ...connectionOptions(address),
    ...login,
    database: address.name,
    dateStrings: true,
    supportBigNumbers: true,
  };
  for (const deadline = performance.now() + connectionTime; ; await sleep(1_000)) {
    try {
      const connection = await createConnection(options);
      // Without a listener, an error would crash the process. The running query fails with it anyway.
      connection.on('error', () => undefined);
      await connection.query("set time_zone = '+00:00'");
      await connection.query('set session transaction read only');
      return connection;
    } catch (error) {
      if (isAccessDenied(error) || performance.now() > deadline) throw error;
    }
  }
}

function sentence({ differences, migrations, restoredTo, tables }: Comparison): string {
  if (differences.length > 0) {
    return `The copy restored to ${restoredTo} differs from the live database: ${differences.join('; ')}`;
  }
  const parts = tables.map(({ newer, newest, rows, table }) => {
    const age = newest?.copy ? `, the newest of ${newest.copy} UTC` : '';
    return `${table} with ${rows} rows${age} (${newer} are newer)`;
  });
  const all = `${migrations.applied} migrations, ${parts.join(', ')}`;
  return `The copy restored to ${restoredTo} has everything that the live database had then: ${all}`;
}
