/**
 * `pnpm bench` compares the API with other servers; `pnpm bench infra` measures the synthesis of the infrastructure and
 * its rehearsal. Both write their tables into docs/performance.md.
 */
import { execFileSync } from 'node:child_process';

if (process.argv[2] === 'infra') {
  await import('./infra.ts');
} else {
  execFileSync('pnpm', ['--filter', 'calculadora-api...', 'run', 'build'], { stdio: 'inherit' });
  await import('./run.ts');
}
