import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { defineCommand, environmentWord, fileForm, Refused } from 'command-line';
import { type CommentParts, type Result, renderComment } from '../comment.ts';
import { texts } from '../delivery-texts.ts';
import { addSummary } from '../github.ts';

export const command = defineCommand({
  description: { pt: 'escreve o comentário de um pull request', en: 'writes the comment for a pull request' },
  words: { environment: environmentWord },
  options: {
    needs: {
      value: 'JSON',
      required: true,
      read: readNeeds,
      description: { pt: 'a expressão toJSON(needs) do GitHub', en: "GitHub's expression toJSON(needs)" },
    },
    run: {
      value: 'URL',
      required: true,
      description: { pt: 'a página da execução do workflow', en: 'the page of the workflow run' },
    },
    plan: { value: fileForm, description: { pt: 'o resumo do plano', en: 'the summary of the plan' } },
    costs: { value: fileForm, description: { pt: 'a comparação dos custos', en: 'the comparison of costs' } },
    out: { value: fileForm, description: { pt: 'onde gravar o comentário', en: 'where to write the comment' } },
  },
  run({ environment }, options) {
    const markdown = renderComment({
      environment,
      ...options.needs,
      run: options.run,
      plan: read(options.plan),
      costs: read(options.costs),
    });
    addSummary(markdown);
    if (options.out) writeFileSync(options.out, `${markdown}\n`);
    return 0;
  },
});

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
