import { applications } from 'platform/applications';

/** What both applications are made of besides their own folder. */
const shared = ['packages/**', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.base.json'] as const;

/**
 * The files that each part is made of: what changes one of them is delivered, or checked. The workflows' path filters say the
 * same, and a test holds them to it. A pattern is a file, or a folder with all below it.
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
