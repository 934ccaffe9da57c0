import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plannersGroup } from 'platform';
import { Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { type Block, synthesise } from './support/synthesised.ts';

const stack = synthesise('dev');

test('the plan role has access to the cluster only through its group', () => {
  const { kubernetes_groups, principal_arn } = stack.one('aws_eks_access_entry', 'planners');
  expect([principal_arn.split('/').at(-1), kubernetes_groups]).toEqual(['desafio-aws-dev-plan', [plannersGroup]]);
  const withPolicies = stack.some('aws_eks_access_policy_association').map(({ principal_arn }) => principal_arn);
  expect(withPolicies.filter((arn: string) => arn.endsWith('-plan'))).toEqual([]);
});

test('Helm keeps its releases in ConfigMaps, which a plan reads', () => {
  expect(stack.terraform.provider.helm).toMatchObject([{ helm_driver: 'configmap' }]);
});

describeWithCluster('simulated', 'a plan', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start('simulated');
    const { metadata, rule } = stack.one('kubernetes_cluster_role_v1');
    const { role_ref, subject } = stack.one('kubernetes_cluster_role_binding_v1');
    await cluster.apply([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata,
        rules: rule.map(({ api_groups, resources, verbs }: Block) => ({ apiGroups: api_groups, resources, verbs })),
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata,
        roleRef: { apiGroup: role_ref.api_group, kind: role_ref.kind, name: role_ref.name },
        subjects: subject.map(({ api_group, kind, name }: Block) => ({ apiGroup: api_group, kind, name })),
      },
    ]);
  });
  afterAll(() => cluster?.stop());

  const may = async (verb: string, resource: string) => {
    const request = [
      'auth',
      'can-i',
      verb,
      resource,
      '--all-namespaces',
      '--as=planner',
      `--as-group=${plannersGroup}`,
    ];
    return (await cluster.kubectl(request)).output.trim().endsWith('yes');
  };

  test('can read every kind that Terraform manages in the cluster', async () => {
    const kinds = stack.types.flatMap((type) => /^kubernetes_(?<kind>\w+?)(_v\d)?$/.exec(type)?.groups?.kind ?? []);
    expect(kinds.length).toBeGreaterThan(5);
    for (const kind of ['config_map', ...kinds].map((name) => name.replaceAll('_', ''))) {
      expect([kind, await may('get', kind)]).toEqual([kind, true]);
    }
  });

  test('can list what an upgrade asks about', async () => {
    for (const kind of ['poddisruptionbudgets', 'configmaps', 'customresourcedefinitions']) {
      expect([kind, await may('list', kind)]).toEqual([kind, true]);
    }
  });

  test.each(['secrets', 'pods', 'pods/log', 'pods/exec', 'serviceaccounts/token'])(
    'cannot read %s',
    async (resource) => {
      for (const verb of ['get', 'list', 'create']) expect([verb, await may(verb, resource)]).toEqual([verb, false]);
    },
  );

  test('changes nothing', async () => {
    for (const verb of ['create', 'patch', 'update', 'delete', 'bind', 'escalate']) {
      for (const resource of ['configmaps', 'clusterroles', 'networkpolicies']) {
        expect([verb, resource, await may(verb, resource)]).toEqual([verb, resource, false]);
      }
    }
  });
});
