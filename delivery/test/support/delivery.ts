import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Outcome as Ending, outcomeOf } from '../../../test/support/outcome.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface Outcome extends Ending {
  /** Outputs for later steps of a workflow. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Markdown for the page of the workflow run. */
  readonly summary: string;
}

/**
 * Runs `pnpm delivery` like a step of a workflow.
 *
 * @param end a signal to send, and when
 */
export async function delivery(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  end?: { readonly signal: NodeJS.Signals; readonly when: () => Promise<void> },
): Promise<Outcome> {
  const files = await stepFiles();
  const run = promisify(execFile)(process.execPath, [join(root, 'delivery/cli.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...env, ...files.env },
    maxBuffer: 64 * 1024 ** 2,
  });
  const [outcome] = await Promise.all([outcomeOf(run), end?.when().then(() => run.child.kill(end.signal))]);
  return { ...outcome, ...(await files.read()) };
}

/** Names files for the outputs and the summary of a workflow step, in `env`, and reads what the step wrote to them. */
export async function stepFiles() {
  const folder = await mkdtemp(join(tmpdir(), 'step-'));
  const env = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
  return {
    env,
    /** Reads the files and deletes them, so that it can be called only once. */
    async read(): Promise<Pick<Outcome, 'outputs' | 'summary'>> {
      const [output, summary] = await Promise.all(
        Object.values(env).map((file) => readFile(file, 'utf8').catch(() => '')),
      );
      await rm(folder, { recursive: true });
      const lines = (output ?? '').split('\n').filter(Boolean);
      const outputs = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      return { outputs, summary: summary ?? '' };
    },
  };
}
