import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../../needs.ts';
import { matches } from './patterns.ts';
import { actionAt, type Contexts, evaluate, interpolate, isToRun, type Job, type Step, workflow } from './workflows.ts';

type Texts = Readonly<Record<string, string>>;

/** What a program or a third-party action does when it is called. */
export interface Answer {
  /** Shell pattern of the whole call, such as `pnpm delivery plan *`. */
  readonly to: string;
  readonly fails?: boolean;
  /** With which exit code it fails. By default 1. */
  readonly code?: number;
  /** The run is cancelled while it works. */
  readonly isCancelled?: boolean;
  readonly outputs?: Texts;
  readonly prints?: string;
}

export interface JobRun {
  readonly result: Result;
  readonly outputs: Texts;
  /**
   * Programs and third-party actions, in the order of their calls, as in `pnpm check` and `actions/checkout
   * persist-credentials=false`. After `<` comes a password that a program reads.
   */
  readonly calls: readonly string[];
  /** What the steps printed. */
  readonly log: string;
  /** What the job left in some of its files, by path. */
  readonly files: Texts;
}

export interface Given extends Contexts {
  /** The first match counts. A call without an answer succeeds. */
  readonly answers?: readonly Answer[];
  /** Index of a call that fails. */
  readonly failing?: number;
}

/** Programs that steps name. */
const programs = [
  ...['pnpm', 'docker', 'aws', 'gh', 'git', 'jq'],
  ...['.github/actions/install/pnpm', '.ci/install-linters'],
];

/** Calls that ask GitHub, as shell patterns. */
const askGithub = [
  'gh *',
  ...['await', 'comment', 'drift', 'drilled', 'propose', 'supersede', 'tell'].map(
    (command) => `pnpm delivery ${command}*`,
  ),
];

/** A shell pattern as `case` takes it. */
const pattern = (given: string) => given.replaceAll(' ', '\\ ');

/**
 * Runs the steps of a job as GitHub does: conditions, outputs, tolerated failures and the repository's own actions are
 * evaluated, and scripts run in bash. The programs that they call, and third-party actions, are stand-ins.
 */
export function runJob(file: string, name: string, given: Given): JobRun {
  const key = JSON.stringify([file, name, given]);
  const run = known.get(key) ?? start(file, name, given);
  known.set(key, run);
  return run;
}

/** Many tests ask for the same run. */
const known = new Map<string, JobRun>();

