import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { drillersGroup, namespaces } from 'platform';
import { bindingDefinition, Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { manifestsOf } from './support/manifests.ts';
import { synthesise } from './support/synthesised.ts';

const namespace = namespaces.applications;

test('the role of the restore drill has access to the cluster only through its group', () => {
  const stack = synthesise('prd');
  expect(stack.one('aws_eks_access_entry', 'drillers')).toMatchObject({
    principal_arn: expect.stringMatching(/:role\/desafio-aws-prd-drill$/),
    kubernetes_groups: [drillersGroup],
  });
  const withPolicies = stack.all('aws_eks_access_policy_association').map(({ principal_arn }) => principal_arn);
  expect(withPolicies.filter((arn: string) => arn.endsWith('-drill'))).toEqual([]);
});

describeWithCluster('simulated', 'a restore drill', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start('simulated');
    await cluster.kubectl(['apply', '--filename', bindingDefinition]);
    await cluster.apply(manifestsOf(synthesise('prd'), namespace));
  });
  afterAll(() => cluster?.stop());

  test.each([
    ['get', 'deployments/calculadora-api', true],
    ['create', 'jobs', true],
    ['get', 'jobs', true],
    ['delete', 'jobs', true],
    ['list', 'pods', true],
    ['get', 'pods/log', true],
    ['get', 'deployments/magic-calculator', false],
    ['patch', 'deployments/calculadora-api', false],
    ['patch', 'jobs', false],
    ['create', 'pods', false],
    ['create', 'pods/exec', false],
    ['get', 'secrets', false],
    ['get', 'configmaps', false],
  ])('may %s %s: %s', async (verb, resource, expected) => {
    const who = ['--as=driller', `--as-group=${drillersGroup}`, `--namespace=${namespace}`];
    const args =
      resource === 'pods/log'
        ? ['pods', '--subresource=log']
        : resource === 'pods/exec'
          ? ['pods', '--subresource=exec']
          : [resource];
    const { output } = await cluster.kubectl(['auth', 'can-i', verb, ...args, ...who]);
    expect(output.trim().endsWith('yes')).toBe(expected);
  });

  test('has no rights elsewhere', async () => {
    const who = ['--as=driller', `--as-group=${drillersGroup}`, '--namespace=kube-system'];
    expect((await cluster.kubectl(['auth', 'can-i', 'create', 'jobs', ...who])).output.trim()).toMatch(/no$/);
  });
});
