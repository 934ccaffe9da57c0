import { defineCommand, environmentWord, fileForm, Refused, requireProgram } from 'command-line';
import { readBoolean } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { runOption } from '../github-run.ts';
import { keepIssue } from '../open-issue.ts';
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
    const kept = keepIssue({
      label: `drift-${environment}`,
      description: texts.drift.label(environment),
      title: texts.drift.title(environment),
      body: drifted && report ? folded(report) : undefined,
      still: texts.drift.still(run),
      gone: texts.drift.gone(run),
    });
    console.log(
      kept.state === 'none' ? texts.drift.none(environment) : texts.drift[kept.state](environment, kept.issue),
    );
    return 0;
  },
});
