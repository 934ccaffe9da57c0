import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Command } from 'command-line';

interface Around {
  /** The variables of the settings, and others. */
  readonly env?: Readonly<Record<string, string>>;
  /** Shell scripts by name: the only programs on the PATH. */
  readonly programs?: Readonly<Record<string, string>>;
  /** The time that it is. Other times pass as usual. */
  readonly now?: Date;
}

const timers = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
] as const;

/**
 * Runs a command of `pnpm infra` in this process, without the seconds that a program takes to start.
 *
 * @returns the exit code, and what the command prints
 * @throws what the command throws: the program prints its message
 */
export async function printed(command: Command, args: readonly string[], { env, programs, now }: Around = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const [name, script] of Object.entries(programs ?? {})) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const before = process.env;
  const others = Object.entries(before).filter(([name]) => !/^(AWS|INFRA)_/.test(name));
  process.env = { ...Object.fromEntries(others), PATH: folder, ...env };
  if (now) jest.useFakeTimers({ now, doNotFake: [...timers, 'nextTick', 'queueMicrotask', 'hrtime', 'performance'] });
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)));
  try {
    return { code: await command.run(args), output: lines.map((line) => `${line}\n`).join('') };
  } finally {
    log.mockRestore();
    if (now) jest.useRealTimers();
    process.env = before;
  }
}
