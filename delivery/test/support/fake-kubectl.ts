import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** An answer of the fake to calls that match a shell pattern. The first match counts. */
export interface Answer {
  /** Shell pattern of the arguments, such as `get *job *`. */
  readonly to: string;
  /** Standard output, or JSON. One for each call; the last one stays. */
  readonly outputs?: readonly (string | object)[];
  /** Standard error, and exit code 1. */
  readonly error?: string;
}

export interface Call {
  readonly args: string;
  /** Standard input. */
  readonly input: string;
}

/**
 * A program named kubectl that records its calls. It answers as told, and else with nothing and success. Only
 * `kustomize`, which needs no cluster, runs the real kubectl.
 */
export class FakeKubectl {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  readonly env = { PATH: `${this.#folder}${delimiter}${process.env.PATH}` };

  /** @param real path of the real kubectl */
  constructor(real: string, answers: readonly Answer[]) {
    for (const [index, { error, outputs = [] }] of answers.entries()) {
      const folder = join(this.#folder, String(index));
      mkdirSync(folder);
      for (const [number, output] of outputs.entries()) {
        writeFileSync(join(folder, String(number)), typeof output === 'string' ? output : JSON.stringify(output));
      }
      if (error !== undefined) writeFileSync(join(folder, 'error'), error);
    }
    const cases = answers.map(({ to }, index) => `  ${to.replaceAll(' ', '\\ ')}) answer ${index} ;;`);
    const script = `#!/bin/sh
cd '${this.#folder}'
answer() {
  cd "$1"
  [ -f error ] && cat error >&2 && exit 1
  [ -f 0 ] || exit 0
  cat 0
  [ -f 1 ] || exit 0
  rm 0
  for file in [0-9]*; do mv "$file" $((file - 1)); done
  exit 0
}
[ "$1" = kustomize ] && exec '${real}' "$@"
cat > "input-$$"
printf '%s\\t%s\\n' "$$" "$*" >> calls
case "$*" in
${cases.join('\n')}
esac
`;
    writeFileSync(join(this.#folder, 'kubectl'), script, { mode: 0o755 });
  }

  /** The calls so far. The order of calls that ran at the same time is not defined. */
  get calls(): readonly Call[] {
    const lines = readFileSync(join(this.#folder, 'calls'), 'utf8').trim().split('\n');
    return lines.map((line) => {
      const [id, args = ''] = line.split('\t');
      return { args, input: readFileSync(join(this.#folder, `input-${id}`), 'utf8') };
    });
  }

  /** Deletes its files. */
  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
