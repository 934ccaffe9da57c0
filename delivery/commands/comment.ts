import { writeFileSync } from 'node:fs';
import { defineCommand, environmentWord, fileForm } from 'command-line';
import { renderComment } from '../comment.ts';
import { addSummary } from '../github.ts';
import { gh, ghList, ghText } from '../github-api.ts';
import { approversOf, failedJobs, runOf, runOption } from '../github-run.ts';
import { needsOption } from '../needs.ts';
import { readReport } from '../report.ts';

export const command = defineCommand({
  description: { pt: 'escreve o comentário de um pull request', en: 'writes the comment for a pull request' },
  words: { environment: environmentWord },
  options: {
    needs: needsOption,
    run: runOption,
    plan: { value: fileForm, description: { pt: 'o resumo do plano', en: 'the summary of the plan' } },
    costs: { value: fileForm, description: { pt: 'a comparação dos custos', en: 'the comparison of costs' } },
    out: { value: fileForm, description: { pt: 'onde gravar o comentário', en: 'where to write the comment' } },
  },
  run({ environment }, { costs, needs, out, plan, run }) {
    const { parts } = needs.changes?.outputs ?? {};
    const page = runOf(run);
    const approvers = new Map<string, readonly string[]>();
    const markdown = renderComment({
      environment,
      results: Object.fromEntries(Object.entries(needs).map(([job, { result }]) => [job, result])),
      changed: parts?.split(',').filter(Boolean),
      isRisky: Number(needs.plan?.outputs?.risks ?? 0) > 0,
      isAboveLimit: needs.costs?.outputs?.above === 'true',
      approversOf(name) {
        const known = approvers.get(name) ?? (page ? approversOf(name, page.repository, gh) : []);
        approvers.set(name, known);
        return known;
      },
      failedJobs: page ? failedJobs(page, ghList, ghText) : [],
      run,
      plan: readReport(plan),
      costs: readReport(costs),
    });
    addSummary(markdown);
    if (out) writeFileSync(out, `${markdown}\n`);
    return 0;
  },
});
