import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { namespaces } from 'platform';
import { Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { manifestsOf } from './support/manifests.ts';
import { synthesise } from './support/synthesised.ts';

describeWithCluster('simulated', 'a real API server', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start('simulated');
  });
  afterAll(() => cluster?.stop());

  test.each(['dev', 'prd'] as const)(
    'accepts everything that %s creates for the applications, without unknown fields',
    (name) => cluster.apply(manifestsOf(synthesise(name), namespaces.applications)),
  );

  test('stores the network policy, limits and quota of the applications', async () => {
    const { spec } = await cluster.get<{ spec: object }>(
      ...['networkpolicy', 'infra-calculadora-api', `--namespace=${namespaces.applications}`],
    );
    expect(spec).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'calculadora-api' } },
      ingress: [{ ports: [{ port: 7000, protocol: 'TCP' }] }],
    });
    const limits = await cluster.get<{ spec: object }>(
      ...['limitrange', 'applications', `--namespace=${namespaces.applications}`],
    );
    expect(limits.spec).toMatchObject({ limits: [{ type: 'Container', defaultRequest: { cpu: '50m' } }] });
    const quota = await cluster.get<{ spec: object }>(
      ...['resourcequota', 'applications', `--namespace=${namespaces.applications}`],
    );
    expect(quota.spec).toMatchObject({ hard: { 'limits.memory': '16Gi', 'services.loadbalancers': '0' } });
  });
});

test('a Kubernetes resource of an unknown kind is an error', () => {
  const stack = synthesise('dev');
  stack.terraform.resource.kubernetes_secret_v1 = { secret: { metadata: { namespace: namespaces.applications } } };
  expect(() => manifestsOf(stack, namespaces.applications)).toThrow('kubernetes_secret_v1');
});
