import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
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
  const folder = await mkdtemp(join(tmpdir(), 'delivery-'));
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
  const run = promisify(execFile)(process.execPath, [join(root, 'delivery/delivery.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...env, ...files },
    maxBuffer: 64 * 1024 ** 2,
  });
  // Not by execFile's own time limit, which would stop listening, too.
  if (end) setTimeout(() => run.child.kill(end.signal), end.after);
  const { code, output } = await run.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code), output: `${stdout}${stderr}` }),
  );
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  const lines = (await read(files.GITHUB_OUTPUT)).split('\n').filter(Boolean);
  const outputs = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { code, output, outputs, summary: await read(files.GITHUB_STEP_SUMMARY) };
}
