import { writeFileSync } from 'node:fs';
import { defineCommand, duration, environmentWord, exactly, fileForm, Refused, requireProgram } from 'command-line';
import { applications } from 'platform/applications';
import { accountOf } from '../accounts.ts';
import { texts } from '../command-texts.ts';
import { awsIn } from '../drill/programs.ts';
import { deleteAllCopies, type Report, restoreDrill } from '../drill/restore-drill.ts';
import { callerIdentity } from '../prerequisites.ts';
import { readSettings } from '../settings.ts';

const text = texts.drill;

export const command = defineCommand({
  description: {
    pt: 'restaura o banco em uma instância descartável, compara com o original e apaga a cópia',
    en: 'restores the database to a throw-away instance, compares it with the live one and deletes it',
  },
  words: { drill: exactly('restore'), environment: environmentWord },
  options: {
    to: {
      value: '2026-01-31T12:00:00Z',
      read: readTime,
      description: {
        pt: 'restaura para este instante, e não para o mais recente possível',
        en: 'restores to this time instead of the latest one possible',
      },
    },
    out: {
      value: fileForm,
      description: { pt: 'grava também o resultado, em JSON', en: 'also writes the result, as JSON' },
    },
    clean: {
      description: {
        pt: 'só apaga as cópias que ensaios interrompidos deixaram',
        en: 'only deletes the copies that interrupted drills left',
      },
    },
  },
  async run({ environment }, { clean, out, to }) {
    for (const program of clean ? ['aws'] : ['aws', 'kubectl']) requireProgram(program);
    const settings = readSettings();
    const caller = callerIdentity();
    if (!caller) throw new Refused(texts.doctor.noCredentials);
    const { id } = accountOf(settings, environment);
    if (id !== undefined && caller.Account !== id) throw new Refused(texts.doctor.otherAccount(caller.Account, id));
    const aws = awsIn(settings.region);
    if (clean) {
      console.log(text.cleaned(await deleteAllCopies(aws, environment)));
      return 0;
    }
    const stop = new AbortController();
    const interrupt = () => {
      if (!stop.signal.aborted) console.error(text.stopping);
      stop.abort(new Refused(text.interrupted));
    };
    const signals = ['SIGINT', 'SIGTERM'] as const;
    for (const signal of signals) process.on(signal, interrupt);
    try {
      const { owner } = settings;
      const withDatabase = applications.filter(({ database }) => database !== undefined).map(({ name }) => name);
      const props = { aws, environment, owner, to, applications: withDatabase, signal: stop.signal };
      const report = await restoreDrill(props);
      if (out !== undefined) writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
      console.log(`\n${summaryOf(report)}`);
      return report.passed ? 0 : 1;
    } finally {
      for (const signal of signals) process.off(signal, interrupt);
    }
  },
});

function summaryOf({ comparisons, environment, passed, problem, restoredTo, steps }: Report): string {
  const total = duration(steps.reduce((sum, { seconds }) => sum + seconds, 0));
  if (problem !== undefined) return text.failed(environment, problem);
  const differences = comparisons.flatMap(({ differences }) => differences);
  if (!passed) return text.differs(environment, restoredTo, differences);
  const rows = comparisons.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.rows, 0);
  return text.passed(environment, restoredTo, rows, total);
}

function readTime(given: string): Date {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(given);
  const time = new Date(given);
  if (!isTime || Number.isNaN(time.getTime())) throw new Refused(text.noTime(given));
  return time;
}
