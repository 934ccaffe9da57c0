import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configMaps, namespaces } from 'platform';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { eventually } from '../../test/support/eventually.ts';
import { freePort } from '../../test/support/ports.ts';
import { startEnvironment, type TestEnvironment } from '../../test/support/test-environment.ts';
import { delivery, type Outcome } from './support/delivery.ts';

const image = (digit: string) => `registry.example/calculadora-api@sha256:${digit.repeat(64)}`;
const namespace = `--namespace=${namespaces.applications}`;

interface Deployment {
  metadata: { annotations: Record<string, string> };
  spec: { replicas: number; template: { spec: { containers: { image: string }[] } } };
}

test.each([
  [
    'an image without a digest',
    ['calculadora-api', 'dev', '--image', 'registry.example/calculadora-api:latest'],
    'digest',
  ],
  ['an unknown application', ['calculator', 'dev', '--image', image('a')], 'calculadora-api, magic-calculator'],
  ['an unknown environment', ['calculadora-api', 'hml', '--image', image('a')], 'dev or prd'],
  ['no timeout', ['calculadora-api', 'dev', '--image', image('a'), '--timeout', '0'], 'number of seconds'],
  ['an invalid timeout', ['calculadora-api', 'dev', '--image', image('a'), '--timeout', 'soon'], 'number of seconds'],
])('a release refuses %s, and says what to do', async (_, args, message) => {
  const { code, output } = await delivery(['release', ...args], { KUBECONFIG: '/nowhere' });
  expect(code).toBe(2);
  expect(output).toContain(message);
});

