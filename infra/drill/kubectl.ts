import { type EnvironmentName, names, namespaces } from 'platform';
import { type Aws, type CallOptions, call } from './programs.ts';

export interface KubectlOptions extends Omit<CallOptions, 'env'> {
  /** That of the applications, unless it is given. */
  readonly namespace?: string;
}

/** Calls an environment's cluster, and returns what kubectl prints. @throws {CallFailed} */
export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<string>;

/** @param kubeconfig path of the file to write, which must last as long as the calls */
export async function connect(aws: Aws, environment: EnvironmentName, kubeconfig: string): Promise<Kubectl> {
  const { cluster } = names(environment);
  await aws('eks', 'update-kubeconfig', '--name', cluster, '--kubeconfig', kubeconfig).catch((error) => {
    // Not JSON: the CLI says in a sentence what it has written.
    if (!(error instanceof SyntaxError)) throw error;
  });
  return (args, { namespace = namespaces.applications, ...options } = {}) =>
    call('kubectl', [`--namespace=${namespace}`, ...args], { ...options, env: { KUBECONFIG: kubeconfig } });
}
