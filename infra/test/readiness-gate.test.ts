import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nameLabel, namespaces, serviceAccounts } from 'platform';
import { applications } from 'platform/applications';
import { Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { manifestsOf } from './support/manifests.ts';
import { readinessGateWebhook } from './support/readiness-gate-webhook.ts';
import { type Block, synthesise } from './support/synthesised.ts';

const stack = synthesise('prd');

const pod = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `${name}-1`, namespace, labels: { [nameLabel]: name } },
  spec: {
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image: 'registry.example/image',
        resources: { limits: { memory: '64Mi' }, requests: { cpu: '10m', memory: '64Mi' } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});

describeWithCluster('simulated', 'While the load balancer controller is away', () => {
  let cluster: Cluster;
  /** @returns what kubectl printed if the pod is refused, else nothing */
  const create = async (namespace: string, name: string) => {
    const { code, output } = await cluster.kubectl(['create', '--filename=-'], JSON.stringify(pod(namespace, name)));
    return code === 0 ? '' : output;
  };
  beforeAll(async () => {
    cluster = await Cluster.start('simulated');
    const objects = manifestsOf(stack, namespaces.applications) as Block[];
    await cluster.apply(objects.filter(({ kind }) => kind === 'Namespace'));
    await cluster.apply(
      [namespaces.applications, namespaces.system].map((namespace) => ({
        ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
        metadata: { name: 'default', namespace },
      })),
    );
    await cluster.apply([readinessGateWebhook(stack)]);
  });
  afterAll(() => cluster?.stop());

  test.each(applications)('no pod of $name is created without its readiness gate', async ({ name }) => {
    expect(await create(namespaces.applications, name)).toContain('failed calling webhook "mpod.elbv2.k8s.aws"');
  });

  test('the refusals are counted in the metric of the alarm', async () => {
    const { output } = await cluster.kubectl(['get', '--raw', '/metrics']);
    const refusals = output
      .split('\n')
      .filter(
        (line) => line.startsWith('apiserver_admission_webhook_rejection_count{') && line.includes('type="admit"'),
      )
      .filter((line) => line.includes('name="mpod.elbv2.k8s.aws"'))
      .map((line) => Number(line.split(' ').at(-1)));
    expect(refusals).toEqual([applications.length]);
    const alarm = stack.one('aws_cloudwatch_metric_alarm', 'controller-away');
    expect(alarm.metric_name).toBe('apiserver_admission_webhook_rejection_count_ADMIT');
  });

  test.each(applications.filter(({ database }) => database))(
    'the migration of $name runs, as it gets no requests',
    async ({ name }) => {
      expect(await create(namespaces.applications, serviceAccounts.migration(name))).toBe('');
    },
  );

  test.each(['aws-load-balancer-controller', 'coredns', 'cluster-autoscaler'])(
    '%s starts, so that the controller can come back',
    async (name) => {
      expect(await create(namespaces.system, name)).toBe('');
    },
  );
});
