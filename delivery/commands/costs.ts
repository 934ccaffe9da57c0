import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environmentOf } from '../arguments.ts';
import { type Command, Refused } from '../command.ts';
import { compareCosts, readEstimate } from '../cost-comparison.ts';
import { texts } from '../delivery-texts.ts';
import { addSummary, setOutputs } from '../github.ts';

export const command: Command = {
  usage: 'ENVIRONMENT --before FILE --after FILE [--out FILE]   compares two outputs of `pnpm infra costs --json`',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        before: { type: 'string', default: '' },
        after: { type: 'string', default: '' },
        out: { type: 'string' },
      },
    });
    const environment = environmentOf(positionals[0]);
    const after = readEstimate(values.after);
    if (!after) throw new Refused(texts.costs.noEstimate(values.after));
    const { isAbove, markdown, rise } = compareCosts(readEstimate(values.before), after, environment);
    addSummary(markdown);
    if (values.out) writeFileSync(values.out, `${markdown}\n`);
    setOutputs({ rise: rise === undefined ? '' : String(rise), above: String(isAbove) });
    return 0;
  },
};
