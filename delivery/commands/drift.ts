import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { environmentOf } from '../arguments.ts';
import { type Command, Refused } from '../command.ts';
import { texts } from '../delivery-texts.ts';

export const command: Command = {
  usage:
    'ENVIRONMENT --drifted true|false|unknown --body FILE --run URL   opens, updates or closes the issue about an environment’s drift',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        drifted: { type: 'string' },
        body: { type: 'string', default: '' },
        run: { type: 'string', default: '' },
      },
    });
    const environment = environmentOf(positionals[0]);
    if (values.drifted === 'unknown') {
      console.log(texts.drift.unknown(environment));
      return 0;
    }
    if (values.drifted !== 'true' && values.drifted !== 'false') throw new Refused(texts.drift.needsDrifted);
    const label = `drift-${environment}`;
    const [issue] = JSON.parse(gh('issue', 'list', '--state=open', `--label=${label}`, '--json=number')) as {
      number: number;
    }[];
    if (values.drifted === 'true') {
      if (issue) {
        gh('issue', 'edit', String(issue.number), `--body-file=${values.body}`);
        gh('issue', 'comment', String(issue.number), `--body=${texts.drift.still(values.run)}`);
      } else {
        gh('label', 'create', label, '--force', `--description=${texts.drift.label(environment)}`);
        gh(
          'issue',
          'create',
          `--title=${texts.drift.title(environment)}`,
          `--label=${label}`,
          `--body-file=${values.body}`,
        );
      }
    } else if (issue) {
      gh('issue', 'close', String(issue.number), `--comment=${texts.drift.gone(values.run)}`);
    }
    return 0;
  },
};

/** Runs GitHub's CLI with the workflow's token. @throws with its message */
function gh(...args: string[]): string {
  return execFileSync('gh', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
