import { defineCommand, environmentWord, requireProgram } from 'command-line';
import { names } from 'platform';
import { readDestroyFlag } from '../../infra/destroy-flag.ts';
import { aws } from '../../infra/doctor/aws.ts';
import { environments } from '../../infra/environments/all.ts';
import { readSettings } from '../../infra/settings.ts';
import { readBoolean } from '../arguments.ts';
import { say } from '../github.ts';
import { preflight } from '../preflight.ts';

export const command = defineCommand({
  description: {
    pt: 'diz numa frase, antes de tudo, por que um job não pode chegar ao cluster',
    en: 'says in one sentence, before anything else, why a job cannot reach the cluster',
  },
  words: { environment: environmentWord },
  options: {
    inside: {
      value: 'true|false',
      read: readBoolean('--inside'),
      description: {
        pt: 'se o job, que muda a infraestrutura, roda no runner dentro da VPC',
        en: 'whether the job, which changes the infrastructure, runs on the runner inside the VPC',
      },
    },
  },
  async run({ environment }, { inside: isInside = false }) {
    requireProgram('aws');
    const { cluster } = names(environment);
    const settings = readSettings();
    const { isReady, message } = await preflight({
      environment,
      endpoint: await endpointOf(cluster),
      isInside,
      isDestroy: readDestroyFlag(environment).action === 'destroy',
      hasRunner: environments[environment].runner && settings.github.connections?.[environment] !== undefined,
      isPublic: settings.clusterApiCidrs[environment].length > 0,
    });
    if (isReady) console.log(message);
    else say(message);
    return isReady ? 0 : 1;
  },
});

/** URL of the cluster's API. Undefined if there is no such cluster. @throws {Error} with AWS's reason */
async function endpointOf(cluster: string): Promise<string | undefined> {
  try {
    const answer = await aws(...['eks', 'describe-cluster', '--name', cluster, '--query', 'cluster.endpoint']);
    // Without a value while EKS still creates the cluster.
    return (JSON.parse(answer) as string | null) ?? undefined;
  } catch (error) {
    if ((error as Error).message.includes('ResourceNotFoundException')) return undefined;
    throw error;
  }
}
