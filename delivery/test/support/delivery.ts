import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../../..');

export interface Outcome {
  readonly code: number;
  readonly output: string;
  /** What later steps of a workflow would read. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Markdown of the run's page. */
  readonly summary: string;
}

/**
 * Runs `pnpm delivery` as a step of a workflow does.
 *
 * @param end sends it a signal after so many milliseconds
 */
export async function delivery(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  end?: { readonly signal: NodeJS.Signals; readonly after: number },
): Promise<Outcome> {
  const files = await stepFiles();
  const run = promisify(execFile)(process.execPath, [join(root, 'delivery/cli.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...env, ...files.env },
    maxBuffer: 64 * 1024 ** 2,
  });
  // Not by execFile's own time limit, which would stop listening, too.
  if (end) setTimeout(() => run.child.kill(end.signal), end.after);
  const { code, output } = await run.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code), output: `${stdout}${stderr}` }),
  );
  return { code, output, ...(await files.read()) };
}

/** The files in which a step of a workflow tells what came of it: their names for its environment, and what they hold. */
export async function stepFiles() {
  const folder = await mkdtemp(join(tmpdir(), 'step-'));
  const env = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
  return {
    env,
    /** Once: they are gone afterwards. */
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
