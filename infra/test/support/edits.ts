import { dev } from '../../environments/dev.ts';
import type { Environment, NodeChoices } from '../../environments/environment.ts';
import { prd } from '../../environments/prd.ts';
import { readSettings, type Settings } from '../../settings.ts';

/** Other values of a field, and what Terraform replaces for them. */
export interface Edit<T = unknown> {
  readonly to: T;
  /** Further values, each after the one before. */
  readonly further?: readonly T[];
  /** Types of replaced resources. Without it, none is. */
  readonly replaces?: readonly string[];
  /** Other fields that must change with it, by path, such as `environment.cluster.version`. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** The setting without which the environment must be deployed before. */
  readonly without?: keyof Settings;
  /** What else a person has to know. */
  readonly note?: string;
}

/** A field that cannot be edited once the environment is deployed, and what to do instead. */
export interface Fixed<T = unknown> {
  readonly to: T;
  readonly fixed: string;
  /** In Terraform's error, if a plan shows it. */
  readonly error?: string;
}

type Value = string | number | boolean | readonly unknown[];

/** One edit for each field. The compiler notices a new field without one. */
type Edits<T> = {
  readonly [K in keyof T]-?: NonNullable<T[K]> extends Value
    ? Edit<NonNullable<T[K]>> | Fixed<NonNullable<T[K]>>
    : Edits<NonNullable<T[K]>> | Fixed<NonNullable<T[K]>>;
};

export interface Deployed {
  readonly environment: Environment;
  readonly settings: Settings;
}

const defaults = readSettings('', {});
const connection = (number: number) =>
  `arn:aws:codeconnections:us-east-1:123456789012:connection/11111111-2222-3333-4444-55555555555${number}`;

/** dev, awake at night, with every optional part, so that the fields of each can be edited. */
export const deployed = {
  environment: {
    ...dev,
    cluster: {
      ...dev.cluster,
      sleepsAtNight: false,
      ...(prd.cluster.baseNodes && { baseNodes: prd.cluster.baseNodes }),
    },
  } satisfies Environment,
  settings: {
    ...defaults,
    github: { ...defaults.github, connections: { dev: connection(1) } },
    domain: { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } },
    alerts: { api: ['api@example.com'] },
  } satisfies Settings,
} satisfies Deployed;

/** The group, and what names it. */
const group = ['aws_autoscaling_group_tag', 'aws_eks_node_group'];

const nodes = ({ desired, diskSize, maximum, minimum }: NodeChoices, instanceTypes: readonly string[]) =>
  ({
    instanceTypes: { to: instanceTypes, replaces: group },
    maximum: { to: maximum + 1 },
    desired: { to: desired + 1, note: 'only of a new group: the autoscaler sets the number of nodes' },
    minimum: { to: minimum + 1, note: 'the group is scaled first, by the autoscaler or with the call of the doctor' },
    diskSize: { to: diskSize + 1 },
  }) satisfies Edits<NodeChoices>;

const { cluster } = deployed.environment;

export const environmentEdits: Edits<Environment> = {
  name: { to: 'prd', fixed: 'each environment has a file, a state and a workspace of its own' },
  protected: { to: true },
  runner: { to: true },
  network: {
    cidr: {
      to: '10.1.0.0/16',
      fixed: 'the network would be replaced, with everything in it: destroy the environment and deploy it again',
    },
    nat: { to: 'single', further: ['instance-per-zone', 'per-zone'] },
    flowLogs: { to: true },
  },
  cluster: {
    addons: {
      'vpc-cni': { to: 'v1.22.5-eksbuild.1' },
      'kube-proxy': { to: 'v1.36.1-eksbuild.1' },
      coredns: { to: 'v1.14.4-eksbuild.1' },
      'eks-pod-identity-agent': { to: 'v1.3.11-eksbuild.1' },
      'aws-ebs-csi-driver': { to: 'v1.67.0-eksbuild.1' },
    },
    nodeRelease: { to: '1.36.3-20261110' },
    autoscaler: { to: 'v1.36.2' },
    nodes: nodes(cluster.nodes, ['t4g.medium', 'c6g.large', 'c7g.large']),
    baseNodes: nodes(cluster.baseNodes ?? cluster.nodes, ['t4g.medium']),
    storageNodes: nodes(cluster.storageNodes, ['t4g.large', 'm6g.large']),
    // By then the nodes sleep at night.
    storageCapacity: { to: 'on-demand', replaces: [...group, 'aws_autoscaling_schedule'] },
    architecture: {
      to: 'x86_64',
      with: {
        'environment.cluster.nodes.instanceTypes': ['t3.medium', 't3a.medium'],
        'environment.cluster.baseNodes.instanceTypes': ['t3.medium'],
        'environment.cluster.storageNodes.instanceTypes': ['t3.large'],
      },
      // By then the nodes sleep at night.
      replaces: [...group, 'aws_autoscaling_schedule'],
    },
    nodeProvisionMinutes: { to: cluster.nodeProvisionMinutes + 1 },
    logTypes: { to: ['audit'] },
    sleepsAtNight: { to: true },
    // After the add-on's own edit, and the autoscaler's.
    version: {
      to: '1.37',
      with: {
        'environment.cluster.addons.kube-proxy': 'v1.37.0-eksbuild.1',
        'environment.cluster.nodeRelease': '1.37.0-20270105',
        'environment.cluster.autoscaler': 'v1.37.0',
      },
    },
  },
  database: {
    version: { to: '9.7', replaces: ['aws_db_parameter_group'], note: 'upgrades MySQL, which cannot be undone' },
    instanceClass: { to: 'db.t4g.small' },
    storage: { initial: { to: 21 }, maximum: { to: 60 } },
    multiZone: { to: true },
    // Together with the second region, and gone again before the backups are.
    copiesBackups: { to: true, further: [false] },
    backupDays: { to: 2, further: [0] },
    finalSnapshot: { to: true },
  },
  edge: { hstsDays: { to: 30 }, waf: { to: true }, accessLogs: { to: true }, statusPage: { to: false } },
  observability: { storage: { to: 30 }, retentionDays: { to: 4 } },
  costs: {
    monthlyBudget: { to: 500 },
    approvalAbove: { to: 30, note: 'only of pull requests' },
  },
};

