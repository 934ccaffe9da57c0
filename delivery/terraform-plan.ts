import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refused } from 'command-line';
import type { EnvironmentName } from 'platform';
import { readDestroyFlag } from '../infra/destroy-flag.ts';
import { environments } from '../infra/environments/all.ts';
import { prepare } from '../infra/prepare.ts';
import { texts } from './delivery-texts.ts';
import type { Plan } from './planned-changes.ts';

/** A plan of the current state, ready to be applied. */
export interface FreshPlan {
  readonly isDestroy: boolean;
  readonly plan: Plan;
  apply(): void;
}

/**
 * Plans the deployment or the destruction of an environment, as `infra/destroy_config.json` says.
 *
 * @param toApply whether the plan may be applied; if so, the state is locked while the plan is made
 * @returns undefined if the file is ambiguous: the reason was printed, and nothing must be done
 * @throws {Refused} if the plan would destroy a protected environment
 */
export function makePlan(name: EnvironmentName, { toApply }: { toApply: boolean }): FreshPlan | undefined {
  const flag = readDestroyFlag(name);
  if (flag.action === 'nothing') {
    console.error(texts.plan.ambiguous(flag.reason));
    return undefined;
  }
  const isDestroy = flag.action === 'destroy';
  if (isDestroy && environments[name].protected) throw new Refused(texts.plan.protected(name));
  const terraform = prepare(name);
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan');
  terraform.savePlan(file, { destroy: isDestroy, lock: toApply });
  return {
    isDestroy,
    plan: terraform.showPlan(file) as Plan,
    apply: () => terraform.run('apply', '-input=false', file),
  };
}
