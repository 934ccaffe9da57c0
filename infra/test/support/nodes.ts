import type { NodeChoices } from '../../environments/environment.ts';

/** GiB of memory of the types in use, and pods by their network interfaces: AWS's list eni-max-pods.txt. */
const types: Readonly<Record<string, { readonly memory: number; readonly pods: number }>> = {
  't4g.medium': { memory: 4, pods: 17 },
  'c6g.large': { memory: 4, pods: 29 },
  'c7g.large': { memory: 4, pods: 29 },
  'c7gd.large': { memory: 4, pods: 29 },
  't4g.large': { memory: 8, pods: 35 },
  'm6g.large': { memory: 8, pods: 29 },
  'm7g.large': { memory: 8, pods: 29 },
  'm6gd.large': { memory: 8, pods: 29 },
};

/**
 * What a node of two vCPUs leaves to pods, by the type that leaves the least. EKS reserves 70 millicores and 255 MiB,
 * 11 MiB for each pod that has an address without prefixes, and 100 MiB before it evicts; the system keeps less than 7 % of
 * the memory. With prefixes, 110 pods have addresses.
 * https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
 */
export function allocatable({ instanceTypes }: Pick<NodeChoices, 'instanceTypes'>) {
  const free = instanceTypes.map((type) => {
    const { memory, pods } = types[type] ?? {};
    if (memory === undefined || pods === undefined) throw new Error(`How large is ${type}? Add it to \`types\``);
    return Math.floor(memory * 1024 * 0.93) - 255 - 11 * pods - 100;
  });
  return { cpu: '1930m', memory: `${Math.min(...free)}Mi`, pods: '110' };
}
