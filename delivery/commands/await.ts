import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand, environmentWord, requireProgram } from 'command-line';
import { applicationWord, readSeconds, secondsForm } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { say } from '../github.ts';
import { ghCommand } from '../github-api.ts';

const text = texts.await;
const workflows = join(import.meta.dirname, '../../.github/workflows');

/** A run of a workflow, as `gh run list` reports it. */
interface Run {
  readonly status: string;
  readonly conclusion: string;
  readonly url: string;
}

/** Milliseconds between two looks. */
const pause = 15_000;
/** A failed request to GitHub is repeated, as long as there are no more than this in a row. */
const mostFailures = 4;

export const command = defineCommand({
  description: {
    pt: 'espera o que o mesmo push entrega antes desta aplicação: a infraestrutura e as aplicações em "after"',
    en: 'waits for what the same push delivers before this application: infrastructure, and the applications in "after"',
  },
  words: { application: applicationWord, environment: environmentWord },
  options: {
    commit: { value: 'SHA', required: true, description: { pt: 'o commit do push', en: "the push's commit" } },
    timeout: {
      value: secondsForm,
      default: '6000',
      read: readSeconds,
      description: { pt: 'por quanto tempo esperar; sem a opção, 6000', en: 'for how long to wait; 6000 by default' },
    },
  },
  async run({ application, environment }, { commit, timeout }) {
    requireProgram('gh');
    const deadline = Date.now() + timeout * 1_000;
    const files = [
      `infra-${environment}.yml`,
      ...(application.after ?? []).map((name) => workflowOf(`-${environment}-${name}.yml`)),
    ];
    for (const file of files) {
      const run = await ended(file, commit, deadline);
      if (run === undefined) say(text.nothing(file));
      else if (run.status !== 'completed') say(text.late(file, run.url));
      else if (run.conclusion !== 'success') say(text.failed(file, run.url));
      else say(text.done(file));
      if (run && run.conclusion !== 'success') return 1;
    }
    return 0;
  },
});

/** The file of a workflow, whose name begins with the kind of application, such as `api`. */
function workflowOf(end: string): string {
  const file = readdirSync(workflows).find((name) => name.endsWith(end));
  if (!file) throw new Error(`There is no workflow *${end}`);
  return file;
}

/** The newest run of a workflow for a commit, once it has ended or the time is over. Undefined if there is none. */
async function ended(file: string, commit: string, deadline: number): Promise<Run | undefined> {
  for (let failures = 0; ; ) {
    try {
      const run = newestRun(file, commit);
      if (!run || run.status === 'completed' || Date.now() + pause > deadline) return run;
      failures = 0;
    } catch (error) {
      if (++failures > mostFailures) throw error;
    }
    await sleep(pause);
  }
}

function newestRun(file: string, commit: string): Run | undefined {
  const args = ['run', 'list', `--workflow=${file}`, `--commit=${commit}`, '--limit=1', '--json=status,conclusion,url'];
  const [run] = JSON.parse(ghCommand(args)) as Run[];
  return run;
}
