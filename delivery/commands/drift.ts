import { defineCommand, environmentWord, fileForm, Refused, requireProgram } from 'command-line';
import { readBoolean } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { ghCommand } from '../github-api.ts';
import { runOption } from '../github-run.ts';
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
      read: readBoolean('--drifted'),
      description: { pt: 'se o ambiente difere do código', en: 'whether the environment differs from the code' },
    },
    plan: { value: fileForm, required: true, description: { pt: 'o resumo do plano', en: 'the summary of the plan' } },
    run: runOption,
  },
  run({ environment }, { drifted, plan, run }) {
    requireProgram('gh');
    const report = readReport(plan);
    if (drifted && !report) throw new Refused(texts.drift.needsPlan(plan));
    const body = report ? folded(report) : '';
    const label = `drift-${environment}`;
    const [issue] = JSON.parse(ghCommand(['issue', 'list', '--state=open', `--label=${label}`, '--json=number'])) as {
      number: number;
    }[];
    if (drifted && issue) {
      ghCommand(['issue', 'edit', String(issue.number), '--body-file=-'], body);
      ghCommand(['issue', 'comment', String(issue.number), `--body=${texts.drift.still(run)}`]);
      console.log(texts.drift.updated(environment, issue.number));
    } else if (drifted) {
      ghCommand(['label', 'create', label, '--force', `--description=${texts.drift.label(environment)}`]);
      const title = texts.drift.title(environment);
      const address = ghCommand(['issue', 'create', `--title=${title}`, `--label=${label}`, '--body-file=-'], body);
      console.log(texts.drift.opened(environment, address.trim()));
    } else if (issue) {
      ghCommand(['issue', 'close', String(issue.number), `--comment=${texts.drift.gone(run)}`]);
      console.log(texts.drift.closed(environment, issue.number));
    } else {
      console.log(texts.drift.none(environment));
    }
    return 0;
  },
});
