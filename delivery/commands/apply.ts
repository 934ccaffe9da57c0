import { defineCommand, environmentWord, Refused } from 'command-line';
import { texts } from '../delivery-texts.ts';
import { addSummary } from '../github.ts';
import { summarise } from '../plan-summary.ts';
import { changesAnything, fingerprint } from '../planned-changes.ts';
import { folded } from '../report.ts';
import { makePlan } from '../terraform-plan.ts';

export const command = defineCommand({
  description: {
    pt: 'aplica o plano aprovado, e recusa qualquer outro',
    en: 'applies the approved plan, and refuses any other',
  },
  words: { environment: environmentWord },
  options: {
    fingerprint: {
      value: 'HEX',
      required: true,
      read: readFingerprint,
      description: {
        pt: 'o plano aprovado, como o comando plan o informou',
        en: 'the approved plan, as the command plan reported it',
      },
    },
  },
  async run({ environment }, options) {
    const { apply, isDestroy, plan } = await makePlan(environment, { toApply: true });
    if (fingerprint(plan) !== options.fingerprint) {
      addSummary(`**${texts.plan.differs}**\n\n${folded(summarise(plan, environment, { isDestroy }))}`);
      console.error(texts.plan.differs);
      return 1;
    }
    if (changesAnything(plan)) await apply();
    else console.log(texts.plan.nothing);
    return 0;
  },
});

function readFingerprint(given: string): string {
  if (!/^[0-9a-f]{64}$/.test(given)) throw new Refused(texts.plan.needsFingerprint);
  return given;
}
