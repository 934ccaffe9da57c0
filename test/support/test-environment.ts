import { readFile, writeFile } from 'node:fs/promises';
import { deployersGroup, namespaces } from 'platform';
import { parse, stringify } from 'yaml';
import { manifestsOf } from '../../infra/test/support/manifests.ts';
import { synthesise } from '../../infra/test/support/synthesised.ts';
import type { Nodes } from '../kubernetes/nodes.ts';
import { bindingDefinition, Cluster } from './cluster.ts';

export interface TestEnvironment {
  readonly cluster: Cluster;
  /** Environment variables that give kubectl the rights of a deployer. */
  readonly deployer: NodeJS.ProcessEnv;
}

/**
 * Starts a cluster with what the infrastructure creates: the applications' namespace with its Pod Security Standard,
 * quota, network policies, ConfigMaps and roles.
 */
export async function startEnvironment(name: 'dev' | 'prd', nodes: Nodes): Promise<TestEnvironment> {
  const cluster = await Cluster.start(nodes);
  try {
    const { code, output } = await cluster.kubectl(['apply', '--filename', bindingDefinition]);
    if (code !== 0) throw new Error(output);
    const objects = manifestsOf(synthesise(name), namespaces.applications) as { kind: string }[];
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