function start(file: string, name: string, given: Given): JobRun {
  const { env: ofWorkflow = {}, jobs } = workflow(file);
  const job = jobs[name];
  if (!job?.steps) throw new Error(`${file} has no job ${name} with steps`);
  const folder = mkdtempSync(join(tmpdir(), 'job-'));
  try {
    const contexts = { github: github(), ...given };
    const runner = new Runner(folder, given);
    const env = texts(ofWorkflow, contexts);
    const all = { ...contexts, env };
    const { cancelled, failed, steps } = runner.steps(job.steps, { ...env, ...texts(job.env, all) }, all);
    const isTolerated = evaluate(String(job['continue-on-error'] ?? false), all);
    return {
      result: cancelled ? 'cancelled' : failed && !isTolerated ? 'failure' : 'success',
      outputs: texts(job.outputs, { ...all, steps }),
      calls: runner.calls,
      log: runner.log,
      files: Object.fromEntries(
        ['before.json', 'after.json', 'infra/settings.json']
          .filter((path) => existsSync(join(folder, path)))
          .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
      ),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** GitHub's context for a push to develop. */
export const github = (more: object = {}) => ({
  repository: 'owner/name',
  server_url: 'https://github.example',
  run_id: '12',
  run_number: '17',
  run_attempt: '1',
  token: 'github-token',
  sha: 'c0ffee',
  event: {},
  ...more,
});

const texts = (given: Texts | undefined, contexts: Contexts): Record<string, string> =>
  Object.fromEntries(Object.entries(given ?? {}).map(([name, text]) => [name, interpolate(text, contexts)]));

interface StepResult {
  readonly outcome: Result;
  readonly conclusion: Result;
  readonly outputs: Texts;
}

class Runner {
  readonly #folder: string;
  readonly #answers: readonly Answer[];
  readonly #failing: number | undefined;
  /** Bash that defines the stand-ins. */
  readonly #prelude: string;
  readonly calls: string[] = [];
  log = '';

  constructor(folder: string, { answers = [], failing }: Given) {
    this.#folder = folder;
    this.#answers = answers;
    this.#failing = failing;
    const cases = answers.map(({ code: failure = 1, fails, isCancelled, outputs = {}, prints = '', to }) => {
      const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
      const code = fails || isCancelled ? failure : 0;
      return `  ${pattern(to)}) printf '%s' '${lines.join('')}' >> "$GITHUB_OUTPUT"; printf '%s' '${prints}'; return ${code} ;;`;
    });
    // Functions, because a file for each program would have to be started for each call.
    const functions = programs.map((program) => `function ${program} { called "${program} $*"; }`);
    this.#prelude = `
called() {
  call=$1
  case $call in *--password-stdin*) read -r password || :; call="$call < $password" ;; esac
  printf '%s\n' "$call" >> '${folder}/.calls'
  # macOS has bash 3.2, without mapfile.
  count=0
  while IFS= read -r _; do count=$((count + 1)); done < '${folder}/.calls'
  [ "$count" != "$FAILING" ] || return 1
  # GitHub's CLI does nothing in a workflow without it.
  case $call in ${askGithub.map(pattern).join(' | ')}) [ -n "$GH_TOKEN" ] || return 4 ;; esac
  case $call in
${cases.join('\n')}
  esac
}
${functions.join('\n')}
# Our own programs are the same, however they are started.
function node_modules/.bin/node { program=\${1%/cli.ts}; shift; called "pnpm $program $*"; }
exec() { "$@"; exit; }
`;
    mkdirSync(join(folder, 'infra'));
  }

  steps(all: readonly Step[], env: Texts, contexts: Contexts) {
    const steps: Record<string, StepResult> = {};
    let [failed, cancelled] = [false, false];
    for (const [index, step] of all.entries()) {
      const now = { ...contexts, steps };
      const before = { succeeded: !failed, failed, cancelled };
      const result: StepResult = isToRun(step.if, now, before)
        ? this.#step(step, { ...env, ...texts(step.env, now) }, now)
        : { outcome: 'skipped', conclusion: 'skipped', outputs: {} };
      steps[step.id ?? index] = result;
      failed ||= result.conclusion === 'failure';
      cancelled ||= result.conclusion === 'cancelled';
    }
    return { failed, cancelled, steps };
  }

  #step(step: Step, env: Texts, contexts: Contexts): StepResult {
    const { outcome, outputs } = this.#work(step, env, contexts);
    const isTolerated = interpolate(step['continue-on-error'] ?? false, contexts) === 'true';
    return { outcome, outputs, conclusion: outcome === 'failure' && isTolerated ? 'success' : outcome };
  }

  #work(step: Step, env: Texts, contexts: Contexts): Pick<StepResult, 'outcome' | 'outputs'> {
    const inputs = texts(step.with, contexts);
    if (step.uses?.startsWith('./')) {
      const { inputs: known = {}, outputs, runs } = actionAt(step.uses);
      const defaults = Object.entries(known).map(([name, { default: value = '' }]) => [name, value]);
      // An own action sees neither secrets nor variables of the workflow.
      const { github } = contexts;
      const own = { github, inputs: { ...Object.fromEntries(defaults), ...inputs } } as Contexts;
      const { cancelled, failed, steps } = this.steps(runs.steps, env, own);
      const values = Object.entries(outputs ?? {}).map(([name, { value }]) => [name, value]);
      return {
        outcome: cancelled ? 'cancelled' : failed ? 'failure' : 'success',
        outputs: texts(Object.fromEntries(values), { ...own, steps }),
      };
    }
    const from = this.calls.length;
    const { failed, outputs } = step.uses ? this.#thirdParty(step.uses, inputs) : this.#script(step, env);
    const isCancelled = this.calls
      .slice(from)
      .some((call) => this.#answers.find(({ to }) => matches(to, call))?.isCancelled);
    return { outcome: isCancelled ? 'cancelled' : failed ? 'failure' : 'success', outputs };
  }

  #thirdParty(uses: string, inputs: Texts) {
    const call = [uses.split('@')[0], ...Object.entries(inputs).map(([name, value]) => `${name}=${value}`)].join(' ');
    const isFailing = this.calls.length === this.#failing;
    this.calls.push(call);
    const { fails = isFailing, outputs = {} } = this.#answers.find(({ to }) => matches(to, call)) ?? {};
    return { failed: fails, outputs };
  }

  #script(step: Step, env: Texts) {
    // Which call of this script fails, counted from 1.
    const failing = this.#failing === undefined ? 0 : this.#failing - this.calls.length + 1;
    const FAILING = String(failing > 0 && failing < 10 ? failing : 0);
    const key = JSON.stringify([step.run, step.shell, env, this.#answers, FAILING]);
    // What a script writes to a file, it has to write in each job.
    const ended =
      (step.run?.includes('>') ? undefined : knownScripts.get(key)) ?? this.#bash(step, { ...env, FAILING });
    knownScripts.set(key, ended);
    this.log += ended.log;
    this.calls.push(...ended.calls);
    return ended;
  }

  #bash({ run = '', shell, 'working-directory': below = '.' }: Step, env: Texts): EndedScript {
    const [output, calls] = [join(this.#folder, '.output'), join(this.#folder, '.calls')];
    for (const file of [output, calls]) writeFileSync(file, '');
    const cwd = join(this.#folder, below);
    mkdirSync(cwd, { recursive: true });
    // https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax (jobs.<job_id>.steps[*].shell)
    const options = shell === 'bash' ? ['--noprofile', '--norc', '-e', '-o', 'pipefail'] : ['-e'];
    const { status, stdout } = spawnSync('bash', [...options, '-c', this.#prelude + run], {
      cwd,
      encoding: 'utf8',
      env: { ...env, PATH: '/usr/bin:/bin', HOME: this.#folder, GITHUB_OUTPUT: output, GITHUB_SHA: 'c0ffee' },
    });
    const outputs = Object.fromEntries(linesOf(output).map((line) => split(line)));
    return { failed: status !== 0, outputs, calls: linesOf(calls), log: stdout };
  }
}

interface EndedScript {
  readonly failed: boolean;
  readonly outputs: Texts;
  readonly calls: readonly string[];
  readonly log: string;
}

/** All jobs install the packages, and many runs begin with the same steps. */
const knownScripts = new Map<string, EndedScript>();

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);

function split(line: string): [name: string, value: string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

/** A run of a workflow, with each of its jobs that ran. */
export function runWorkflow(file: string, given: Given) {
  const ran: Record<string, JobRun> = {};
  const results = runJobs(file, given, (name, _, needs) => {
    const one = runJob(file, name, { ...given, needs });
    ran[name] = one;
    return one;
  });
  return { ran, results: resultsOf(results) };
}

export const resultsOf = (ended: Readonly<Record<string, Ended>>): Record<string, Result> =>
  Object.fromEntries(Object.entries(ended).map(([name, { result }]) => [name, result]));

/** The result of a job, and its outputs. */
export interface Ended {
  readonly result: Result;
  readonly outputs?: Texts;
}

/**
 * Decides as GitHub does which jobs of a workflow run, from their needs and conditions.
 *
 * @param run what a job that runs gives back; by default success
 */
export function runJobs(
  file: string,
  contexts: Contexts,
  run: (name: string, job: Job, needs: Readonly<Record<string, Ended>>) => Ended | undefined = () => undefined,
): Record<string, Ended> {
  const { jobs } = workflow(file);
  const ended: Record<string, Ended> = {};
  const visit = (name: string): Ended => {
    const job = jobs[name];
    if (!job) throw new Error(`${file} has no job ${name}`);
    const direct = [job.needs ?? []].flat();
    const needs = Object.fromEntries(direct.map((other) => [other, ended[other] ?? visit(other)]));
    const results = ancestors(jobs, name).map((other) => ended[other]?.result);
    const before = {
      succeeded: results.every((result) => result === 'success'),
      failed: results.includes('failure'),
      cancelled: results.includes('cancelled'),
    };
    const isRun = isToRun(job.if, { github: github(), ...contexts, needs: complete(needs) }, before);
    const one: Ended = isRun ? (run(name, job, complete(needs)) ?? { result: 'success' }) : { result: 'skipped' };
    ended[name] = one;
    return one;
  };
  for (const name of Object.keys(jobs)) if (!ended[name]) visit(name);
  return ended;
}

const complete = (needs: Readonly<Record<string, Ended>>) =>
  Object.fromEntries(Object.entries(needs).map(([name, { outputs = {}, result }]) => [name, { result, outputs }]));

/** All jobs that come before a job. */
export function ancestors(jobs: Readonly<Record<string, Job>>, name: string): string[] {
  const direct = [jobs[name]?.needs ?? []].flat();
  return [...new Set([...direct, ...direct.flatMap((job) => ancestors(jobs, job))])];
}
