import { writeFileSync } from 'node:fs';
import { defineCommand, environmentWord, fileForm, Refused } from 'command-line';
import { compareCosts, readEstimate } from '../cost-comparison.ts';
import { texts } from '../delivery-texts.ts';
import { addSummary, setOutputs } from '../github.ts';
import { folded } from '../report.ts';

export const command = defineCommand({
  description: {
    pt: 'compara duas saídas de pnpm infra costs --json',
    en: 'compares two outputs of pnpm infra costs --json',
  },
  words: { environment: environmentWord },
  options: {
    before: {
      value: fileForm,
      required: true,
      description: {
        pt: 'a saída antes da mudança; se o arquivo não existe, o custo anterior é desconhecido',
        en: 'the output before the change; without the file, the previous cost is unknown',
      },
    },
    after: { value: fileForm, required: true, description: { pt: 'a saída depois dela', en: 'the output after it' } },
    out: {
      value: fileForm,
      description: {
        pt: 'onde gravar a comparação, para o comando comment',
        en: 'where to write the comparison, for the command comment',
      },
    },
  },
  run({ environment }, options) {
    const after = readEstimate(options.after);
    if (!after) throw new Refused(texts.costs.noEstimate(options.after));
    const { isAbove, report, rise } = compareCosts(readEstimate(options.before), after, environment);
    addSummary(folded(report));
    if (options.out) writeFileSync(options.out, JSON.stringify(report));
    setOutputs({ rise: rise === undefined ? '' : String(rise), above: String(isAbove) });
    return 0;
  },
});
