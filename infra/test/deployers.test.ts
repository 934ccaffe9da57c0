import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configMaps, deployersGroup, namespaces, trialPod } from 'platform';
import { applications } from 'platform/applications';
import { bindingDefinition, Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import type { Outcome } from '../../test/support/outcome.ts';
import { manifestsOf } from './support/manifests.ts';
import { synthesise } from './support/synthesised.ts';

const namespace = namespaces.applications;
const application = 'calculadora-api';

test('the deploy role has access to the cluster only through its group', () => {
  const stack = synthesise('dev');
  expect(stack.one('aws_eks_access_entry', 'deployers')).toMatchObject({
    principal_arn: expect.stringMatching(/:role\/desafio-aws-dev-deploy$/),
    kubernetes_groups: [deployersGroup],
  });
  const withPolicies = stack.all('aws_eks_access_policy_association').map(({ principal_arn }) => principal_arn);
  expect(withPolicies.filter((arn: string) => arn.endsWith('-deploy'))).toEqual([]);
});

describeWithCluster('simulated', 'a release', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start('simulated');
    expect(await cluster.kubectl(['apply', '--filename', bindingDefinition])).toMatchObject({ code: 0 });
    await cluster.apply(manifestsOf(synthesise('dev'), namespace));
  });
  afterAll(() => cluster?.stop());

  const asDeployer = (args: readonly string[], input?: string): Promise<Outcome> =>
    cluster.kubectl([...args, '--as=deployer', `--as-group=${deployersGroup}`], input);
  const may = async (where: string, ...request: string[]) =>
    (await asDeployer(['auth', 'can-i', ...request, `--namespace=${where}`])).output.trim().endsWith('yes');
  const networkPolicy = (name: string) =>
    JSON.stringify({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
    });
  const serverSide = ['apply', '--server-side', '--force-conflicts', '--filename=-'];

  test.each([
    ...['pods', 'pods/log', 'events', 'replicasets', 'deployments', 'jobs', 'configmaps', 'services'],
    ...['horizontalpodautoscalers', 'poddisruptionbudgets', 'networkpolicies', 'targetgroupbindings'],
  ])('can read %s', async (resource) => {
    expect(await may(namespace, 'get', resource)).toBe(true);
    expect(await may(namespace, 'list', resource)).toBe(true);
  });

  describe.each(applications)('with $name', ({ name }) => {
    test.each([
      ...['deployments', 'services', 'serviceaccounts', 'networkpolicies', 'targetgroupbindings'],
      ...['horizontalpodautoscalers', 'poddisruptionbudgets'],
    ])('can apply %s of its name only', async (resource) => {
      for (const verb of ['create', 'patch']) {
        expect(await may(namespace, verb, `${resource}/${name}`)).toBe(true);
        expect(await may(namespace, verb, `${resource}/another`)).toBe(false);
      }
    });

    test.each(['serviceaccounts', 'networkpolicies', 'horizontalpodautoscalers', 'poddisruptionbudgets'])(
      'can delete %s of its name only, because they may leave the manifests',
      async (resource) => {
        expect(await may(namespace, 'delete', `${resource}/${name}`)).toBe(true);
        expect(await may(namespace, 'delete', `${resource}/another`)).toBe(false);
      },
    );

    test('can start, reach and delete its trial pod, and no other', async () => {
      for (const request of [['create'], ['patch'], ['delete'], ['create', '--subresource=portforward']]) {
        const [verb = '', ...more] = request;
        expect([request, await may(namespace, verb, `pods/${trialPod(name)}`, ...more)]).toEqual([request, true]);
        expect([request, await may(namespace, verb, `pods/${name}-1`, ...more)]).toEqual([request, false]);
      }
    });
  });

  test('can create, replace and delete jobs of any name', async () => {
    for (const verb of ['create', 'patch', 'delete']) expect(await may(namespace, verb, 'jobs/any')).toBe(true);
  });

  test.each([
    ['read secrets', ['list', 'secrets']],
    ['get a token of a service account', ['create', 'serviceaccounts/calculadora-api', '--subresource=token']],
    ['exec into a pod', ['create', 'pods', '--subresource=exec']],
    ['forward a port of a pod', ['create', 'pods', '--subresource=portforward']],
    ['start a bare pod', ['create', 'pods']],
    ['delete a pod', ['delete', 'pods']],
    ['delete a deployment', ['delete', `deployments/${application}`]],
    ['delete a policy of the infrastructure', ['delete', `networkpolicies/infra-${application}`]],
    ['delete a service', ['delete', `services/${application}`]],
    ['grant permissions', ['create', 'rolebindings']],
    ['extend its own permissions', ['patch', `roles/${deployersGroup}`]],
    ['change the quota', ['patch', 'resourcequotas/applications']],
    ['change the limits', ['patch', 'limitranges/applications']],
    ['change a ConfigMap of the infrastructure', ['patch', `configmaps/${configMaps.environment}`]],
    ['impersonate a user', ['impersonate', 'users']],
  ])('cannot %s', async (_, request) => {
    expect(await may(namespace, ...request)).toBe(false);
  });

  test('cannot weaken the pod security of its namespace, nor do anything outside it', async () => {
    expect(await may(namespace, 'patch', `namespaces/${namespace}`)).toBe(false);
    const weaker = ['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=privileged', '--overwrite'];
    expect(await asDeployer(weaker)).toMatchObject({ code: 1, output: expect.stringContaining('Forbidden') });
    for (const other of [namespaces.system, namespaces.observability, 'default']) {
      for (const request of [
        ['list', 'pods'],
        ['get', 'configmaps'],
        ['patch', `deployments/${application}`],
      ]) {
        expect([other, request, await may(other, ...request)]).toEqual([other, request, false]);
      }
    }
    expect(await may(namespace, 'list', 'nodes')).toBe(false);
  });

  test('can apply a network policy of its application repeatedly, but none with another name', async () => {
    for (const _ of ['first', 'again']) {
      expect(await asDeployer(serverSide, networkPolicy(application))).toMatchObject({ code: 0 });
    }
    const refused = { code: 1, output: expect.stringContaining('Forbidden') };
    for (const name of ['default-deny', `infra-${application}-database`, 'another']) {
      expect(await asDeployer(serverSide, networkPolicy(name))).toMatchObject(refused);
      // A plain create has no object name to authorise, so RBAC rejects it.
      expect(await asDeployer(['create', '--filename=-'], networkPolicy(name))).toMatchObject(refused);
    }
  });

  test('cannot overwrite a ConfigMap of the infrastructure', async () => {
    const metadata = { name: configMaps.environment, namespace };
    const forged = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { SITE_ADDRESS: 'forged' } });
    for (const command of [serverSide, ['create', '--filename=-'], ['replace', '--filename=-']]) {
      expect(await asDeployer(command, forged)).toMatchObject({ code: 1 });
    }
    const stored = await cluster.get<{ data: object }>('configmap', metadata.name, `--namespace=${namespace}`);
    expect(stored.data).toEqual({ SITE_ADDRESS: 'https://computed' });
  });
});
