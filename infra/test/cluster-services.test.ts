import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { environments } from '../environments/all.ts';
import { root } from '../terraform.ts';
import { type Block, type Synthesised, synthesise } from './support/synthesised.ts';

const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function within(address: string, cidr: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(address) / size) === Math.floor(number(base) / size);
}

/** Whether a network policy allows egress to this address and port. */
function allows(policy: Block, address: string, port: number): boolean {
  return (policy.spec.egress ?? []).some(
    ({ to, ports }: Block) =>
      (ports === undefined || ports.some((allowed: Block) => allowed.port === String(port))) &&
      to.some(
        ({ ip_block: block }: Block) =>
          block && within(address, block.cidr) && !(block.except ?? []).some((cidr: string) => within(address, cidr)),
      ),
  );
}

/** Helm says nothing about values that an older chart does not know. Renovate only raises versions. */
const oldest: Readonly<Record<string, string>> = {
  'aws-load-balancer-controller': '3.5.0',
  'cluster-autoscaler': '9.59.0',
  'k8s-infra': '0.16.0',
  'metrics-server': '3.13.1',
};

describe.each([
  ['dev', '10.0.201.5', '10.0.1.5'],
  ['prd', '192.168.203.7', '192.168.3.5'],
] as const)('%s', (name, database, pod) => {
  let stack: Synthesised;
  let policies: Block[];
  beforeAll(() => {
    stack = synthesise(name);
    policies = stack.all('kubernetes_network_policy_v1');
  });

  test('only the pods of the API and of its migration can reach the database', () => {
    const open = policies.filter((policy) => allows(policy, database, 3306));
    expect(open.map(({ spec }) => spec.pod_selector)).toEqual([
      { match_labels: { 'app.kubernetes.io/name': 'calculadora-api' } },
      { match_labels: { 'app.kubernetes.io/name': 'calculadora-api-migration' } },
    ]);
    for (const policy of open) expect(allows(policy, database, 443)).toBe(false);
  });

  test('every namespace, built-in or ours, restricts egress', () => {
    const closed = policies.filter(
      ({ spec }) => spec.policy_types.includes('Egress') && Object.keys(spec.pod_selector).length === 0,
    );
    expect(new Set(closed.map(({ metadata }) => namespaceOf(stack, metadata.namespace)))).toEqual(
      new Set(['calculator', 'default', 'kube-node-lease', 'kube-public', 'kube-system', 'observability']),
    );
  });

  test('our namespaces deny ingress and egress by default', () => {
    const denials = policies.filter(({ metadata }) => metadata.name === 'default-deny');
    expect(denials).toHaveLength(2);
    for (const { spec } of denials) expect(spec).toEqual({ pod_selector: {}, policy_types: ['Ingress', 'Egress'] });
  });

  test('the site reaches nothing outside the cluster', () => {
    const site = policies.filter(({ spec }) => JSON.stringify(spec.pod_selector).includes('magic-calculator'));
    expect(site).toHaveLength(1);
    for (const policy of site) expect(allows(policy, '203.0.113.5', 443)).toBe(false);
  });

  test('the API reaches AWS and the Pod Identity agent on these ports, but no other private address', () => {
    const api = policies.find(({ metadata }) => metadata.name === 'infra-calculadora-api-database') as Block;
    expect(allows(api, '203.0.113.5', 443)).toBe(true);
    expect(allows(api, '169.254.170.23', 80)).toBe(true);
    for (const address of ['10.0.1.5', '172.20.0.1', '192.168.1.5', '169.254.169.254']) {
      expect(allows(api, address, 443)).toBe(false);
    }
  });

  test.each(applications)('$name is reachable only on its own port, from private subnets and the collector', (app) => {
    const { spec } = policies.find(({ metadata }) => metadata.name === `infra-${app.name}`) as Block;
    expect(spec.ingress).toHaveLength(1);
    expect(spec.ingress[0].ports).toEqual([{ port: String(app.port), protocol: 'TCP' }]);
    expect(spec.ingress[0].from).toHaveLength(4);
  });

  // The ingress policies admit every address of the pods' subnets, because the load balancer has its addresses there.
  test.each(applications)('of all pods, only those of kube-system and SigNoz are let out to $name', ({ port }) => {
    const open = policies.filter((policy) => allows(policy, pod, port));
    const from = open.map(({ metadata }) => namespaceOf(stack, metadata.namespace));
    expect(from.toSorted()).toEqual(['kube-system', 'observability']);
  });

  test('a pod in a namespace that is not used reaches nothing', () => {
    for (const namespace of ['default', 'kube-node-lease', 'kube-public']) {
      const [policy, ...others] = policies.filter(({ metadata }) => metadata.namespace === namespace);
      expect([policy?.spec, others]).toEqual([{ pod_selector: {}, policy_types: ['Egress'] }, []]);
    }
  });

  test('the namespace of the applications enforces the strictest pod security standard and readiness gates', () => {
    const { labels } = stack.one('kubernetes_namespace_v1', 'applications').metadata;
    expect(labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled',
    });
  });

  test('applications can create no load balancer, node port or volume', () => {
    expect(stack.one('kubernetes_resource_quota_v1').spec.hard).toMatchObject({
      'services.loadbalancers': '0',
      'services.nodeports': '0',
      persistentvolumeclaims: '0',
    });
  });

  test("controllers can only change this environment's target groups and this cluster's nodes", () => {
    const writes = (part: string) =>
      JSON.parse(stack.one('aws_iam_role_policy', part).policy).Statement.filter(({ Action }: Block) =>
        Action.some((action: string) => !/:(Describe|Get)/.test(action)),
      );
    expect(writes('cluster-services_load-balancer-controller')).toEqual([
      {
        Effect: 'Allow',
        Action: ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
        Resource: [`arn:aws:elasticloadbalancing:us-east-1:*:targetgroup/tg-*-${name}/*`],
      },
    ]);
    const [scaling, ...others] = writes('cluster-services_cluster-autoscaler');
    expect(others).toEqual([]);
    const [[tag, value] = []] = Object.entries(scaling.Condition.StringEquals);
    expect(tag).toMatch(/^aws:ResourceTag\/k8s\.io\/cluster-autoscaler\//);
    expect(value).toBe('owned');
  });

  test("the autoscaler has the cluster's minor version", () => {
    const { values } = stack.one('helm_release', 'cluster-autoscaler');
    const [major, minor] = stack.one('aws_eks_cluster').version.split('.');
    expect(JSON.parse(values[0]).image.tag).toMatch(new RegExp(`^v${major}\\.${minor}\\.`));
  });

  test('the autoscaler adds spot nodes first, and gives up on a node that does not join in time', () => {
    const values = JSON.parse(stack.one('helm_release', 'cluster-autoscaler').values[0]);
    const minutes = environments[name].cluster.nodeProvisionMinutes;
    expect(values.extraArgs).toMatchObject({
      expander: 'priority,least-waste',
      'max-node-provision-time': `${minutes}m0s`,
    });
    // EKS names a group's Auto Scaling group after it.
    const groups = stack
      .some('aws_eks_node_group')
      .map((group) => ({ name: `eks-${group.node_group_name_prefix}20261127-1a2b`, type: group.capacity_type }));
    const priorities = Object.entries<string[]>(values.expanderPriorities).map(([priority, patterns]) => ({
      priority: Number(priority),
      pattern: new RegExp(`^(${patterns.join('|')})$`),
    }));
    const priorityOf = (group: string) =>
      Math.max(...priorities.filter(({ pattern }) => pattern.test(group)).map(({ priority }) => priority));
    const types = { dev: ['SPOT'], prd: ['SPOT', 'ON_DEMAND'] }[name];
    expect(new Set(groups.map((group) => group.type))).toEqual(new Set(types));
    // A group without a priority is never enlarged. SigNoz's competes with no other.
    for (const { name: group, type } of groups) {
      expect(priorityOf(group)).toBe(type === 'SPOT' && !group.includes('-storage-') ? 20 : 10);
    }
  });

  test('every third-party chart has an exact version, and one that knows the values that we give it', () => {
    const charts = stack.some('helm_release').filter(({ repository }) => repository);
    expect(charts.map(({ chart }) => chart).toSorted()).toEqual(Object.keys(oldest).toSorted());
    for (const { chart, version } of charts) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      const [first] = [version, oldest[chart]].toSorted(new Intl.Collator('en', { numeric: true }).compare);
      expect([chart, first]).toEqual([chart, oldest[chart]]);
    }
  });
});

