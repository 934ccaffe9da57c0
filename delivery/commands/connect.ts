import { defineCommand, environmentWord, Refused, requireProgram } from 'command-line';
import { type EnvironmentName, names } from 'platform';
import { aws } from '../../infra/doctor/aws.ts';
import { addressOfEnvironment } from '../address.ts';
import { texts } from '../delivery-texts.ts';
import { setOutputs } from '../github.ts';
import { KubectlFailed } from '../kubectl.ts';

const text = texts.connect;

export const command = defineCommand({
  description: {
    pt: 'conecta o kubectl ao cluster de um ambiente, e diz se a infraestrutura ainda não existe',
    en: 'connects kubectl to the cluster of an environment, and says if the infrastructure is not there yet',
  },
  words: { environment: environmentWord },
  options: {},
  async run({ environment }) {
    requireProgram('aws');
    requireProgram('kubectl');
    await useCluster(environment);
    const address = await readAddress(environment);
    if (address === undefined) throw new Refused(text.noInfrastructure(environment));
    setOutputs({ address });
    return 0;
  },
});

async function useCluster(environment: EnvironmentName): Promise<void> {
  try {
    await aws('eks', 'update-kubeconfig', '--name', names(environment).cluster);
  } catch (error) {
    const { message, stderr } = error as Error & { readonly stderr?: string };
    if (stderr?.includes('ResourceNotFoundException')) throw new Refused(text.noInfrastructure(environment));
    throw new Error(stderr?.trim() || message);
  }
}

/** The environment's address. Undefined as long as the infrastructure has not set up the applications' namespace. */
async function readAddress(environment: EnvironmentName): Promise<string | undefined> {
  try {
    return await addressOfEnvironment('20s');
  } catch (error) {
    if (!(error instanceof KubectlFailed)) throw error;
    // The infrastructure also grants the role its rights in the cluster.
    if (error.message.includes('Forbidden') || error.message.includes('must be logged in')) return undefined;
    throw new Refused(text.unreachable(environment, error.message));
  }
}
