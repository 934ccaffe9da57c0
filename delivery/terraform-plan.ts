import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentName } from 'platform';
import { readDestroyFlag } from '../infra/destroy-flag.ts';
import { environments } from '../infra/environments/all.ts';
import { synthesise, Terraform } from '../infra/terraform.ts';
import { Refused } from './command.ts';
import { texts } from './delivery-texts.ts';
import type { Plan } from './planned-changes.ts';

/** A plan that was made just now and can be applied. */
export interface FreshPlan {
  readonly isDestroy: boolean;
  readonly plan: Plan;
  apply(): void;
}

/**
 * Plans what `infra/destroy_config.json` says is to be with an environment.
 *
 * @param toApply whether it may be applied: then nobody else may change the state while it is made
 * @returns nothing if the file leaves a doubt: then nothing is to be done, and why has been told
 * @throws {Refused} for the destruction of a protected environment
 */
export function makePlan(name: EnvironmentName, { toApply }: { toApply: boolean }): FreshPlan | undefined {
  const flag = readDestroyFlag(name);
  if (flag.action === 'nothing') {
    console.error(texts.plan.doubt(flag.reason));
    return undefined;
  }
  const isDestroy = flag.action === 'destroy';
  if (isDestroy && environments[name].protected) throw new Refused(texts.plan.protected(name));
  synthesise();
  const terraform = new Terraform(name);
  terraform.init(name);
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan');
  terraform.savePlan(file, { destroy: isDestroy, lock: toApply });
  return {
    isDestroy,
    plan: terraform.showPlan(file) as Plan,
    apply: () => terraform.run('apply', '-input=false', file),
  };
}
