import { execFileSync } from 'node:child_process';
import { defineCommand, environmentWord, fileForm, Refused, requireProgram } from 'command-line';
import { texts } from '../delivery-texts.ts';
import { folded, readReport } from '../report.ts';

export const command = defineCommand({
  description: {
    pt: 'abre, atualiza ou fecha a issue sobre as diferenças entre um ambiente e o código',
    en: 'opens, updates or closes the issue about an environment’s drift',
  },
  words: { environment: environmentWord },
  options: {
    drifted: {
      value: 'true|false',
      required: true,
      read: readDrifted,
      description: { pt: 'se o ambiente difere do código', en: 'whether the environment differs from the code' },
    },
    plan: { value: fileForm, required: true, description: { pt: 'o resumo do plano', en: 'the summary of the plan' } },
    run: {
      value: 'URL',
      required: true,
      description: { pt: 'a página da execução do workflow', en: 'the page of the workflow run' },
    },
  },
  run({ environment }, { drifted, plan, run }) {
    requireProgram('gh');
    const report = readReport(plan);
    if (drifted && !report) throw new Refused(texts.drift.needsPlan(plan));
    const body = report ? folded(report) : '';
    const label = `drift-${environment}`;
    const [issue] = JSON.parse(gh(['issue', 'list', '--state=open', `--label=${label}`, '--json=number'])) as {
      number: number;
    }[];
    if (drifted && issue) {
      gh(['issue', 'edit', String(issue.number), '--body-file=-'], body);
      gh(['issue', 'comment', String(issue.number), `--body=${texts.drift.still(run)}`]);
      console.log(texts.drift.updated(environment, issue.number));
    } else if (drifted) {
      gh(['label', 'create', label, '--force', `--description=${texts.drift.label(environment)}`]);
      const title = texts.drift.title(environment);
      const address = gh(['issue', 'create', `--title=${title}`, `--label=${label}`, '--body-file=-'], body);
      console.log(texts.drift.opened(environment, address.trim()));
    } else if (issue) {
      gh(['issue', 'close', String(issue.number), `--comment=${texts.drift.gone(run)}`]);
      console.log(texts.drift.closed(environment, issue.number));
    } else {
      console.log(texts.drift.none(environment));
    }
    return 0;
  },
});

function readDrifted(given: string): boolean {
  if (given !== 'true' && given !== 'false') throw new Refused(texts.drift.needsDrifted);
  return given === 'true';
}

/** Runs GitHub's CLI with the workflow's token. @throws with its message */
function gh(args: readonly string[], input = ''): string {
  return execFileSync('gh', args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'inherit'] });
}
