/** What a rehearsal shows on the terminal while it runs. */
import type { Text } from 'command-line';
import type { Changed, Failure, Stack } from 'rehearsal';
import { texts } from '../command-texts.ts';

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
 * @throws Error with the reasons if it fails
 */
export async function change(text: Text, stack: Stack, args: readonly string[], count?: number): Promise<void> {
  await step(text, async () => {
    const result = await stack.change(args, ({ done, address }) => {
      const progress = count === undefined ? '' : `[${String(done).padStart(3)}/${count}] `;
      show(`  ${inBoth(text)}: ${progress}${address}`);
    });
    if (result.code !== 0) throw new Error(texts.rehearse.refused(inBoth(text), reasons(result)));
  });
}

/** The errors of a run, one a line. All its output if it reported none. */
export function reasons({ errors, stdout, stderr }: Changed): string {
  return errors.length === 0 ? stdout + stderr : errors.map(reason).join('\n');
}

/** A failure in one line. */
export function reason({ address, summary, detail }: Failure): string {
  return [address, summary, detail].filter(Boolean).join(': ');
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
