import { applications } from 'platform/applications';

/** Files that every part depends on, besides its own folder. */
const shared = ['packages/**', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.base.json'] as const;

/**
 * The files of each part. A change to one of them is checked, and then delivered. A test keeps the workflows' path
 * filters in sync with this list. A pattern is a file, or a folder with everything below it.
 */
export const parts: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(applications.map(({ name }) => [name, [`apps/${name}/**`, '.dockerignore', ...shared]])),
  infra: ['infra/**', 'cdktf.json', ...shared],
};

/** Which parts the files belong to. */
export function partsOf(files: readonly string[]): Readonly<Record<string, boolean>> {
  const isOf = (patterns: readonly string[]) =>
    files.some((file) => patterns.some((pattern) => matches(pattern, file)));
  return Object.fromEntries(Object.entries(parts).map(([name, patterns]) => [name, isOf(patterns)]));
}

function matches(pattern: string, file: string): boolean {
  return pattern.endsWith('/**') ? file.startsWith(pattern.slice(0, -2)) : file === pattern;
}
