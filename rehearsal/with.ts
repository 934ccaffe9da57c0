/**
 * Runs a command in a rehearsal, which ends with it:
 *
 *     node rehearsal/with.ts BUCKET COMMAND…
 *
 * REHEARSAL_LOG names a file that gets one JSON line for each change and for each data source that is read.
 * REHEARSAL_FAIL is a resource type, or `TYPE/ACTION`, whose changes fail.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { both } from 'command-line';
import { startRehearsal } from './rehearsal.ts';

const [bucket, command, ...args] = process.argv.slice(2);
if (bucket === undefined || command === undefined) {
  console.error(both('Uso: node rehearsal/with.ts BUCKET COMANDO…', 'Usage: node rehearsal/with.ts BUCKET COMMAND…'));
  process.exit(2);
}
const { REHEARSAL_FAIL: fail = '', REHEARSAL_LOG: log } = process.env;
const rehearsal = await startRehearsal((event) => {
  if (log) appendFileSync(log, `${JSON.stringify(event)}\n`);
});
rehearsal.state.createBucket(bucket);
rehearsal.account.fail = fail;
const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...rehearsal.env } });
const [code] = await once(child, 'exit').catch((error: Error) => {
  console.error(error.message);
  return [127];
});
await rehearsal.stop();
process.exitCode = code ?? 1;