describeWithCluster('simulated', 'A release, as a deployer, on a cluster with simulated nodes,', () => {
  let environment: TestEnvironment;

  beforeAll(async () => {
    environment = await startEnvironment('dev', 'simulated');
  }, 900_000);

  afterAll(() => environment?.cluster.stop());

  const release = (digit: string, ...more: string[]): Promise<Outcome> =>
    delivery(
      ['release', 'calculadora-api', 'dev', '--image', image(digit), '--timeout', '60', '--without-trial', ...more],
      environment.deployer,
    );
  const deployment = () => environment.cluster.get<Deployment>('deployment', 'calculadora-api', namespace);
  const imageOf = ({ spec }: Deployment) => spec.template.spec.containers[0]?.image;
  const jobs = async () => {
    const { items } = await environment.cluster.get<{ items: { metadata: { name: string } }[] }>('jobs', namespace);
    return items.map(({ metadata }) => metadata.name);
  };

  test('runs the migration of its image and rolls out the pods', async () => {
    const { code, output, outputs, summary } = await release('a');
    expect(output).toContain(image('a'));
    expect(code).toBe(0);
    expect(outputs).toEqual({ previous: '' });
    expect(summary).toContain('em serviço');
    expect(imageOf(await deployment())).toBe(image('a'));
    expect(await jobs()).toEqual([`calculadora-api-migration-${'a'.repeat(12)}`]);
  });

  test('that is repeated changes nothing, and says so', async () => {
    const before = await deployment();
    const { code, output, outputs } = await release('a');
    expect(code).toBe(0);
    expect(output).toContain('nothing has changed');
    expect(output).toContain('has already completed');
    expect(outputs).toEqual({ previous: '' });
    const revision = ({ metadata }: Deployment) => metadata.annotations['deployment.kubernetes.io/revision'];
    expect(revision(await deployment())).toBe(revision(before));
  });

  test('leaves the number of pods to the autoscaler', async () => {
    await environment.cluster.kubectl(['scale', 'deployment/calculadora-api', namespace, '--replicas=3']);
    expect(await release('b')).toMatchObject({ code: 0, outputs: { previous: '1' } });
    expect((await deployment()).spec.replicas).toBe(3);
  });

  test('that fails is rolled back, and reports why', async () => {
    await environment.cluster.apply([
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'full', namespace: namespaces.applications },
        spec: { hard: { pods: '3' } },
      },
    ]);
    // The migration has already run, so that the quota stops the pods.
    const { code, output, summary } = await release('a', '--timeout', '15');
    await environment.cluster.kubectl(['delete', 'resourcequota', 'full', namespace]);
    expect(output).toContain('exceeded quota: full');
    expect(output).toContain('was rolled back to the previous version');
    expect(summary).toContain('exceeded quota: full');
    expect(code).toBe(1);
    expect(imageOf(await deployment())).toBe(image('b'));
  });

  describe('on nodes without room,', () => {
    const nodes = (command: 'cordon' | 'uncordon') =>
      environment.cluster.kubectl([command, 'node-a', 'node-b', 'node-c']);
    /** Signals a release once its pods, or its migration, have been created. */
    const interrupt = (signal: NodeJS.Signals, digit = 'a') =>
      delivery(
        ['release', 'calculadora-api', 'dev', '--image', image(digit), '--without-trial'],
        environment.deployer,
        {
          signal,
          when: () =>
            eventually(async () =>
              digit === 'a'
                ? imageOf(await deployment()) === image(digit)
                : (await jobs()).includes(`calculadora-api-migration-${digit.repeat(12)}`),
            ),
        },
      );

    beforeAll(() => nodes('cordon'));
    afterAll(() => nodes('uncordon'));

    test('that is cancelled is rolled back', async () => {
      const { code, output } = await interrupt('SIGINT');
      expect(output).toContain('Interrupted');
      expect(code).toBe(1);
      expect(imageOf(await deployment())).toBe(image('b'));
    });

    test('whose migration times out leaves the pods unchanged, and says why', async () => {
      const { code, output } = await release('d', '--timeout', '3');
      expect(output).toContain('did not finish within 3 s');
      expect(output).toContain('- PodScheduled: 0/3 nodes are available: 3 node(s) were unschedulable');
      expect(code).toBe(1);
      expect(imageOf(await deployment())).toBe(image('b'));
    });

    test('that is cancelled during its migration leaves the pods unchanged', async () => {
      const { code, output } = await interrupt('SIGTERM', 'f');
      expect(output).toContain('Interrupted: job calculadora-api-migration-ffffffffffff stays in the cluster');
      expect(code).toBe(1);
      expect(imageOf(await deployment())).toBe(image('b'));
    });

    test('that is the first one, and fails, says that there is no earlier version', async () => {
      const site = image('a').replace('calculadora-api', 'magic-calculator');
      const { code, output, outputs } = await delivery(
        ['release', 'magic-calculator', 'dev', '--image', site, '--timeout', '5', '--without-trial'],
        environment.deployer,
      );
      expect(output).toContain('no earlier version of magic-calculator');
      expect(output).toContain('PodScheduled: 0/3 nodes are available');
      expect(outputs).toEqual({ previous: '' });
      expect(code).toBe(1);
    });

    test('after a killed one is rolled back to the version that serves, not to the killed one', async () => {
      await interrupt('SIGKILL');
      expect(imageOf(await deployment())).toBe(image('a'));
      const { code, output } = await release('a', '--timeout', '10');
      expect(output).toContain('unschedulable');
      expect(code).toBe(1);
      expect(imageOf(await deployment())).toBe(image('b'));
    });
  });

  describe('after a version that has a field and passed the smoke test,', () => {
    const hasField = async () => JSON.stringify(await deployment()).includes('REMOVED_LATER');
    const versions = async () => (await delivery(['versions', 'calculadora-api'], environment.deployer)).output;
    const goBack = (to: string) => delivery(['rollback', 'calculadora-api', '--to', to], environment.deployer);
    const policy = (name: string) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace: namespaces.applications },
      spec: { podSelector: { matchLabels: { app: name } } },
    });

    beforeAll(async () => {
      const { spec } = await deployment();
      const metadata = { name: 'calculadora-api', namespace: namespaces.applications };
      const [container, ...others] = spec.template.spec.containers;
      const containers = [{ ...container, env: [{ name: 'REMOVED_LATER', value: 'yes' }] }, ...others];
      const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
      const manifest = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { ...spec, template } };
      const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=delivery', '--filename=-'];
      expect(await environment.cluster.kubectl(apply, JSON.stringify(manifest))).toMatchObject({ code: 0 });
      await environment.cluster.kubectl(['rollout', 'status', 'deployment/calculadora-api', namespace]);
      expect(await hasField()).toBe(true);
      await environment.cluster.apply([policy('calculadora-api-migration'), policy('magic-calculator')]);
    });

    test('the version has a name', async () => {
      const server = createServer(({ method }, response) => {
        response.end(method === 'POST' ? '{"resultado":42}' : 'API em execução!');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const passed = ['smoke', 'calculadora-api', '--address', address, '--version', 'dev-1'];
      expect(await delivery(passed, environment.deployer)).toMatchObject({ code: 0 });
      server.close().closeAllConnections();
      await eventually(async () => /^dev-1 .* in service\n$/.test(await versions()));
    });

    test('the next one removes the field, and is not listed as a version to return to before it passed', async () => {
      const { code, output } = await release('e');
      expect(code).toBe(0);
      expect(await hasField()).toBe(false);
      expect(await versions()).toMatch(new RegExp(`^dev-1 .*${image('b')}\n$`));
      // It also deletes what left the manifests, and nothing of others.
      expect(output).toContain('networkpolicy/calculadora-api-migration is no longer in the manifests');
      const names = ['get', 'networkpolicies', namespace, '--output=name'];
      const { output: left } = await environment.cluster.kubectl(names);
      expect(left).not.toContain('/calculadora-api-migration\n');
      for (const name of ['calculadora-api', 'magic-calculator', 'infra-calculadora-api']) {
        expect(left).toContain(`/${name}\n`);
      }
    });

    test('one can go back to it by its name, and the field is back', async () => {
      expect(await goBack('dev-9')).toMatchObject({ code: 2, output: expect.stringContaining('It has: dev-1.') });
      expect(await goBack('dev-1')).toMatchObject({ code: 0, output: expect.stringContaining(image('b')) });
      expect(imageOf(await deployment())).toBe(image('b'));
      expect(await hasField()).toBe(true);
    });

    test('the release after that removes the field again', async () => {
      expect(await release('e')).toMatchObject({ code: 0, outputs: { previous: expect.stringMatching(/^\d+$/) } });
      expect(await hasField()).toBe(false);
    });
  });

  test('runs a failed migration again', async () => {
    const name = `calculadora-api-migration-${'c'.repeat(12)}`;
    const metadata = { name, namespace: namespaces.applications };
    const container = { name: 'calculadora-api-migration', image: 'missing' };
    const template = { spec: { restartPolicy: 'Never', schedulerName: 'nobody', containers: [container] } };
    const spec = { activeDeadlineSeconds: 1, template };
    await environment.cluster.apply([{ apiVersion: 'batch/v1', kind: 'Job', metadata, spec }]);
    const failed = ['wait', `job/${name}`, namespace, '--for=condition=Failed', '--timeout=30s'];
    expect(await environment.cluster.kubectl(failed)).toMatchObject({ code: 0 });

    expect(await release('c')).toMatchObject({ code: 0 });
    const succeeded = ['wait', `job/${name}`, namespace, '--for=condition=Complete', '--timeout=1s'];
    expect(await environment.cluster.kubectl(succeeded)).toMatchObject({ code: 0 });
  });

  test('cannot be rolled back to a deleted revision, and says which image runs', async () => {
    const { code, output } = await delivery(['rollback', 'calculadora-api', '--to', '999'], environment.deployer);
    expect(output).toContain('revision 999');
    expect(output).toContain(`is at ${imageOf(await deployment())}`);
    expect(code).toBe(1);
  });

  test('that was the first one has no earlier version to roll back to, and says so', async () => {
    const { code, output } = await delivery(['rollback', 'calculadora-api', '--to', ''], environment.deployer);
    expect(code).toBe(1);
    expect(output).toContain('no earlier version');
  });

  test('is followed by a smoke test at the address in the environment’s ConfigMap', async () => {
    const address = `http://127.0.0.1:${await freePort()}`;
    const metadata = { name: configMaps.environment, namespace: namespaces.applications };
    await environment.cluster.apply([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { SITE_ADDRESS: address } },
    ]);
    const { code, output } = await delivery(['smoke', '--timeout', '0'], environment.deployer);
    expect(output).toContain(`${address} does not respond correctly`);
    expect(output).toMatch(/✗ GET .*ECONNREFUSED/);
    expect(code).toBe(1);
  });
});
