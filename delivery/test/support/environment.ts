import { readFile, writeFile } from 'node:fs/promises';
import { configMaps, deployersGroup, namespaces } from 'platform';
import { parse, stringify } from 'yaml';
import { manifestsOf } from '../../../infra/test/support/manifests.ts';
import { synthesise } from '../../../infra/test/support/synthesised.ts';
import { bindingDefinition, Cluster } from '../../../test/support/cluster.ts';

export interface TestEnvironment {
  readonly cluster: Cluster;
  /** What a release finds in its environment: a cluster that knows it as one of the deployers. */
  readonly deployer: NodeJS.ProcessEnv;
}

interface ConfigMap {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  data?: Record<string, string>;
}

/**
 * A cluster as an environment's infrastructure leaves it: the applications' namespace with its standard, quota, policies,
 * facts and rights.
 *
 * @param database what the API's pods are told of their database in the place of AWS's
 */
export async function startEnvironment(
  name: 'dev' | 'prd',
  nodes: 'played' | 'real',
  options: { readonly env?: NodeJS.ProcessEnv; readonly database?: Record<string, string> } = {},
): Promise<TestEnvironment> {
  const cluster = await Cluster.start(nodes, options.env);
  try {
    const { code, output } = await cluster.kubectl(['apply', '--filename', bindingDefinition]);
    if (code !== 0) throw new Error(output);
    const objects = manifestsOf(synthesise(name), namespaces.applications) as ConfigMap[];
    const facts = objects.find(({ metadata }) => metadata.name === configMaps.database('calculadora-api'));
    if (facts && options.database) facts.data = options.database;
    // The namespace first: nothing can be stored in one that is not there.
    await cluster.apply(objects.filter(({ kind }) => kind === 'Namespace'));
    await cluster.apply(objects.filter(({ kind }) => kind !== 'Namespace'));
    return { cluster, deployer: { KUBECONFIG: await impersonate(String(cluster.env.KUBECONFIG)) } };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Writes a configuration by which kubectl speaks as a deployer, as EKS makes one of the AWS role. */
async function impersonate(kubeconfig: string): Promise<string> {
  const config = parse(await readFile(kubeconfig, 'utf8'));
  for (const { user } of config.users) Object.assign(user, { as: 'deployer', 'as-groups': [deployersGroup] });
  const file = `${kubeconfig}-deployer`;
  await writeFile(file, stringify(config));
  return file;
}
