import { writeFileSync } from 'node:fs';
import { defineCommand, environmentWord, fileForm, oneOf, Refused, requireProgram } from 'command-line';
import type { EnvironmentName } from 'platform';
import { applications } from 'platform/applications';
import { accountOf } from '../accounts.ts';
import { ask } from '../ask.ts';
import { texts } from '../command-texts.ts';
import { type FaultName, faultDrill, faultNames, undoAll } from '../drill/faults/fault-drill.ts';
import * as faultReport from '../drill/faults/fault-report.ts';
import { connect } from '../drill/kubectl.ts';
import { type Aws, awsIn } from '../drill/programs.ts';
import { deleteAllCopies, restoreDrill } from '../drill/restore-drill.ts';
import * as restoreReport from '../drill/restore-report.ts';
import { environments } from '../environments/all.ts';
import { withKubeconfig } from '../kubeconfig.ts';
import { requireCaller } from '../prerequisites.ts';
import { readSettings, type Settings } from '../settings.ts';
import { yes } from '../yes.ts';

const text = texts.drill;
const restore = 'restore';
const drillWord = oneOf([restore, ...faultNames]);

interface Options {
  readonly clean: boolean;
  readonly out: string | undefined;
  readonly to: Date | undefined;
  readonly yes: boolean;
  readonly zone: string | undefined;
}

/** Who calls AWS, and where. */
interface Account {
  readonly settings: Settings;
  readonly aws: Aws;
}

export const command = defineCommand({
  description: {
    pt: 'restaura o banco em uma cópia descartável e a compara, ou causa em dev uma falha da AWS, com o smoke test rodando',
    en: 'restores the database to a throw-away copy and compares it, or causes a fault of AWS in dev while the smoke test runs',
  },
  words: { drill: drillWord, environment: environmentWord },
  options: {
    to: {
      value: '2026-01-31T12:00:00Z',
      read: readTime,
      description: {
        pt: 'restaura para este instante, e não para o mais recente possível',
        en: 'restores to this time instead of the latest one possible',
      },
    },
    zone: {
      value: 'us-east-1a',
      description: {
        pt: 'perde esta zona, e não a que tem menos do que só existe uma vez',
        en: 'loses this zone instead of the one with least of what exists only once',
      },
    },
    out: {
      value: fileForm,
      description: { pt: 'grava também o resultado, em JSON', en: 'also writes the result, as JSON' },
    },
    clean: {
      description: {
        pt: 'só apaga as cópias, ou desfaz as falhas, que ensaios interrompidos deixaram',
        en: 'only deletes the copies, or undoes the faults, that interrupted drills left',
      },
    },
    yes,
  },
  async run({ drill, environment }, options) {
    refuseOthers(drill, options);
    if (drill === restore) return runRestore(environment, options);
    if (environment === 'prd') throw new Refused(texts.faults.onlyDev(drill));
    return runFault(drill, environment, options);
  },
});

/** Options of one drill say nothing to another, and nobody should believe that they do. */
function refuseOthers(drill: typeof restore | FaultName, { to, zone }: Options): void {
  if (drill !== restore && to !== undefined) throw new Refused(text.onlyFor('to', [restore]));
  if (drill !== 'zone' && zone !== undefined) throw new Refused(text.onlyFor('zone', ['zone']));
}

async function runRestore(environment: EnvironmentName, { clean, out, to }: Options): Promise<number> {
  const { aws, settings } = accountWith(environment, clean ? ['aws'] : ['aws', 'kubectl']);
  if (clean) {
    console.log(text.cleaned(await deleteAllCopies(aws, environment)));
    return 0;
  }
  return untilStopped(text.stopping, async (signal) => {
    const { owner } = settings;
    const withDatabase = applications.filter(({ database }) => database !== undefined).map(({ name }) => name);
    const report = await restoreDrill({ aws, environment, owner, to, applications: withDatabase, signal });
    console.log(`\n${restoreReport.summaryOf(report)}`);
    write(out, report);
    return report.passed ? 0 : 1;
  });
}

async function runFault(fault: FaultName, name: EnvironmentName, options: Options): Promise<number> {
  const { aws, settings } = accountWith(name, ['aws', 'kubectl']);
  const { clean, out, yes, zone } = options;
  return withKubeconfig(async (kubeconfig) => {
    const kubectl = await connect(aws, name, kubeconfig);
    const place = { environment: environments[name], aws, kubectl, owner: settings.owner, zone };
    if (clean) {
      console.log(texts.faults.cleaned(await undoAll(place)));
      return 0;
    }
    const confirm = async () => yes || (await ask(texts.faults.typeToPlay(name))) === name;
    return untilStopped(texts.faults.stopping, async (signal) => {
      const report = await faultDrill({ ...place, fault, confirm, signal });
      console.log(`\n${faultReport.tableOf(report)}\n\n${faultReport.summaryOf(report)}`);
      write(out, report);
      return report.passed ? 0 : 1;
    });
  });
}

/** @throws {Refused} if the credentials are missing, or those of another account */
function accountWith(environment: EnvironmentName, programs: readonly string[]): Account {
  for (const program of programs) requireProgram(program);
  const settings = readSettings();
  const caller = requireCaller();
  const { id } = accountOf(settings, environment);
  if (id !== undefined && caller.Account !== id) throw new Refused(texts.doctor.otherAccount(caller.Account, id));
  return { settings, aws: awsIn(settings.region) };
}

/** @param stopping what a person is told who stops the drill */
async function untilStopped(stopping: string, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => {
    if (!stop.signal.aborted) console.error(stopping);
    stop.abort(new Refused(text.interrupted));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(stop.signal);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

function write(file: string | undefined, report: object): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

function readTime(given: string): Date {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(given);
  const time = new Date(given);
  // JavaScript takes 31 February for 3 March.
  const isDay = new Date(given.slice(0, 10)).getUTCDate() === Number(given.slice(8, 10));
  if (!isTime || !isDay || Number.isNaN(time.getTime())) throw new Refused(text.noTime(given));
  return time;
}
