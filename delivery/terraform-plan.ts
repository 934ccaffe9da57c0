import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refused } from 'command-line';
import type { EnvironmentName } from 'platform';
import { readDestroyFlag } from '../infra/destroy-flag.ts';
import { environments } from '../infra/environments/all.ts';
import { prepare } from '../infra/prepare.ts';
import { texts } from './delivery-texts.ts';
import { addSummary } from './github.ts';
import type { Plan } from './planned-changes.ts';

/** A plan of the current state, ready to be applied. */
export interface FreshPlan {
  readonly isDestroy: boolean;
  readonly plan: Plan;
  /** @throws Error if it fails. A state that could not be written is then written again. */
  apply(): Promise<void>;
}

/**
 * Plans the deployment or the destruction of an environment, as `infra/destroy_config.json` says.
 *
 * @param toApply whether the plan may be applied; if so, the state is locked while the plan is made
 * @throws {Refused} if the file is ambiguous, or if the plan would destroy a protected environment
 */
export async function makePlan(name: EnvironmentName, { toApply }: { toApply: boolean }): Promise<FreshPlan> {
  const flag = readDestroyFlag(name);
  if (flag.action === 'nothing') throw new Refused(texts.plan.ambiguous(flag.reason));
  const isDestroy = flag.action === 'destroy';
  if (isDestroy && environments[name].protected) throw new Refused(texts.plan.protected(name));
  const terraform = await prepare(name);
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan');
  await terraform.savePlan(file, { destroy: isDestroy, lock: toApply });
  return {
    isDestroy,
    plan: (await terraform.showPlan(file)) as Plan,
    async apply() {
      try {
        await terraform.run('apply', '-input=false', file);
      } catch (error) {
        const unwritten = await terraform.rescueState();
        if (unwritten) addSummary(texts.plan.stateNotWritten(unwritten));
        throw error;
      }
    },
  };
}
