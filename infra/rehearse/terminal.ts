/** What a rehearsal shows on the terminal while it runs. */
import type { Text } from 'command-line';
import type { Changed, Failure, Stack } from 'rehearsal';
import { texts } from '../command-texts.ts';
import type { Constructs } from './constructs.ts';

/** A step that Terraform or the rehearsed account refused. */
export class StepRefused extends Error {
  readonly step: string;
  /** Each with the lines of the source that created the resource. */
  readonly reasons: string;

  constructor(text: Text, { errors, stdout, stderr }: Changed, constructs: Constructs) {
    const reasons = errors.length === 0 ? stdout + stderr : reasonsOf(errors, constructs);
    super(texts.rehearse.refused(inBoth(text), reasons));
    this.step = inBoth(texts.rehearse.stepFailed(text));
    this.reasons = reasons;
  }
}

/** Runs a step and prints how long it took. */
export async function step<T>(text: Text, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  show(`  ${inBoth(text)}`);
  const result = await work();
  show(`✓ ${inBoth(text)} (${seconds(start)})`, true);
  return result;
}

/**
 * Changes a stack, and shows what is being changed.
 *
 * @param count how many resources change, if that is known
 * @throws {StepRefused} if it fails
 */
export async function change(
  text: Text,
  stack: Stack,
  constructs: Constructs,
  args: readonly string[],
  count?: number,
): Promise<void> {
  await step(text, async () => {
    const result = await stack.change(args, ({ done, address }) => {
      const progress = count === undefined ? '' : `[${String(done).padStart(3)}/${count}] `;
      show(`  ${inBoth(text)}: ${progress}${address}`);
    });
    if (result.code !== 0) throw new StepRefused(text, result, constructs);
  });
}

/** What failed, each with the lines of the source that created the resource. */
export function reasonsOf(failures: readonly Failure[], constructs: Constructs): string {
  const reasons = failures.map(({ address, detail, line, summary }) => {
    const resource = address || (line === undefined ? '' : constructs.addressAt(line));
    const reason = [resource, summary, detail].filter(Boolean).join(': ');
    return [`  ${reason}`, ...(constructs.get(resource)?.calls ?? [])].join('\n    ');
  });
  return [...new Set(reasons)].join('\n');
}

/** Shows a line on the terminal. The next one replaces it, unless it stays. Elsewhere, only the lines that stay are printed. */
function show(line: string, stays = false): void {
  if (process.stdout.isTTY) {
    process.stdout.write(`\r\x1b[K${line.slice(0, process.stdout.columns)}${stays ? '\n' : ''}`);
  } else if (stays) {
    console.log(line);
  }
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** A text in both languages, in one line. */
export function inBoth({ pt, en }: Text): string {
  return pt === en ? pt : `${pt} / ${en}`;
}
