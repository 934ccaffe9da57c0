import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Node } from './timeline.ts';

/** What Terraform reports while it changes resources. */
export interface Progress {
  /** Changes that have ended. */
  readonly done: number;
  readonly address: string;
}

/** How a run of Terraform ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a run of Terraform that changes resources ended. */
export interface Changed extends Ended {
  readonly errors: readonly Failure[];
}

/** An error that Terraform reported. */
export interface Failure {
  readonly summary: string;
  readonly detail: string;
  /** The resource's address. Empty if the error is not about a resource. */
  readonly address: string;
  /** Line of the stack's configuration, from 1, if the error is about one. */
  readonly line?: number;
}

/** Terraform, or OpenTofu, in the folder of one stack, in a rehearsal. */
export class Stack {
  readonly #engine: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  /**
   * @param engine name or path of the program
   * @param env environment variables besides this process's
   */
  constructor(engine: string, folder: string, env: NodeJS.ProcessEnv) {
    this.#engine = engine;
    this.#folder = folder;
    this.#env = {
      ...process.env,
      TF_WORKSPACE: undefined,
      // No provider is installed, and a warning about this file would end up in the output.
      TF_CLI_CONFIG_FILE: undefined,
      CHECKPOINT_DISABLE: '1',
      TF_IN_AUTOMATION: '1',
      ...env,
    };
  }

  /** @returns standard output. @throws Error with all output if it exits with another code than 0 */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(args);
    if (code !== 0) throw new Error(`${this.#engine} ${args.join(' ')}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Plans, applies or destroys with Terraform's machine-readable output. `read` gets each line of it. */
  async change(
    args: readonly string[],
    observe: (progress: Progress) => void = () => undefined,
    read: (line: string) => void = () => undefined,
  ): Promise<Changed> {
    let done = 0;
    const errors: Failure[] = [];
    const result = await this.attempt([...args, '-input=false', '-json'], (line) => {
      read(line);
      const message = parse(line);
      const { action = 'read', resource } = message?.hook ?? {};
      if (message?.type === 'apply_start' && action !== 'read') observe({ done, address: resource?.addr ?? '' });
      if (message?.type === 'apply_complete' && action !== 'read') done += 1;
      if (message?.diagnostic?.severity === 'error') {
        const { summary = '', detail = '', address = '', range } = message.diagnostic;
        errors.push({ summary, detail, address, ...(range && { line: range.start.line }) });
      }
    });
    return { ...result, errors };
  }

  /** The resources of the state, without data sources. */
  async nodes(): Promise<Node[]> {
    const { resources } = JSON.parse(await this.run('state', 'pull')) as State;
    return resources
      .filter(({ mode }) => mode === 'managed')
      .map(({ type, name, instances }) => ({
        type,
        address: `${type}.${name}`,
        dependsOn: instances.flatMap(({ dependencies = [] }) => dependencies),
      }));
  }

  /** Runs Terraform and returns how it ended. */
  async attempt(args: readonly string[], observe: (line: string) => void = () => undefined): Promise<Ended> {
    const child = spawn(this.#engine, [`-chdir=${this.#folder}`, ...args, '-no-color'], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(child, 'close');
    const errors = text(child.stderr);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      observe(line);
      lines.push(line);
    }
    const [code] = await closed;
    return { code: code ?? 1, stdout: lines.join('\n'), stderr: await errors };
  }
}

interface State {
  readonly resources: readonly {
    readonly mode: 'managed' | 'data';
    readonly type: string;
    readonly name: string;
    readonly instances: readonly { readonly dependencies?: readonly string[] }[];
  }[];
}

/** https://developer.hashicorp.com/terraform/internals/machine-readable-ui */
interface Message {
  readonly type: string;
  /** `read` is the action for a data source. */
  readonly hook?: { readonly action?: string; readonly resource?: { readonly addr: string } };
  readonly diagnostic?: Partial<Omit<Failure, 'line'>> & {
    readonly severity: 'error' | 'warning';
    readonly range?: { readonly start: { readonly line: number } };
  };
}

/** Undefined for lines that are not JSON: Terraform prints some errors before it knows how to print. */
function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}
