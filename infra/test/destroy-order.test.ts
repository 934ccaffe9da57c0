import { beforeAll, describe, expect, test } from '@jest/globals';
import { namespaces } from 'platform';
import { dev } from '../environments/dev.ts';
import { graphOf } from './support/graph.ts';
import { type Block, type Synthesised, synthesise } from './support/synthesised.ts';

const sleeping = { environment: { cluster: { ...dev.cluster, sleepsAtNight: true } } };

/** Does nothing with the role itself: pods have its credentials. */
const passive = ['aws_eks_pod_identity_association'];

describe.each([
  ['dev', 'dev', {}],
  ['dev that sleeps at night', 'dev', sleeping],
  ['dev with a NAT instance', 'dev', { environment: { network: { ...dev.network, nat: 'instance' } } }],
  ['prd', 'prd', {}],
] as const)('%s is destroyed in an order in which nothing hangs or is left behind', (_, name, changes) => {
  let stack: Synthesised;
  let dependencies: Map<string, Set<string>>;
  beforeAll(() => {
    stack = synthesise(name, changes);
    dependencies = dependenciesOf(stack);
  });

  /** Terraform deletes dependents before their dependencies. */
  function expectFirst(first: string, then: string): void {
    expect(dependencies.get(first)).toContain(then);
  }
  const chart = (part: string) => stack.one('helm_release', part).address;

  test("SigNoz's binding and the removal of its volumes are deleted before SigNoz", () => {
    expectFirst(chart('binding'), chart('signoz_release'));
    expectFirst(chart('maintenance'), chart('signoz_release'));
  });

  test("the applications' namespace, in which releases create bindings, is deleted before their controller", () => {
    const applications = stack.one('kubernetes_namespace_v1', 'applications').address;
    expectFirst(applications, chart('load-balancer-controller'));
  });

  test("SigNoz's binding is deleted, and awaited, before its controller and its namespace", () => {
    const binding = stack.one('helm_release', 'binding');
    // Helm's uninstall then waits until the controller has removed the finalizer.
    expect(binding.wait ?? true).toBe(true);
    const namespace = stack.one('kubernetes_namespace_v1', 'observability').address;
    for (const later of [chart('load-balancer-controller'), namespace]) expectFirst(binding.address, later);
    expectFirst(chart('signoz_release'), namespace);
  });

  test('the removal of volumes has network access to the cluster until it is done', () => {
    expectFirst(chart('maintenance'), stack.one('kubernetes_network_policy_v1', 'observability_policy').address);
  });

  test('everything inside the cluster is deleted before API access, nodes, add-ons and NAT', () => {
    const inside = stack.types
      .filter((type) => type.startsWith('kubernetes_') || type === 'helm_release')
      .flatMap((type) => stack.some(type));
    expect(inside.length).toBeGreaterThan(10);
    const foundations = [
      'aws_eks_access_policy_association',
      'aws_eks_node_group',
      'aws_eks_addon',
      'aws_eip',
      'aws_route',
      'aws_route_table_association',
    ].flatMap((type) => stack.some(type));
    foundations.push(...['aws_autoscaling_group', 'aws_nat_gateway'].flatMap((type) => stack.all(type)));
    for (const { address } of inside) for (const later of foundations) expectFirst(address, later.address);
  });

  test('whatever uses a role is deleted before each policy of the role', () => {
    const used = new Map(stack.some('aws_iam_role').map(({ address }) => [address, 0]));
    const policies = [...stack.some('aws_iam_role_policy'), ...stack.some('aws_iam_role_policy_attachment')];
    const all = everything(stack);
    const refersTo = (addresses: readonly string[]) => (block: Block) =>
      addresses.some((address) => JSON.stringify(block).includes(`\${${address}.`));
    /** The role, and what only carries it to the instances of a group. */
    const carriers = (role: string) => {
      const profiles = stack.all('aws_iam_instance_profile').filter(refersTo([role]));
      const templates = stack.all('aws_launch_template').filter(refersTo(profiles.map(({ address }) => address)));
      return [role, ...[...profiles, ...templates].map(({ address }) => address)];
    };
    const users = all.filter(({ address }) => !/^aws_(iam_|launch_template)/.test(address));
    for (const [role] of used) {
      for (const user of users.filter(refersTo(carriers(role)))) {
        used.set(role, 1 + (used.get(role) ?? 0));
        if (passive.some((type) => user.address.startsWith(`${type}.`))) continue;
        for (const { address } of policies.filter((policy) => policy.role === `\${${role}.name}`)) {
          expectFirst(user.address, address);
        }
      }
    }
    expect([...used].filter(([, users]) => users === 0)).toEqual([]);
  });

  test('whatever runs with the role of a service account is deleted before the association and its policies', () => {
    const userOf: Record<string, string> = {
      'aws-load-balancer-controller': chart('load-balancer-controller'),
      'cluster-autoscaler': chart('cluster-autoscaler'),
      'ebs-csi-controller-sa': stack.one('aws_eks_addon', 'ebs-csi').address,
      signoz: chart('signoz_release'),
    };
    const associations = stack
      .some('aws_eks_pod_identity_association')
      // Releases of the applications are not in this stack.
      .filter(({ namespace }) => namespace !== namespaces.applications);
    expect(associations.map(({ service_account }) => service_account).toSorted()).toEqual(
      Object.keys(userOf).toSorted(),
    );
    for (const { address, role_arn, service_account } of associations) {
      const role = stack.target(role_arn).address;
      const policies = [...stack.all('aws_iam_role_policy'), ...stack.all('aws_iam_role_policy_attachment')].filter(
        (policy) => policy.role === `\${${role}.name}`,
      );
      expect(policies.length).toBeGreaterThan(0);
      for (const later of [address, ...policies.map((policy) => policy.address)]) {
        expectFirst(String(userOf[service_account]), later);
      }
    }
  });
});

const everything = (stack: Synthesised): (Block & { address: string })[] =>
  stack.types.flatMap((type) => stack.all(type));

/** For each resource all its dependencies, direct or transitive. */
function dependenciesOf(stack: Synthesised): Map<string, Set<string>> {
  const direct = new Map(graphOf(stack).map(({ address, dependsOn }) => [address, dependsOn]));
  const all = new Map<string, Set<string>>();
  const visit = (address: string): Set<string> => {
    const known = all.get(address);
    if (known) return known;
    const found = new Set<string>();
    all.set(address, found);
    for (const needed of direct.get(address) ?? []) for (const each of [needed, ...visit(needed)]) found.add(each);
    return found;
  };
  for (const address of direct.keys()) visit(address);
  return all;
}
