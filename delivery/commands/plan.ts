import { writeFileSync } from 'node:fs';
import { defineCommand, environmentWord, fileForm } from 'command-line';
import { addSummary, setOutputs } from '../github.ts';
import { longestInComment, summarise } from '../plan-summary.ts';
import { changesAnything, fingerprint } from '../planned-changes.ts';
import { folded } from '../report.ts';
import { risksOf } from '../risks.ts';
import { makePlan } from '../terraform-plan.ts';

export const command = defineCommand({
  description: {
    pt: 'mostra o que seria criado e mudado ou, se assim configurado, destruído',
    en: 'shows what would be deployed or, if so configured, destroyed',
  },
  words: { environment: environmentWord },
  options: {
    out: {
      value: fileForm,
      description: {
        pt: 'onde gravar o resumo, para os comandos comment e drift',
        en: 'where to write the summary, for the commands comment and drift',
      },
    },
  },
  async run({ environment }, options) {
    const { isDestroy, plan } = await makePlan(environment, { toApply: false });
    addSummary(folded(summarise(plan, environment, { isDestroy })));
    if (options.out) {
      const report = summarise(plan, environment, { isDestroy, longest: longestInComment });
      writeFileSync(options.out, JSON.stringify(report));
    }
    setOutputs({
      changes: String(changesAnything(plan)),
      risks: String(risksOf(plan).length),
      fingerprint: fingerprint(plan),
    });
    return 0;
  },
});