test("the autoscaler's image is that of the environment's file", () => {
  const { cluster } = environments.dev;
  const autoscaler = `v${cluster.version}.99`;
  const { values } = synthesise('dev', { environment: { cluster: { ...cluster, autoscaler } } }).one(
    'helm_release',
    'cluster-autoscaler',
  );
  expect(JSON.parse(values[0]).image.tag).toBe(autoscaler);
});

// Of the charts of others, their names: which images they have is in their values.
test.each(['docs/architecture.md', 'docs/architecture.pt-BR.md'])(
  '%s names every image whose variant for arm64 nobody has seen',
  (document) => {
    const read = (path: string) => readFileSync(join(root, path), 'utf8');
    const section = read(document).split(/^## (?:Not verified|O que não foi verificado)$/m)[1] ?? '';
    const images = (pattern: RegExp, paths: readonly string[]) =>
      paths.flatMap((path) => [...read(path).matchAll(pattern)].map(([, image = '']) => image));
    const values = readdirSync(join(root, 'infra/charts')).map((chart) => `infra/charts/${chart}/values.yaml`);
    const ours = images(/^FROM (?:--\S+ )?(?:\S+\/)?([\w-]+):/gm, globSync('apps/*/Dockerfile', { cwd: root }));
    const inCharts = images(/: \S+\.io\/(?:\S+\/)?([\w-]+):/g, values);
    expect([new Set(ours).size, new Set(inCharts).size]).toEqual([2, 3]);
    const named = ['SigNoz', 'ZooKeeper', 'ClickHouse', 'add-ons', ...Object.keys(oldest), ...ours, ...inCharts];
    expect(named.filter((image) => !section.includes(image))).toEqual([]);
  },
);

/** Name of a namespace, from the name itself or a Terraform reference. */
function namespaceOf(stack: Synthesised, reference: string): string {
  const address = /kubernetes_namespace_v1\.([^.}]+)/.exec(reference)?.[1];
  return address ? stack.one('kubernetes_namespace_v1', address).metadata.name : reference;
}
