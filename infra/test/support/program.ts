import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const root = resolve(import.meta.dirname, '../../..');

/** Synthesises all stacks like `cdktf synth`, without settings. Returns the output folder. */
export async function synthesiseAll(folder = root): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'cdktf-'));
  const { NODE_COMPILE_CACHE, PATH } = process.env;
  const env = { NODE_COMPILE_CACHE, PATH, CDKTF_OUTDIR: out };
  await promisify(execFile)(process.execPath, ['infra/main.ts'], { cwd: folder, env });
  return out;
}

/** Copies everything that the infrastructure needs, without installed packages. Returns the folder. */
export async function copyRepository(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'repository-'));
  const leftOut = ['.data', 'dist', 'node_modules'];
  const options = { recursive: true, filter: (path: string) => !leftOut.includes(basename(path)) };
  for (const folder of ['apps', 'infra', 'packages', 'rehearsal', 'test/kubernetes', 'test/support']) {
    await mkdir(join(copy, folder), { recursive: true });
    await cp(join(root, folder), join(copy, folder), options);
  }
  for (const file of ['cdktf.json', 'package.json', 'pnpm-lock.yaml', 'tsconfig.base.json']) {
    await cp(join(root, file), join(copy, file));
  }
  return copy;
}
