/**
 * Runs a command in a rehearsal, which ends with it:
 *
 *     node rehearsal/with.ts BUCKET COMMAND…
 *
 * Terraform, or the OpenTofu of TERRAFORM_BINARY_NAME, also keeps a state in a file there, as the bootstrap does at first. What
 * it leaves in the working folder (cdktf.out, bootstrap.tfstate) is of the rehearsal, so use a clone of its own.
 *
 * REHEARSAL_LOG names a file that gets one JSON line for each change and for each data source that is read.
 * REHEARSAL_FAIL is a resource type, or `TYPE/ACTION`, whose changes fail.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, delimiter, isAbsolute } from 'node:path';
import { both, findProgram } from 'command-line';
import { engineForBothStates } from './engine.ts';
import { startRehearsal } from './rehearsal.ts';

const [bucket, command, ...args] = process.argv.slice(2);
if (bucket === undefined || command === undefined) {
  console.error(both('Uso: node rehearsal/with.ts BUCKET COMANDO…', 'Usage: node rehearsal/with.ts BUCKET COMMAND…'));
  process.exit(2);
}
const { PATH = '', REHEARSAL_FAIL: fail = '', REHEARSAL_LOG: log, TERRAFORM_BINARY_NAME } = process.env;
const program = TERRAFORM_BINARY_NAME || 'terraform';
const engine = isAbsolute(program) ? program : findProgram(program);
const rehearsal = await startRehearsal((event) => {
  if (log) appendFileSync(log, `${JSON.stringify(event)}\n`);
});
rehearsal.state.createBucket(bucket);
rehearsal.account.fail = fail;
const folder = engine && (await engineForBothStates(engine));
const path = folder ? [folder, PATH].join(delimiter) : PATH;
const child = spawn(command, args, {
  stdio: 'inherit',
  env: { ...process.env, ...rehearsal.env, PATH: path, TERRAFORM_BINARY_NAME: basename(program) },
});
const [code] = await once(child, 'exit').catch((error: Error) => {
  console.error(error.message);
  return [127];
});
await rehearsal.stop();
if (folder) await rm(folder, { recursive: true });
process.exitCode = code ?? 1;
