import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Programs } from './programs.ts';

/** An answer of the fake to calls that match a shell pattern. The first match counts. */
export interface Answer {
  /** Shell pattern of the arguments, such as `get *job *`. */
  readonly to: string;
  /** Standard output, or JSON. One for each call; the last one stays. */
  readonly outputs?: readonly (string | object)[];
  /** Standard error, and exit code 1. */
  readonly error?: string;
  /** The first such call takes a minute, unless it is ended before. */
  readonly waits?: true;
}

export interface Call {
  readonly args: string;
  /** Standard input. */
  readonly input: string;
}

/**
 * A program named kubectl that records its calls. It answers as told, and else with nothing and success, and passes
 * on a warning of the API server each time. Only `kustomize`, which needs no cluster, runs the real kubectl.
 */
export class FakeKubectl {
  readonly #programs = new Programs();
  readonly env = this.#programs.env;

  /** @param real path of the real kubectl */
  constructor(real: string, answers: readonly Answer[]) {
    const { folder } = this.#programs;
    for (const [index, { error, outputs = [], waits }] of answers.entries()) {
      const answer = join(folder, String(index));
      mkdirSync(answer);
      for (const [number, output] of outputs.entries()) {
        writeFileSync(join(answer, String(number)), typeof output === 'string' ? output : JSON.stringify(output));
      }
      if (error !== undefined) writeFileSync(join(answer, 'error'), error);
      if (waits) writeFileSync(join(answer, 'waits'), '');
    }
    const cases = answers.map(({ to }, index) => `  ${to.replaceAll(' ', '\\ ')}) answer ${index} "$1" ;;`);
    const script = `cd '${folder}'
answer() {
  cd "$1"
  [ -f waits ] && rm waits && exec sleep 60
  [ -f error ] && cat error >&2 && exit 1
  [ -f 0 ] || exit 0
  # Its reader does not wait for its end, and must not take a part of the address for the whole.
  [ "$2" = port-forward ] && head -c 26 0 && sleep 0.1 && exec tail -c +27 0
  cat 0
  [ -f 1 ] || exit 0
  rm 0
  for file in [0-9]*; do mv "$file" $((file - 1)); done
  exit 0
}
[ "$1" = kustomize ] && exec '${real}' "$@"
cat > "input-$$"
printf '%s\\t%s\\n' "$$" "$*" >> calls
echo 'Warning: would violate PodSecurity "restricted:latest": unrestricted capabilities' >&2
case "$*" in
${cases.join('\n')}
esac`;
    this.#programs.shell('kubectl', script);
  }

  /** The calls so far. The order of calls that ran at the same time is not defined. */
  get calls(): readonly Call[] {
    const lines = this.#programs.read('calls').trim().split('\n');
    return lines.map((line) => {
      const [id, args = ''] = line.split('\t');
      return { args, input: this.#programs.read(`input-${id}`) };
    });
  }
}
