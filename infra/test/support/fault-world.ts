/**
 * dev on AWS, as far as a drill asks for it: it answers the AWS CLI and kubectl in their documented forms, remembers what
 * they change, and gets better by itself, a little with each question. Unknown calls are refused.
 */
import { applications } from 'platform/applications';

/** What a program prints as the error. */
export class Refusal extends Error {}

/** Whether a question gets another answer than the one before: it counts down to zero. */
type Countdown = number;

interface WorldNode {
  name: string;
  /** Undefined of a node that somebody else runs, of which nothing is known but, perhaps, its own group. */
  group: 'spot' | 'base' | 'storage' | undefined;
  otherGroup?: string;
  zone: string;
  instance: string;
  isClosed?: boolean;
  isBroken?: boolean;
  /** It has told nothing of itself yet. */
  isUnknown?: boolean;
  annotations: Record<string, string>;
  /** Questions until it is gone. */
  ending?: Countdown;
}

interface WorldPod {
  name: string;
  application: string;
  node: string;
  hasGate: boolean;
}

interface WorldAcl {
  id: string;
  tags: { Key: string; Value: string }[];
  /** Questions until EC2 finds a new one. */
  hidden?: Countdown;
}

const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;
/** The last one is that of somebody who has scaled it to none. */
const system = ['coredns', 'aws-load-balancer-controller', 'descheduler'] as const;
const controller = 'aws-load-balancer-controller';
const cluster = 'desafio-aws-dev';
export const standardAcl = 'acl-standard';
/** That of a subnet which somebody has given one of its own. */
export const ownAcl = 'acl-own';

/** What is of others in the account: of prd, of another project, of another drill. No drill of dev may touch it. */
const tagged = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
const ours = { project: 'desafio-aws', environment: 'dev' };
const others: readonly WorldAcl[] = [
  { id: 'acl-of-prd', tags: tagged({ ...ours, environment: 'prd', drill: 'zone' }) },
  { id: 'acl-of-another-project', tags: tagged({ ...ours, project: 'another', drill: 'zone' }) },
  { id: 'acl-of-another-drill', tags: tagged({ ...ours, drill: 'restore' }) },
];
const subnetsOfOthers = [
  {
    SubnetId: 'subnet-prd',
    VpcId: 'vpc-prd',
    AvailabilityZone: 'us-east-1b',
    Tags: tagged({ ...ours, environment: 'prd' }),
  },
  {
    SubnetId: 'subnet-other',
    VpcId: 'vpc-other',
    AvailabilityZone: 'us-east-1b',
    Tags: tagged({ ...ours, project: 'another' }),
  },
];

const isWith = (args: readonly string[], ...words: string[]) => words.every((word) => args.includes(word));
/**
 * The filters of a question to EC2, which knows these. The AWS CLI refuses other options.
 *
 * @throws {Refusal}
 */
function filtersOf(args: readonly string[]): { readonly name: string; readonly wanted: readonly string[] }[] {
  const [, , option, ...filters] = args;
  if (option !== '--filters' || filters.length === 0) throw new Refusal(`Unknown options: ${args.slice(2).join(' ')}`);
  return filters.map((filter) => {
    const [, name = '', values = ''] = /^Name=(tag:[\w-]+|association\.subnet-id),Values=(.+)$/.exec(filter) ?? [];
    if (name === '') throw new Refusal(`An error occurred (InvalidParameterValue): The filter '${filter}' is invalid`);
    return { name, wanted: values.split(',') };
  });
}
const optionOf = (args: readonly string[], name: string) =>
  args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? args[args.indexOf(`--${name}`) + 1] ?? '';

export class World {
  /** All calls, without options that are always the same. */
  readonly calls: string[] = [];
  account = '123456789012';
  address = '';
  database: { status: string; hasStandby: boolean; zone: string; back?: Countdown } | undefined = {
    status: 'available',
    hasStandby: false,
    zone: 'us-east-1a',
  };
  nodes: WorldNode[] = [
    { name: 'storage-1', group: 'storage', zone: 'us-east-1a', instance: 'i-0', annotations: {} },
    { name: 'node-1', group: 'spot', zone: 'us-east-1a', instance: 'i-1', annotations: {} },
    { name: 'node-2', group: 'spot', zone: 'us-east-1b', instance: 'i-2', annotations: {} },
  ];
  pods: WorldPod[] = applications.flatMap(({ name }) =>
    ['node-1', 'node-2'].map((node, index) => ({ name: `${name}-${index}`, application: name, node, hasGate: true })),
  );
  replicas: Record<string, number> = {
    ...Object.fromEntries([...applications.map(({ name }) => name), ...system].map((name) => [name, 2])),
    coredns: 3,
    descheduler: 0,
  };
  controllerMarks: Record<string, string> = {};
  /** Questions until a change of the controller's replicas is done. */
  controllerLate: Countdown = 0;
  acls: WorldAcl[] = [];
  /** Each subnet's access list. */
  subnets: Record<string, string> = Object.fromEntries(
    zones.flatMap((zone) => ['private', 'public', 'database'].map((tier) => [`subnet-${tier}-${zone}`, standardAcl])),
  );

