import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const root = resolve(import.meta.dirname, '../../..');

/** Synthesises all stacks of a copy of the repository as `cdktf synth` does, with no settings, and returns the folder. */
export async function synthesiseAll(folder = root): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'cdktf-'));
  const env = { PATH: process.env.PATH, CDKTF_OUTDIR: out };
  await promisify(execFile)(process.execPath, ['--conditions=source', 'infra/main.ts'], { cwd: folder, env });
  return out;
}
