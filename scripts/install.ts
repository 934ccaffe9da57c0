import { spawnSync } from 'node:child_process';
import { both } from '../packages/command-line/src/index.ts';

/** Brings the lockfile in line: it names every package of the workspace. If that fails, the process says so and exits. */
export function install(root: string): void {
  const { status } = spawnSync('npx', ['--yes', 'pnpm@12', 'install', '--no-frozen-lockfile'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status === 0) return;
  console.error(both('A instalação falhou: rode pnpm install.', 'The installation failed: run pnpm install.'));
  process.exit(1);
}
