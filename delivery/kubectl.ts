import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { namespaces } from 'platform';

/** Option of kubectl: the namespace of the applications. */
export const namespace = `--namespace=${namespaces.applications}`;

/** Field manager of the releases. */
export const releaseManager = 'delivery';

/** kubectl failed. The message is kubectl's. */
export class KubectlFailed extends Error {
  override readonly name = 'KubectlFailed';
}

/** Lines that kubectl logs each time it fails to look up what the API has, before it says why on a line of its own. */
const lookups = /^E\d{4} .* memcache\.go:\d+\] .*\n/gm;

export interface KubectlOptions {
  /** Standard input, for `--filename=-`. */
  readonly input?: string;
  /** Shows kubectl's output while it runs. */
  readonly show?: boolean;
  /** Stops kubectl. */
  readonly signal?: AbortSignal;
}

/**
 * Runs kubectl against the cluster of `KUBECONFIG`, and returns its standard output.
 *
 * @throws {KubectlFailed} if it exits with a code other than 0
 */
export async function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  const { input = '', show = false, signal } = options;
  const child = spawn('kubectl', args, signal ? { signal } : {});
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
  // Write errors are ignored: kubectl may exit before it has read all of its input, and its exit code then says why.
  child.stdin.on('error', () => undefined).end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) {
    const reason = errors.replaceAll(lookups, '').trim() || errors.trim();
    throw new KubectlFailed(reason || `kubectl ${args[0]} exited with ${code}`);
  }
  return output;
}

/** Reads one object, or a list of a kind, from the cluster. Undefined if there is no such object. */
export async function get<T>(...args: readonly string[]): Promise<T | undefined> {
  const output = await kubectl(['get', '--output=json', '--ignore-not-found', ...args]);
  return output === '' ? undefined : JSON.parse(output);
}

/**
 * Applies objects on the server side. Fields of other managers stay, such as the autoscaler's `replicas`. Fields that a
 * rollback changed are overwritten.
 *
 * @throws {KubectlFailed} with the API server's message if it rejects an object
 */
export async function apply(objects: readonly object[]): Promise<void> {
  if (objects.length === 0) return;
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const options = ['--server-side', `--field-manager=${releaseManager}`, '--force-conflicts', '--validate=strict'];
  await kubectl(['apply', ...options, '--filename=-'], { input: list });
}

/**
 * Creates an object. An existing object of the same name stays as it is.
 *
 * @throws {KubectlFailed} with the API server's message if it rejects the object
 */
export async function create(object: object): Promise<void> {
  try {
    await kubectl(['create', '--validate=strict', '--filename=-'], { input: JSON.stringify(object) });
  } catch (error) {
    if (!(error as Error).message.includes('(AlreadyExists)')) throw error;
  }
}
