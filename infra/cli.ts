/** `pnpm infra COMMAND …`: runs the Terraform steps in order. `pnpm infra --help` lists the commands. */
import { runProgram } from 'command-line';

process.exitCode = await runProgram('pnpm infra', {
  doctor: () => import('./commands/doctor.ts'),
  bootstrap: () => import('./commands/bootstrap.ts'),
  plan: () => import('./commands/plan.ts'),
  deploy: () => import('./commands/deploy.ts'),
  output: () => import('./commands/output.ts'),
  destroy: () => import('./commands/destroy.ts'),
  wake: () => import('./commands/wake.ts'),
  upgrade: () => import('./commands/upgrade.ts'),
  crds: () => import('./commands/crds.ts'),
  drill: () => import('./commands/drill.ts'),
  rehearse: () => import('./commands/rehearse.ts'),
  costs: () => import('./commands/costs.ts'),
});
