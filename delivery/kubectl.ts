import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** kubectl said no; the message is its own. */
export class KubectlFailed extends Error {
  override readonly name = 'KubectlFailed';
}

export interface KubectlOptions {
  /** Standard input, for `--filename=-`. */
  readonly input?: string;
  /** Shows what kubectl writes while it runs. */
  readonly show?: boolean;
  /** Ends kubectl. */
  readonly signal?: AbortSignal;
}

/**
 * Runs kubectl, with whatever cluster `KUBECONFIG` names, and gives its standard output.
 *
 * @throws {KubectlFailed} if it ends with anything but 0
 */
export async function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  const { input = '', show = false, signal } = options;
  const child = spawn('kubectl', args, { stdio: 'pipe', ...(signal && { signal }) });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (show) process.stdout.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
    if (show) process.stderr.write(text);
  });
  // kubectl may end before it has read all; its exit code then says why.
  child.stdin.on('error', () => undefined).end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new KubectlFailed(errors.trim() || `kubectl ${args[0]} ended with ${code}`);
  return output;
}

/** Objects of a kind, or one of them, as the cluster has them; nothing if there is no such object. */
export async function get<T>(...args: readonly string[]): Promise<T | undefined> {
  const output = await kubectl(['get', '--output=json', '--ignore-not-found', ...args]);
  return output === '' ? undefined : JSON.parse(output);
}

/**
 * Makes objects what they are said to be. Fields that others set stay, such as the autoscaler's number of replicas; those
 * that a rollback set are taken back.
 *
 * @throws {KubectlFailed} with the API server's own words if one is refused
 */
export async function apply(objects: readonly object[]): Promise<void> {
  if (objects.length === 0) return;
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const options = ['--server-side', '--field-manager=delivery', '--force-conflicts', '--validate=strict'];
  await kubectl(['apply', ...options, '--filename=-'], { input: list });
}

/**
 * Stores an object unless there is one of its name, which stays as it is.
 *
 * @throws {KubectlFailed} with the API server's own words if it is refused
 */
export async function create(object: object): Promise<void> {
  try {
    await kubectl(['create', '--validate=strict', '--filename=-'], { input: JSON.stringify(object) });
  } catch (error) {
    if (!(error as Error).message.includes('(AlreadyExists)')) throw error;
  }
}
