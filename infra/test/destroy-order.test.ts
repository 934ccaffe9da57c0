import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Synthesised, synthesise } from './support/synthesised.ts';

describe.each(['dev', 'prd'] as const)(
  '%s is destroyed in an order in which nothing hangs or is left behind',
  (name) => {
    let stack: Synthesised;
    let dependencies: Map<string, Set<string>>;
    beforeAll(() => {
      stack = synthesise(name);
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

    test('namespaces are deleted before the controller that removes the finalizers of their bindings', () => {
      for (const { address } of stack.some('kubernetes_namespace_v1')) {
        expectFirst(address, chart('load-balancer-controller'));
      }
      expectFirst(chart('signoz_release'), stack.one('kubernetes_namespace_v1', 'observability').address);
    });

    test('the removal of volumes has network access to the cluster until it is done', () => {
      expectFirst(chart('maintenance'), stack.one('kubernetes_network_policy_v1', 'observability_policy').address);
    });

    test('everything inside the cluster is deleted before API access, nodes, add-ons and NAT', () => {
      const inside = Object.keys(stack.terraform.resource)
        .filter((type) => type.startsWith('kubernetes_') || type === 'helm_release')
        .flatMap((type) => stack.all(type));
      const foundations = [
        ...stack.all('aws_eks_access_policy_association'),
        ...stack.all('aws_eks_node_group'),
        ...stack.all('aws_eks_addon'),
        ...stack.all('aws_nat_gateway'),
        ...stack.all('aws_route'),
        ...stack.all('aws_route_table_association'),
      ];
      for (const { address } of inside) for (const later of foundations) expectFirst(address, later.address);
    });

    test('a controller is deleted before its AWS permissions', () => {
      for (const controller of ['load-balancer-controller', 'cluster-autoscaler']) {
        expectFirst(chart(controller), stack.one('aws_iam_role_policy', `cluster-services_${controller}`).address);
        expectFirst(
          chart(controller),
          stack.one('aws_eks_pod_identity_association', `cluster-services_${controller}`).address,
        );
      }
    });
  },
);

/** For each resource all its dependencies, direct or transitive. */
function dependenciesOf(stack: Synthesised): Map<string, Set<string>> {
  const blocks = Object.keys(stack.terraform.resource).flatMap((type) => stack.all(type));
  const addresses = blocks.map(({ address }) => address);
  const direct = new Map(
    blocks.map((block) => {
      const words = new Set(JSON.stringify(block).match(/[a-z0-9_]+\.[A-Za-z0-9_-]+/g));
      return [block.address, addresses.filter((address) => address !== block.address && words.has(address))];
    }),
  );
  const all = new Map<string, Set<string>>();
  const visit = (address: string): Set<string> => {
    const known = all.get(address);
    if (known) return known;
    const found = new Set<string>();
    all.set(address, found);
    for (const needed of direct.get(address) ?? []) for (const each of [needed, ...visit(needed)]) found.add(each);
    return found;
  };
  for (const address of addresses) visit(address);
  return all;
}