  /** Calls that are refused, by their first words, and how often. */
  refused: Record<string, number> = {};
  /** A new node never comes. */
  hasNoCapacity = false;
  /** Kubernetes creates pods although the controller is away, without their gates. */
  isLax = false;
  /** Kubernetes creates no pods. */
  isFull = false;
  /** Kubernetes forgets a node as soon as its instance is ended. */
  forgetsAtOnce = false;
  /** Kubernetes has not seen the newest change of the deployments. */
  isBehind = false;
  /** A drain never ends. */
  drainHangs = false;
  /** The controller's pods never stop. */
  controllerHangs = false;
  /** A database has restarted before anybody asks. */
  restartsAtOnce = false;
  /** EC2 never finds a new access list. */
  hidesAcls = false;
  /** How many pods of each application the load balancer does not know. */
  unregistered = 0;
  /** Called after each change. */
  onChange: (call: string) => void = () => undefined;

  /** The calls that changed something. */
  get changes(): string[] {
    return this.calls.filter((call) => !/^(aws (sts|eks|\S+ describe)|kubectl \S+ get) ?/.test(call));
  }

  /** What a drill may change and has to change back. */
  get state(): unknown {
    const { acls, controllerMarks, nodes, replicas, subnets } = this;
    const marks = nodes.map(({ annotations, isClosed = false, name }) => ({ annotations, isClosed, name }));
    const kept = acls.map(({ id, tags }) => ({ id, tags }));
    return structuredClone({ acls: kept, controllerMarks, marks, replicas, subnets });
  }

  /** What a program prints. @throws {Refusal} */
  run(program: string, given: readonly string[], signal?: AbortSignal): string | Promise<string> {
    const args = given.filter(
      (arg, at) => !['--output', '--region'].some((option) => arg === option || given[at - 1] === option),
    );
    const call = [program, ...args].join(' ');
    this.calls.push(call);
    const refused = Object.keys(this.refused).find((words) => call.startsWith(words));
    if (refused !== undefined && (this.refused[refused] ?? 0) > 0) {
      this.refused[refused] = (this.refused[refused] ?? 0) - 1;
      throw new Refusal(`An error occurred (Unavailable) when calling ${refused}`);
    }
    const answer = program === 'aws' ? this.#aws(args) : this.#kubectl(args, signal);
    if (this.changes.at(-1) === call) this.onChange(call);
    return answer instanceof Promise ? answer : typeof answer === 'string' ? answer : JSON.stringify(answer);
  }