/**
 * A delivery role changes the records of its environment's host alone. The bootstrap of another host would take the old
 * host's records from it, before it can delete them.
 */
const host = { without: 'domain' } as const;

export const settingsEdits: Edits<Settings> = {
  accountId: { to: '123456789012' },
  accounts: {
    to: { dev: '111122223333', prd: '444455556666' },
    fixed: 'each account has its own bootstrap and state: decide before the first bootstrap',
    error: 'Backend initialization required',
  },
  region: {
    to: 'sa-east-1',
    fixed: 'another region is another environment: destroy it, and bootstrap and deploy in the other',
    error: 'Backend initialization required',
  },
  secondRegion: { to: 'us-west-2' },
  useSecondRegion: { to: true, fixed: 'the second region has a state of its own: `pnpm infra deploy --region`' },
  restoreFrom: {
    dev: { to: 'arn:aws:rds:us-west-2:123456789012:auto-backup:ab-1', note: 'only when a database is created' },
    prd: { to: 'arn:aws:rds:us-west-2:123456789012:auto-backup:ab-2', note: 'only when a database is created' },
  },
  owner: { to: 'another-team' },
  stateBucket: {
    to: 'another-bucket',
    fixed: 'the state stays in its bucket: move it with terraform init -migrate-state',
    error: 'Backend initialization required',
  },
  bootstrapState: { to: 'bucket', note: 'moves the state of the bootstrap' },
  github: {
    repository: { to: 'owner/another' },
    subjectPrefix: { to: 'repo:owner@1/another@2' },
    createProvider: { to: false, note: 'deletes the provider that the bootstrap created' },
    connections: { dev: { to: connection(2) }, prd: { to: connection(3) } },
  },
  clusterAdmins: {
    to: ['arn:aws:iam::123456789012:role/Administrator'],
    further: [['arn:aws:iam::123456789012:user/ada']],
  },
  clusterApiCidrs: { dev: { to: ['203.0.113.7/32'], further: [['203.0.113.8/32']] }, prd: { to: ['203.0.113.7/32'] } },
  domain: {
    zone: { to: 'example.org', ...host },
    createZone: { to: true },
    subdomains: { dev: { to: 'try', ...host }, prd: { to: 'calculator', ...host } },
  },
  alerts: { api: { to: ['two@example.com', 'api@example.com'] } },
  runbooks: { to: 'https://example.com/runbooks' },
  imageRegistry: { to: 'ecr' },
};

/** An edit with its path, such as `environment.cluster.nodes.minimum`. */
export type Step = readonly [path: string, edit: Edit | Fixed];

/** The edits of an object, each under the path of its field, and one for each of its values. */
export function steps(edits: object, above = ''): Step[] {
  return Object.entries(edits).flatMap(([name, edit]) => {
    const path = above === '' ? name : `${above}.${name}`;
    if (!('to' in edit)) return steps(edit, path);
    const { further = [], ...first } = edit as Edit;
    return [first, ...further.map((to) => ({ ...first, to }))].map((each): Step => [path, each]);
  });
}

/**
 * The steps in few rounds, in the order in which they are given. In a round no field is set twice. An edit that replaces
 * something is in another round than those of its neighbours, which could otherwise be made on the new resource.
 */
export function rounds(all: readonly Step[]): Step[][] {
  const found: Step[][] = [];
  for (const step of all) {
    const round = found.find((others) => !others.some((other) => isInTheWay(step, other)));
    if (round) round.push(step);
    else found.push([step]);
  }
  return found;
}

function isInTheWay(one: Step, other: Step): boolean {
  const replaces = [one, other].some(([, edit]) => 'replaces' in edit);
  const touched = (step: Step) => (replaces ? fields(step).map(parent) : fields(step));
  return touched(one).some((path) => touched(other).includes(path));
}

/** The fields that an edit changes. */
const fields = ([path, edit]: Step): string[] => [path, ...('with' in edit ? Object.keys(edit.with ?? {}) : [])];
const parent = (path: string): string => path.split('.').slice(0, -1).join('.');

/** A copy of an object with the value of a field changed. */
export function set<T>(object: T, path: string, value: unknown): T {
  const [name = '', ...rest] = path.split('.');
  const inner = (object as Record<string, unknown>)[name];
  return { ...object, [name]: rest.length === 0 ? value : set(inner ?? {}, rest.join('.'), value) };
}
