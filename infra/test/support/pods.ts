import type { Block } from './synthesised.ts';

/** The pods of one object, such as a deployment. */
export interface Pods {
  /** Kind and name of the object. */
  readonly owner: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  /** Pods beside these while an update replaces them. */
  readonly surge: number;
  readonly labels: Readonly<Record<string, string>>;
  /** A pod's specification. */
  readonly spec: Block;
  /** Specifications of the volumes that each pod claims. */
  readonly claims: readonly Block[];
}

/** The pods that Kubernetes, or ClickHouse's operator, makes of these objects. */
export function podsOf(objects: readonly Block[]): Pods[] {
  const pods = objects.flatMap(podsOfOne);
  const missed = objects.filter(
    (object) => JSON.stringify(object.spec ?? {}).includes('"containers":[') && podsOfOne(object).length === 0,
  );
  if (missed[0]) throw new Error(`Which pods does a ${missed[0].kind} make? Add it to \`podsOf\``);
  return pods;
}

function podsOfOne({ kind, metadata, spec }: Block): Pods[] {
  const { name, namespace } = metadata;
  const common = { owner: `${kind}/${name}`, kind, name, namespace };
  if (kind === 'ClickHouseInstallation') {
    const replicas = spec.configuration.clusters
      .map(({ layout }: Block) => layout.shardsCount * layout.replicasCount)
      .reduce((sum: number, each: number) => sum + each);
    return spec.templates.podTemplates.map((template: Block) => ({
      ...{ ...common, replicas, surge: 0, labels: template.metadata.labels, spec: template.spec },
      claims: spec.templates.volumeClaimTemplates.map((claim: Block) => claim.spec),
    }));
  }
  if (!['DaemonSet', 'Deployment', 'Job', 'StatefulSet'].includes(kind)) return [];
  const { template, strategy, volumeClaimTemplates = [] } = spec;
  const replicas = spec.replicas ?? 1;
  return [
    {
      ...{ ...common, replicas, surge: kind === 'Deployment' ? surgeOf(strategy, replicas) : 0 },
      ...{ labels: template.metadata?.labels ?? {}, spec: template.spec },
      claims: volumeClaimTemplates.map((claim: Block) => claim.spec),
    },
  ];
}

/** By default a quarter, rounded up. */
function surgeOf(strategy: Block | undefined, replicas: number): number {
  if (strategy?.type === 'Recreate') return 0;
  const { maxSurge = '25%' } = strategy?.rollingUpdate ?? {};
  const percent = /^(\d+)%$/.exec(String(maxSurge))?.[1];
  return percent === undefined ? Number(maxSurge) : Math.ceil((replicas * Number(percent)) / 100);
}

/** Millicores and MiB. Undefined is no request or limit. */
export interface Amount {
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
}

export const containersOf = (spec: Block): Block[] => [...(spec.initContainers ?? []), ...spec.containers];

/**
 * What a container requests and may use, after the namespace's limit range has filled in what it does not say.
 *
 * @param limits the `LimitRange` of its namespace
 */
export function resourcesOf({ resources }: Block, limits: Block | undefined): { requests: Amount; limits: Amount } {
  const range = limits?.spec.limits.find(({ type }: Block) => type === 'Container') ?? {};
  const own = amountOf(resources?.limits);
  const requests = amountOf(resources?.requests);
  const byDefault = { limits: amountOf(range.default), requests: amountOf(range.defaultRequest) };
  // What has a limit and no request requests its limit. That comes before the limit range.
  const pick = (part: keyof Amount) => requests[part] ?? own[part] ?? byDefault.requests[part];
  return {
    requests: { cpu: pick('cpu'), memory: pick('memory') },
    limits: { cpu: own.cpu ?? byDefault.limits.cpu, memory: own.memory ?? byDefault.limits.memory },
  };
}

export const amountOf = (given: Block | undefined): Amount => ({
  cpu: given?.cpu === undefined ? undefined : millicores(given.cpu),
  memory: given?.memory === undefined ? undefined : mebibytes(given.memory),
});

function millicores(quantity: string | number): number {
  const [, amount, unit] = /^([\d.]+)(m?)$/.exec(String(quantity)) ?? [];
  if (amount === undefined) throw new Error(`How much CPU is ${quantity}?`);
  return Number(amount) * (unit === 'm' ? 1 : 1000);
}

function mebibytes(quantity: string): number {
  const [, amount, unit = ''] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? [];
  if (amount === undefined) throw new Error(`How much memory is ${quantity}?`);
  return Number(amount) * (unit === 'Gi' ? 1024 : 1);
}

/** What a pod needs of its node: its containers together, or the largest of those that run before them. */
export function requestsOf(spec: Block, limits: Block | undefined): { cpu: number; memory: number } {
  const of = (part: keyof Amount) => {
    const each = (containers: readonly Block[]) =>
      containers.map((container) => resourcesOf(container, limits).requests[part] ?? 0);
    const together = each(spec.containers).reduce((sum, amount) => sum + amount, 0);
    return Math.max(together, ...each(spec.initContainers ?? []));
  };
  return { cpu: of('cpu'), memory: of('memory') };
}
