import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders with a `vite.config.ts`: Lambda functions, the program of a job in the cluster, and the status page. */
export const bundles = ['database-logins', 'signoz', 'status', 'status/page'] as const;
export type Bundle = (typeof bundles)[number];

let folder: string | undefined;

/**
 * Bundles everything on the first call: one process for all is much faster than one for each. The content depends on the
 * sources and the lockfile alone.
 *
 * @returns a temporary folder: of a function or program, with `index.mjs`
 */
export function bundle(name: Bundle): string {
  folder ??= bundleAll();
  return join(folder, name.replace('/', '-'));
}

function bundleAll(): string {
  const made = mkdtempSync(join(tmpdir(), 'bundles-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  // The bundles name their sources relative to the working folder.
  execFileSync(process.execPath, ['bundle-all.ts', made], { cwd: import.meta.dirname });
  return made;
}
