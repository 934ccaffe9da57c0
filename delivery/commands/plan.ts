import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environmentOf } from '../arguments.ts';
import type { Command } from '../command.ts';
import { addSummary, setOutputs } from '../github.ts';
import { changesOf, fingerprint } from '../plan.ts';
import { summarise } from '../plan-summary.ts';
import { makePlan } from '../terraform-plan.ts';
import { texts } from '../texts.ts';

export const command: Command = {
  usage: 'ENVIRONMENT [--out FILE] [--json FILE]   tells what deploying, or destroying as the file says, would change',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: 'string' }, json: { type: 'string' } },
    });
    const environment = environmentOf(positionals[0]);
    const fresh = makePlan(environment);
    if (!fresh) {
      setOutputs({ changes: 'false', fingerprint: '' });
      addSummary(texts.plan.doubtful(environment));
      return 0;
    }
    const { isDestroy, plan } = fresh;
    const summary = summarise(plan, environment, isDestroy);
    addSummary(summary);
    if (values.out) writeFileSync(values.out, `${summary}\n`);
    // For Infracost alone: it holds values.
    if (values.json) writeFileSync(values.json, JSON.stringify(plan));
    setOutputs({ changes: String(changesOf(plan).length > 0), fingerprint: fingerprint(plan) });
    return 0;
  },
};
