import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aws } from './doctor/aws.ts';

/** Does work that needs a kubeconfig, with a file of its own: that of the person who runs it stays as it is. */
export async function withKubeconfig<T>(work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  try {
    return await work(join(folder, 'kubeconfig'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Does work in a cluster of EKS, with a kubeconfig as above. @throws Error with what the AWS CLI says */
export const withCluster = <T>(cluster: string, region: string, work: (file: string) => Promise<T>): Promise<T> =>
  withKubeconfig(async (file) => {
    await aws('eks', 'update-kubeconfig', '--name', cluster, '--region', region, '--kubeconfig', file);
    return work(file);
  });
