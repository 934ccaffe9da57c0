/** How a program ended. */
export interface Ended {
  /** The exit code. `NaN` if a signal ended the program, or if it could not start. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program ended, for tests that look at its output as a whole. */
export interface Outcome {
  readonly code: number;
  /** Standard output, then standard error. */
  readonly output: string;
}

/** Waits for a program that a promisified `execFile` has started. Failures are returned, not thrown. */
export async function ended(running: Promise<{ stdout: string; stderr: string }>): Promise<Ended> {
  try {
    const { stdout, stderr } = await running;
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: unknown; stderr?: unknown };
    return { code: typeof code === 'number' ? code : Number.NaN, stdout: String(stdout), stderr: String(stderr) };
  }
}

/** Waits for a program as `ended` does. */
export async function outcomeOf(running: Promise<{ stdout: string; stderr: string }>): Promise<Outcome> {
  const { code, stdout, stderr } = await ended(running);
  return { code, output: stdout + stderr };
}
