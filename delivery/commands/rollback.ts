import { parseArgs } from 'node:util';
import { applicationOf } from '../arguments.ts';
import { type Command, Refused } from '../command.ts';
import { texts } from '../delivery-texts.ts';
import { rollBack } from '../rollout.ts';

/** Seconds. */
const timeout = 300;

export const command: Command = {
  usage: 'APPLICATION --to REVISION   rolls back to the previous revision, as the release reported it',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { to: { type: 'string', default: '' } },
    });
    const application = applicationOf(positionals[0]).name;
    if (values.to === '') {
      console.error(texts.release.nothingBefore(application));
      return 1;
    }
    if (!/^\d+$/.test(values.to)) throw new Refused(`--to ${values.to}: a number`);
    return (await rollBack(application, values.to, timeout)) ? 0 : 1;
  },
};
