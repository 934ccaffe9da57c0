import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refused } from 'command-line';
import type { EnvironmentName } from 'platform';
import { texts as commandTexts } from '../infra/command-texts.ts';
import { readDestroyFlag } from '../infra/destroy-flag.ts';
import { environments } from '../infra/environments/all.ts';
import { prepare } from '../infra/prepare.ts';
import { changedCharts, type State, updateInCluster } from '../infra/upgrade/crds.ts';
import { texts } from './delivery-texts.ts';
import { addSummary, say } from './github.ts';
import type { Plan } from './planned-changes.ts';

/** A plan of the current state, ready to be applied. */
export interface FreshPlan {
  readonly isDestroy: boolean;
  readonly plan: Plan;
  /**
   * Updates the definitions of charts that change, and applies the plan.
   *
   * @throws Error if it fails. Without the definitions, nothing is applied. A state that could not be written is then written again.
   */
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
  const plan = (await terraform.showPlan(file)) as Plan & { readonly prior_state?: State };
  return {
    isDestroy,
    plan,
    async apply() {
      const charts = isDestroy ? [] : changedCharts(plan.prior_state ?? {}, terraform.folder);
      if (charts.length > 0) {
        say(commandTexts.crds.first(charts));
        await updateInCluster(name, charts);
      }
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
