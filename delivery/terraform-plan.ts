import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dev } from '../infra/environments/dev.ts';
import type { EnvironmentName } from '../infra/environments/environment.ts';
import { prd } from '../infra/environments/prd.ts';
import { readDestroyFlag } from '../infra/programs/destroy-flag.ts';
import { synthesise, Terraform } from '../infra/programs/terraform.ts';
import { Refused } from './command.ts';
import type { Plan } from './plan.ts';
import { texts } from './texts.ts';

const environments = { dev, prd };

/** A plan that was made just now and can be applied. */
export interface FreshPlan {
  readonly isDestroy: boolean;
  readonly plan: Plan;
  apply(): void;
}

/**
 * Plans what `infra/destroy_config.json` says is to be with an environment.
 *
 * @returns nothing if the file leaves a doubt: then nothing is to be done, and why has been told
 * @throws {Refused} for the destruction of a protected environment
 */
export function makePlan(name: EnvironmentName): FreshPlan | undefined {
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
  terraform.savePlan(file, { destroy: isDestroy });
  return {
    isDestroy,
    plan: terraform.showPlan(file) as Plan,
    apply: () => terraform.run('apply', '-input=false', file),
  };
}
