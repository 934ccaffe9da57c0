import { defineCommand, environmentWord, requireProgram } from 'command-line';
import { texts } from '../delivery-texts.ts';
import { say } from '../github.ts';
import { ghList } from '../github-api.ts';
import { runOption } from '../github-run.ts';
import { keepIssue } from '../open-issue.ts';

/** The workflow that tries a restore every month. Its runs are named `Restore drill: ENVIRONMENT`. */
const workflow = 'restore-drill.yml';

/** A run of it. */
interface Drill {
  readonly display_title: string;
  readonly updated_at: string;
}

/** Longer than a month, so that one failed drill can be repeated. */
const weeks = 6;

export const command = defineCommand({
  description: {
    pt: 'falha se nenhum ensaio de restauração passou nas últimas seis semanas, e mantém uma issue que diz isso',
    en: 'fails if no restore drill passed in the last six weeks, and keeps an issue that says so',
  },
  words: { environment: environmentWord },
  options: { run: runOption },
  run({ environment }, { run }) {
    requireProgram('gh');
    const since = new Date(Date.now() - weeks * 7 * 24 * 60 * 60_000).toISOString();
    // GitHub's CLI fills in the repository, from GH_REPO or the checkout.
    const runs = `repos/{owner}/{repo}/actions/workflows/${workflow}/runs`;
    // Undefined before the workflow is on the default branch.
    const found = ghList<Drill>(`${runs}?status=success&created=%3E%3D${since}`, 'workflow_runs');
    const last = found?.find(({ display_title: title }) => title.endsWith(`: ${environment}`));
    const { gone, label, never, passed, still, title } = texts.drilled;
    const state = last ? passed(environment, last.updated_at) : never(environment, weeks, workflow);
    say(state);
    // GitHub mails a failed schedule only to the person who last changed it. An issue reaches all who watch the repository.
    const kept = keepIssue({
      label: `restore-${environment}`,
      description: label(environment),
      title: title(environment),
      body: last ? undefined : state,
      still: still(run),
      gone: gone(run),
    });
    if (kept.state !== 'none') console.log(texts.drilled[kept.state](String(kept.issue)));
    return last ? 0 : 1;
  },
});
