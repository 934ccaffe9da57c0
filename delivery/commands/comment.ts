import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environmentOf } from '../arguments.ts';
import { type Command, Refused } from '../command.ts';
import { type CommentParts, type Result, renderComment } from '../comment.ts';
import { texts } from '../delivery-texts.ts';
import { addSummary } from '../github.ts';

export const command: Command = {
  usage:
    'ENVIRONMENT --needs JSON --run URL [--plan FILE] [--costs FILE] [--infracost FILE] --out FILE   writes the comment for a pull request',
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        needs: { type: 'string', default: '' },
        run: { type: 'string', default: '' },
        plan: { type: 'string' },
        costs: { type: 'string' },
        infracost: { type: 'string' },
        out: { type: 'string' },
      },
    });
    const markdown = renderComment({
      environment: environmentOf(positionals[0]),
      ...readNeeds(values.needs),
      run: values.run,
      plan: read(values.plan),
      costs: read(values.costs),
      infracost: read(values.infracost),
    });
    addSummary(markdown);
    if (values.out) writeFileSync(values.out, `${markdown}\n`);
    return 0;
  },
};

/** Reads the results and outputs of the earlier jobs from GitHub's expression `toJSON(needs)`. */
function readNeeds(needs: string): Pick<CommentParts, 'results' | 'keepsInfrastructure'> {
  try {
    const jobs: Record<string, { result: Result; outputs?: Record<string, string> }> = JSON.parse(needs);
    return {
      results: Object.fromEntries(Object.entries(jobs).map(([name, { result }]) => [name, result])),
      keepsInfrastructure: jobs.changes?.outputs?.infra === 'false',
    };
  } catch {
    throw new Refused(texts.comment.needsJson);
  }
}

/** Undefined if there is no file: its job was skipped. */
function read(file: string | undefined): string | undefined {
  return file && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