  #aws(args: readonly string[]): object | string {
    const [service, operation] = args;
    const rest = args.slice(2).join(' ');
    const ofDatabase = '--db-instance-identifier desafio-aws-dev-mysql';
    switch (`${service} ${operation}`) {
      case 'sts get-caller-identity':
        return { UserId: 'AIDA', Account: this.account, Arn: `arn:aws:iam::${this.account}:user/somebody` };
      case 'eks update-kubeconfig':
        if (optionOf(args, 'name') !== cluster) throw new Refusal('An error occurred (ResourceNotFoundException)');
        return 'Added new context to the file';
      case 'rds describe-db-instances':
        if (rest !== ofDatabase) break;
        return { DBInstances: [this.#databaseNow()] };
      case 'rds reboot-db-instance': {
        if (![ofDatabase, `${ofDatabase} --force-failover`].includes(rest)) break;
        const database = this.#databaseNow();
        if (isWith(args, '--force-failover') && !database.MultiAZ) {
          throw new Refusal('An error occurred (InvalidParameterCombination) when calling RebootDBInstance');
        }
        if (this.database && !this.restartsAtOnce) Object.assign(this.database, { back: 11 });
        return { DBInstance: { ...database, DBInstanceStatus: 'rebooting' } };
      }
      case 'elbv2 describe-target-groups': {
        const [, name] = /^--names (\S+)$/.exec(rest) ?? [];
        if (!applications.some((each) => name === `tg-${each.name}-dev`)) {
          throw new Refusal('An error occurred (TargetGroupNotFound) when calling DescribeTargetGroups');
        }
        return { TargetGroups: [{ TargetGroupName: name, TargetGroupArn: `arn:targetgroup/${name}` }] };
      }
      case 'elbv2 describe-target-health': {
        const [, application = ''] = /^--target-group-arn arn:targetgroup\/tg-(.+)-dev$/.exec(rest) ?? [];
        if (application === '') break;
        const targets = this.#working(application)
          .slice(this.unregistered)
          .map(({ name }) => ({
            Target: { Id: name, Port: 7000 },
            TargetHealth: { State: 'healthy' },
          }));
        // None of them gets requests: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
        const others = ['draining', 'initial', 'unhealthy', 'unused', 'unavailable', 'unhealthy.draining'].map(
          (State) => ({
            Target: { Id: State, Port: 7000 },
            TargetHealth: { State },
          }),
        );
        return { TargetHealthDescriptions: [...targets, ...others] };
      }
      case 'ec2 terminate-instances': {
        const node = this.nodes.find(({ instance }) => instance === optionOf(args, 'instance-ids'));
        if (!node) throw new Refusal('An error occurred (InvalidInstanceID.NotFound)');
        node.ending = this.forgetsAtOnce ? 0 : 2;
        if (this.forgetsAtOnce) this.#nodesNow();
        const [CurrentState, PreviousState] = [
          { Code: 32, Name: 'shutting-down' },
          { Code: 16, Name: 'running' },
        ];
        return { TerminatingInstances: [{ InstanceId: node.instance, CurrentState, PreviousState }] };
      }
      case 'ec2 describe-subnets': {
        // In no useful order.
        const found = zones.toReversed().flatMap((zone) => Object.keys(this.subnets).filter((id) => id.endsWith(zone)));
        const own = found.map((SubnetId) => ({
          ...{ SubnetId, VpcId: 'vpc-1', State: 'available', Tags: tagged(ours) },
          AvailabilityZone: zones.find((zone) => SubnetId.endsWith(zone)),
        }));
        const filters = filtersOf(args);
        const isAsked = ({ Tags }: { Tags: WorldAcl['tags'] }) =>
          filters.every((one) => this.#matches({ id: '', tags: Tags }, one));
        return { Subnets: [...subnetsOfOthers, ...own].filter(isAsked) };
      }
      case 'ec2 describe-network-acls': {
        const filters = filtersOf(args);
        if (!this.hidesAcls) for (const acl of this.acls) acl.hidden = (acl.hidden ?? 0) - 1;
        const all: WorldAcl[] = [...others, { id: standardAcl, tags: [] }, { id: ownAcl, tags: [] }, ...this.acls];
        return {
          NetworkAcls: all.filter((acl) => filters.every((one) => this.#matches(acl, one))).map(this.#described),
        };
      }
      case 'ec2 create-network-acl': {
        if (optionOf(args, 'vpc-id') !== 'vpc-1') break;
        const [{ ResourceType, Tags }] = JSON.parse(optionOf(args, 'tag-specifications'));
        if (ResourceType !== 'network-acl') throw new Refusal('An error occurred (InvalidParameterValue)');
        const acl = { id: `acl-${this.acls.length + 1}`, tags: Tags, hidden: 3 };
        this.acls.push(acl);
        return { NetworkAcl: this.#described(acl) };
      }
      case 'ec2 replace-network-acl-association': {
        const [, old = '', subnet = ''] = /^aclassoc\/(.+?)\/(.+)$/.exec(optionOf(args, 'association-id')) ?? [];
        if (this.subnets[subnet] !== old) throw new Refusal('An error occurred (InvalidAssociationID.NotFound)');
        const acl = optionOf(args, 'network-acl-id');
        if (![standardAcl, ownAcl].includes(acl) && !this.acls.some(({ id }) => id === acl)) break;
        this.subnets[subnet] = acl;
        return { NewAssociationId: `aclassoc/${acl}/${subnet}` };
      }
      case 'ec2 delete-network-acl': {
        const id = optionOf(args, 'network-acl-id');
        if (!this.acls.some((each) => each.id === id)) break;
        if (Object.values(this.subnets).includes(id)) throw new Refusal('An error occurred (DependencyViolation)');
        this.acls = this.acls.filter((acl) => acl.id !== id);
        return '';
      }
    }
    throw new Refusal(`Unknown: aws ${args.join(' ')}`);
  }

  readonly #described = ({ id, tags }: WorldAcl) => ({
    ...{ NetworkAclId: id, VpcId: 'vpc-1', IsDefault: id === standardAcl, Tags: tags },
    Associations: Object.entries(this.subnets)
      .filter(([, acl]) => acl === id)
      .map(([SubnetId]) => ({
        ...{ NetworkAclAssociationId: `aclassoc/${id}/${SubnetId}`, NetworkAclId: id, SubnetId },
      })),
    Entries: [],
  });

  #matches({ hidden, id, tags }: WorldAcl, { name, wanted }: ReturnType<typeof filtersOf>[number]): boolean {
    if ((hidden ?? 0) > 0) return false;
    if (name === 'association.subnet-id') return wanted.some((subnet) => this.subnets[subnet] === id);
    const key = name.replace('tag:', '');
    return tags.some((tag) => tag.Key === key && wanted.includes(tag.Value));
  }

  #databaseNow() {
    const { database } = this;
    if (!database) throw new Refusal('An error occurred (DBInstanceNotFound) when calling DescribeDBInstances');
    if (database.back !== undefined && --database.back <= 0) {
      delete database.back;
    }
    // For a question it says what it said before.
    const DBInstanceStatus = (database.back ?? 3) < 3 ? 'rebooting' : database.status;
    return {
      ...{ DBInstanceIdentifier: 'desafio-aws-dev-mysql', DBInstanceStatus },
      ...{ MultiAZ: database.hasStandby, AvailabilityZone: database.zone },
    };
  }

  #kubectl(given: readonly string[], signal?: AbortSignal): object | string | Promise<string> {
    const [option = '', verb = '', kind = '', name = ''] = given;
    const namespace = option.replace('--namespace=', '');
    const args = given.slice(3);
    const refuse = (): never => {
      throw new Refusal(`Unknown: kubectl ${given.join(' ')}`);
    };
    const isController = kind === 'pods' && namespace === 'kube-system';
    const how = isController ? [`--selector=app.kubernetes.io/name=${controller}`] : kind === 'configmap' ? [name] : [];
    if (verb === 'get' && given.slice(3).join(' ') !== [...how, '--output=json'].join(' ')) refuse();
    switch (`${verb} ${kind}`) {
      case 'get configmap':
        if (namespace !== 'calculator' || name !== 'infra-environment') refuse();
        return { kind: 'ConfigMap', metadata: { name }, data: this.address ? { SITE_ADDRESS: this.address } : {} };
      case 'get nodes':
        return { kind: 'List', items: this.#nodesNow() };
      case 'get deployments':
        if (!['calculator', 'kube-system'].includes(namespace)) refuse();
        return { kind: 'List', items: this.#deploymentsNow(namespace) };
      case 'get pods':
        if (namespace === 'calculator') return { kind: 'List', items: this.#podsNow() };
        if (!isController) refuse();
        return { kind: 'List', items: this.#controllerPods() };
      case 'annotate node':
      case 'annotate deployment': {
        const node = this.nodes.find((each) => each.name === name);
        if (kind === 'deployment' && (name !== controller || namespace !== 'kube-system')) refuse();
        const marks = kind === 'node' ? node?.annotations : this.controllerMarks;
        if (!marks) throw new Refusal(`Error from server (NotFound): nodes "${name}" not found`);
        for (const arg of args.slice(1).filter((each) => !each.startsWith('--'))) {
          const [key = '', value] = arg.split('=');
          if (value === undefined) delete marks[key.slice(0, -1)];
          else marks[key] = value;
        }
        return `${kind}/${name} annotated`;
      }
      case 'scale deployment':
        if (name !== controller || namespace !== 'kube-system') refuse();
        this.replicas[name] = Number(optionOf(args, 'replicas'));
        this.controllerLate = 2;
        return `deployment.apps/${name} scaled`;
      case 'delete pod':
        if (namespace !== 'calculator' || !this.pods.some((pod) => pod.name === name)) refuse();
        this.pods = this.pods.filter((pod) => pod.name !== name);
        return `pod "${name}" deleted`;
    }
    const node = this.nodes.find((each) => each.name === kind);
    if (verb === 'drain' && node) {
      node.isClosed = true;
      if (this.drainHangs) {
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
      }
      for (const pod of this.pods.filter((each) => each.node === kind)) pod.node = this.#openNode();
      return `node/${kind} drained`;
    }
    if (verb === 'uncordon' && node) {
      node.isClosed = false;
      return `node/${kind} uncordoned`;
    }
    return refuse();
  }

  #nodesNow() {
    for (const node of this.nodes) if (node.ending !== undefined) node.ending -= 1;
    const gone = this.nodes.filter(({ ending }) => ending !== undefined && ending < 0);
    this.nodes = this.nodes.filter((node) => !gone.includes(node));
    this.pods = this.pods.filter(({ node }) => gone.every(({ name }) => name !== node));
    if (!this.hasNoCapacity) {
      for (const { name, ...node } of gone) {
        const { ending, ...like } = node;
        this.nodes.push({
          ...like,
          name: `${name}-new`,
          instance: `${like.instance}-new`,
          isClosed: false,
          annotations: {},
        });
      }
    }
    return this.nodes.map((node) => ({
      kind: 'Node',
      metadata: {
        name: node.name,
        ...(node.otherGroup && { labels: { 'eks.amazonaws.com/nodegroup': node.otherGroup } }),
        ...(node.group && {
          annotations: node.annotations,
          labels: {
            'eks.amazonaws.com/nodegroup': `desafio-aws-dev-${node.group}-20260101000000000100000001`,
            'topology.kubernetes.io/zone': node.zone,
          },
        }),
      },
      spec: {
        ...(node.group && { providerID: `aws:///${node.zone}/${node.instance}` }),
        ...(node.isClosed && { unschedulable: true }),
      },
      status: node.isUnknown
        ? {}
        : {
            conditions: [
              { type: 'NetworkUnavailable', status: this.#isReady(node) ? 'False' : 'True' },
              // Of a node that Kubernetes does not hear of it says neither.
              { type: 'Ready', status: this.#isReady(node) ? 'True' : node.isBroken ? 'False' : 'Unknown' },
            ],
          },
    }));
  }

  #isReady({ group, isBroken, zone }: WorldNode): boolean {
    return !isBroken && (!group || this.subnets[`subnet-private-${zone}`] === standardAcl);
  }

  #openNode(): string {
    return this.nodes.find((node) => node.group === 'spot' && !node.isClosed && this.#isReady(node))?.name ?? '';
  }

  /** An application's pods that get requests. */
  #working(application: string): WorldPod[] {
    const isOn = (pod: WorldPod) => this.nodes.some((node) => node.name === pod.node && this.#isReady(node));
    return this.pods.filter((pod) => pod.application === application && isOn(pod));
  }

  #podsNow() {
    const isAway = this.replicas[controller] === 0;
    for (const { name } of applications) {
      const lacking = (this.replicas[name] ?? 0) - this.pods.filter(({ application }) => application === name).length;
      for (let left = lacking; left > 0 && !this.isFull && (!isAway || this.isLax); left--) {
        const pod = { application: name, node: this.#openNode(), hasGate: !isAway };
        this.pods.push({ ...pod, name: `${name}-new-${this.calls.length}` });
      }
    }
    const gates = ['example.com/other', 'target-health.elbv2.k8s.aws/k8s-calculat-1'].map((conditionType) => ({
      conditionType,
    }));
    const pods = this.pods.map(({ application, hasGate, name, node }) => ({
      ...{ kind: 'Pod', metadata: { name, labels: { 'app.kubernetes.io/name': application } } },
      spec: { nodeName: node, readinessGates: hasGate ? gates : gates.slice(0, 1) },
    }));
    const migration = { name: 'migration-1', labels: { 'app.kubernetes.io/name': 'calculadora-api-migration' } };
    return [
      ...[...pods, { kind: 'Pod', metadata: migration, spec: { nodeName: 'node-1' } }],
      // Somebody's, by hand. It has no node yet.
      { kind: 'Pod', metadata: { name: 'debug' }, spec: {} },
    ];
  }

  #controllerPods() {
    const count = !this.controllerHangs && this.#settled() ? (this.replicas[controller] ?? 0) : 1;
    return Array.from({ length: count }, (_, index) => ({ kind: 'Pod', metadata: { name: `${controller}-${index}` } }));
  }

  /** Whether the controller has as many pods as it should. */
  #settled(): boolean {
    if (this.controllerLate > 0) this.controllerLate -= 1;
    return this.controllerLate === 0;
  }

  #deploymentsNow(namespace: string) {
    this.#podsNow();
    const names: readonly string[] = namespace === 'calculator' ? applications.map(({ name }) => name) : system;
    return names.map((name) => {
      const wanted = this.replicas[name] ?? 0;
      const isSettled = name !== controller || this.#settled();
      const available = namespace === 'calculator' ? this.#working(name).length : isSettled ? wanted : 0;
      return {
        kind: 'Deployment',
        metadata: { name, generation: 3, ...(name === controller && { annotations: this.controllerMarks }) },
        spec: { replicas: wanted },
        // Kubernetes leaves out a zero.
        status: { observedGeneration: this.isBehind ? 2 : 3, ...(available > 0 && { availableReplicas: available }) },
      };
    });
  }
}
