import { parseArgs } from 'node:util';
import { environmentOf } from '../arguments.ts';
import { type Command, Refused } from '../command.ts';
import { texts } from '../delivery-texts.ts';
import { addSummary } from '../github.ts';
import { summarise } from '../plan-summary.ts';
import { changesAnything, fingerprint } from '../planned-changes.ts';
import { makePlan } from '../terraform-plan.ts';

export const command: Command = {
  usage: 'ENVIRONMENT --fingerprint HEX   applies the approved plan, and refuses any other',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { fingerprint: { type: 'string' } },
    });
    const environment = environmentOf(positionals[0]);
    if (!/^[0-9a-f]{64}$/.test(values.fingerprint ?? '')) throw new Refused(texts.plan.needsFingerprint);
    const fresh = makePlan(environment, { toApply: true });
    if (!fresh) return 1;
    const { isDestroy, plan } = fresh;
    if (fingerprint(plan) !== values.fingerprint) {
      addSummary(`**${texts.plan.differs}**\n\n${summarise(plan, environment, { isDestroy })}`);
      console.error(texts.plan.differs);
      return 1;
    }
    if (changesAnything(plan)) fresh.apply();
    else console.log(texts.plan.nothing);
    return 0;
  },
};
