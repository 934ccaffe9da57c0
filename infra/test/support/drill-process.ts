import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './program.ts';

const clock = pathToFileURL(join(import.meta.dirname, 'fast-clock.ts'));

/** Puts a program that is written in JavaScript where {@link startDrill} looks for programs. */
export function writeProgram(folder: string, name: string, source: string): void {
  writeFileSync(join(folder, `${name}.cjs`), source);
  const script = `#!/bin/sh\nexec '${process.execPath}' '${folder}/${name}.cjs' "$@"\n`;
  writeFileSync(join(folder, name), script, { mode: 0o755 });
}

/**
 * Starts `pnpm infra drill` with a clock that does not wait.
 *
 * @param folder with the only programs that it finds. Its temporary files are in the folder `tmp` there.
 */
export function startDrill(folder: string, ...args: readonly string[]) {
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  const { NODE_COMPILE_CACHE, TZ } = process.env;
  const child = spawn(process.execPath, ['infra/cli.ts', 'drill', ...args], {
    cwd: root,
    env: {
      PATH: folder,
      TMPDIR: join(folder, 'tmp'),
      NODE_COMPILE_CACHE,
      TZ,
      NODE_OPTIONS: `--import=${clock}`,
      INFRA_ACCOUNT_ID: '123456789012',
      INFRA_REGION: 'sa-east-1',
      INFRA_OWNER: 'somebody',
    },
  });
  /** What it printed: all of it, and its errors alone. */
  let [output, errors] = ['', ''];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (errors += data));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, output, errors }));
  return { child, ended };
}
