/**
 * `pnpm bench` compares the API with other servers; `pnpm bench infra` measures the synthesis of the infrastructure and
 * its rehearsal; `pnpm bench day` plays a day of bad luck on a cluster. All write their tables into docs/performance.md.
 */
import { execFileSync } from 'node:child_process';

if (process.argv[2] === 'infra') {
  await import('./infra.ts');
} else if (process.argv[2] === 'day') {
  await import('./day.ts');
} else {
  execFileSync('pnpm', ['--filter', 'calculadora-api...', 'run', 'build'], { stdio: 'inherit' });
  await import('./run.ts');
}
