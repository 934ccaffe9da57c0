import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand, environmentWord, Refused, requireProgram } from 'command-line';
import { branches } from 'platform';
import { outcomeOf, pullRequestOf, tell } from '../delivered.ts';
import { texts } from '../delivery-texts.ts';
import { gh, ghList, ghText } from '../github-api.ts';
import { failedJobs, runOf, runOption } from '../github-run.ts';
import { needsOption } from '../needs.ts';
import { parts } from '../parts.ts';

export const command = defineCommand({
  description: {
    pt: 'escreve no pull request o que aconteceu depois do merge',
    en: 'writes to the pull request what happened after the merge',
  },
  words: { part: { name: { pt: 'PARTE', en: 'PART' }, read: readPart }, environment: environmentWord },
  options: {
    needs: needsOption,
    run: runOption,
    commit: { value: 'COMMIT', required: true, description: { pt: 'o commit entregue', en: 'the delivered commit' } },
  },
  async run({ environment, part }, { commit, needs, run }) {
    requireProgram('gh');
    const page = runOf(run);
    const number = page && pullRequestOf(commit, branches[environment], page.repository, ghList);
    if (!page || number === undefined) {
      console.log(texts.tell.noPullRequest(commit));
      return 0;
    }
    const added = {
      ...outcomeOf(needs, failedJobs(page, ghList, ghText)),
      part,
      environment,
      run,
      at: new Date().toISOString(),
    };
    // Not the same for all runs that write at the same moment.
    const pause = () => sleep(1_000 + Math.random() * 4_000).then(() => undefined);
    await tell(number, added, { api: gh, list: ghList, repository: page.repository, pause });
    console.log(texts.tell.done(number));
    return 0;
  },
});

function readPart(given: string): string {
  if (!Object.hasOwn(parts, given)) throw new Refused(texts.tell.unknownPart(given, Object.keys(parts).join(', ')));
  return given;
}
