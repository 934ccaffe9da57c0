import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environmentOf } from '../arguments.ts';
import type { Command } from '../command.ts';
import { texts } from '../delivery-texts.ts';
import { addSummary, setOutputs } from '../github.ts';
import { longestInComment, summarise } from '../plan-summary.ts';
import { changesAnything, fingerprint } from '../planned-changes.ts';
import { makePlan } from '../terraform-plan.ts';

export const command: Command = {
  usage: 'ENVIRONMENT [--out FILE] [--json FILE]   shows what would be deployed or, if so configured, destroyed',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: 'string' }, json: { type: 'string' } },
    });
    const environment = environmentOf(positionals[0]);
    const fresh = makePlan(environment, { toApply: false });
    if (!fresh) {
      // Without a plan, it is unknown whether anything would change.
      setOutputs({ changes: 'unknown', fingerprint: '' });
      addSummary(texts.plan.ambiguousFlag(environment));
      return 0;
    }
    const { isDestroy, plan } = fresh;
    addSummary(summarise(plan, environment, { isDestroy }));
    if (values.out) {
      writeFileSync(values.out, `${summarise(plan, environment, { isDestroy, longest: longestInComment })}\n`);
    }
    // Only for Infracost: the file contains values, which may be secret.
    if (values.json) writeFileSync(values.json, JSON.stringify(plan));
    setOutputs({ changes: String(changesAnything(plan)), fingerprint: fingerprint(plan) });
    return 0;
  },
};
