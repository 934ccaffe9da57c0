import { readFile, writeFile } from 'node:fs/promises';
import { configMaps, deployersGroup, namespaces } from 'platform';
import { parse, stringify } from 'yaml';
import { manifestsOf } from '../../../infra/test/support/manifests.ts';
import { synthesise } from '../../../infra/test/support/synthesised.ts';
import { bindingDefinition, Cluster } from '../../../test/support/cluster.ts';

export interface TestEnvironment {
  readonly cluster: Cluster;
  /** Environment variables that give kubectl the rights of a deployer. */
  readonly deployer: NodeJS.ProcessEnv;
}

interface ConfigMap {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  data?: Record<string, string>;
}

/**
 * Starts a cluster with what the infrastructure creates: the applications' namespace with its Pod Security Standard,
 * quota, network policies, ConfigMaps and roles.
 *
 * @param options `database` replaces the content of the ConfigMap with the API's database
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
    // The namespace first, because the other objects are in it.
    await cluster.apply(objects.filter(({ kind }) => kind === 'Namespace'));
    await cluster.apply(objects.filter(({ kind }) => kind !== 'Namespace'));
    return { cluster, deployer: { KUBECONFIG: await impersonate(String(cluster.env.KUBECONFIG)) } };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Writes a kubeconfig that impersonates a deployer. In EKS, an access entry maps the AWS role to this group. */
async function impersonate(kubeconfig: string): Promise<string> {
  const config = parse(await readFile(kubeconfig, 'utf8'));
  for (const { user } of config.users) Object.assign(user, { as: 'deployer', 'as-groups': [deployersGroup] });
  const file = `${kubeconfig}-deployer`;
  await writeFile(file, stringify(config));
  return file;
}
