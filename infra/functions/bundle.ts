import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const bundles = new Map<string, string>();

/**
 * Bundles a Lambda function, once for each process. The content depends on the sources and the lockfile alone.
 *
 * @param name of its folder in `infra/functions`, a workspace with a `vite.config.ts`
 * @returns a temporary folder with `index.mjs`
 */
export function bundleFunction(name: string): string {
  const known = bundles.get(name);
  if (known) return known;
  const source = join(import.meta.dirname, name);
  const bundle = mkdtempSync(join(tmpdir(), `${name}-`));
  process.once('exit', () => rmSync(bundle, { recursive: true, force: true }));
  const vite = join(dirname(createRequire(join(source, 'package.json')).resolve('vite/package.json')), 'bin/vite.js');
  execFileSync(process.execPath, [vite, 'build', '--outDir', bundle, '--emptyOutDir', '--logLevel=error'], {
    cwd: source,
  });
  bundles.set(name, bundle);
  return bundle;
}
