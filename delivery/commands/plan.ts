import { writeFileSync } from 'node:fs';
import { defineCommand, environmentWord, fileForm } from 'command-line';
import { addSummary, setOutputs } from '../github.ts';
import { longestInComment, summarise } from '../plan-summary.ts';
import { changesAnything, changesOf, fingerprint } from '../planned-changes.ts';
import { risksOf } from '../risks.ts';
import { makePlan } from '../terraform-plan.ts';

export const command = defineCommand({
  description: {
    pt: 'mostra o que seria criado e mudado ou, se assim configurado, destruído',
    en: 'shows what would be deployed or, if so configured, destroyed',
  },
  words: { environment: environmentWord },
  options: {
    out: { value: fileForm, description: { pt: 'onde gravar o resumo', en: 'where to write the summary' } },
  },
  async run({ environment }, options) {
    const { isDestroy, plan } = await makePlan(environment, { toApply: false });
    addSummary(summarise(plan, environment, { isDestroy }));
    if (options.out) {
      writeFileSync(options.out, `${summarise(plan, environment, { isDestroy, longest: longestInComment })}\n`);
    }
    setOutputs({
      changes: String(changesAnything(plan)),
      risks: String(risksOf(changesOf(plan)).length),
      fingerprint: fingerprint(plan),
    });
    return 0;
  },
});
