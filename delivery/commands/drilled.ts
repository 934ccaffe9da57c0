import { defineCommand, environmentWord, requireProgram } from 'command-line';
import { texts } from '../delivery-texts.ts';
import { say } from '../github.ts';
import { gh } from '../github-api.ts';

/** The workflow that tries a restore every month. Its runs are named `Restore drill: ENVIRONMENT`. */
const workflow = 'restore-drill.yml';

/** Longer than a month, so that one failed drill can be repeated. */
const weeks = 6;

export const command = defineCommand({
  description: {
    pt: 'falha se nenhum ensaio de restauração passou nas últimas seis semanas',
    en: 'fails if no restore drill passed in the last six weeks',
  },
  words: { environment: environmentWord },
  options: {},
  run({ environment }) {
    requireProgram('gh');
    const since = new Date(Date.now() - weeks * 7 * 24 * 60 * 60_000).toISOString();
    // GitHub's CLI fills in the repository, from GH_REPO or the checkout.
    const runs = `repos/{owner}/{repo}/actions/workflows/${workflow}/runs`;
    const path = `${runs}?status=success&created=%3E%3D${since}&per_page=100`;
    // Undefined before the workflow is on the default branch.
    const answer = gh(path) as
      | { readonly workflow_runs: readonly { readonly display_title: string; readonly updated_at: string }[] }
      | undefined;
    const last = answer?.workflow_runs.find(({ display_title: title }) => title.endsWith(`: ${environment}`));
    say(last ? texts.drilled.passed(environment, last.updated_at) : texts.drilled.never(environment, weeks, workflow));
    return last ? 0 : 1;
  },
});
