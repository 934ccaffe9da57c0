import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './program.ts';

const internet = pathToFileURL(join(import.meta.dirname, 'internet.ts'));

/** Runs `pnpm infra` with `programs`, shell scripts by name, as the only programs on the PATH. */
export function infra(
  args: string[],
  env: Record<string, string> = {},
  programs: Record<string, string> = {},
  input = '',
) {
  return node(['infra/cli.ts', ...args], env, programs, input);
}

/** Runs Node in the same way. */
export function node(
  args: string[],
  env: Record<string, string> = {},
  programs: Record<string, string> = {},
  input = '',
) {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const { NODE_COMPILE_CACHE } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: folder, NODE_COMPILE_CACHE, NODE_OPTIONS: `--import=${internet}`, ...env },
    input,
  });
  return { status, stdout, stderr, output: stdout + stderr };
}
