import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

/** Waits for the exclusive lock of a file. It is held until `release` is called or this process ends. */
export async function lock(file: string): Promise<() => void> {
  const descriptor = openSync(file, 'a');
  // The lock belongs to the open file, which flock shares with this process.
  const flock = spawn('flock', ['3'], { stdio: ['ignore', 'ignore', 'inherit', descriptor] });
  const [code] = await once(flock, 'exit');
  if (code !== 0) throw new Error(`flock exited with ${code} for ${file}`);
  return () => closeSync(descriptor);
}
