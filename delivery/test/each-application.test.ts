import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { namespaces, serviceAccounts } from 'platform';
import { applications } from 'platform/applications';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { startEnvironment, type TestEnvironment } from '../../test/support/test-environment.ts';
import { delivery } from './support/delivery.ts';

const namespace = `--namespace=${namespaces.applications}`;

describeWithCluster('simulated', 'Every application, as a deployer, on a cluster with simulated nodes,', () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await startEnvironment('dev', 'simulated');
  }, 900_000);
  afterAll(() => environment?.cluster.stop());

  test.each(applications.map((application) => [application.name, application] as const))(
    '%s is released with its migration, if it has a database, and rolled back',
    async (name, { database, port }) => {
      const imageOf = (digit: string) => `registry.example/${name}@sha256:${digit.repeat(64)}`;
      const release = (digit: string) =>
        delivery(
          ['release', name, 'dev', '--image', imageOf(digit), '--timeout', '60', '--without-trial'],
          environment.deployer,
        );
      const get = (kind: string) =>
        environment.cluster.get<{ spec: { ports: { targetPort: unknown }[]; template: Template } }>(
          kind,
          name,
          namespace,
        );

      expect(await release('a')).toMatchObject({ code: 0 });
      expect(await release('b')).toMatchObject({ code: 0, outputs: { previous: '1' } });
      expect((await get('deployment')).spec.template.spec.containers[0]).toMatchObject({
        image: imageOf('b'),
        ports: [expect.objectContaining({ containerPort: port })],
      });
      const { items } = await environment.cluster.get<{ items: { metadata: { name: string } }[] }>('jobs', namespace);
      const migration = serviceAccounts.migration(name);
      const own = items.map(({ metadata }) => metadata.name).filter((job) => job.startsWith(`${migration}-`));
      expect(own).toEqual(database ? ['a', 'b'].map((digit) => `${migration}-${digit.repeat(12)}`) : []);

      expect(await delivery(['rollback', name, '--to', '1'], environment.deployer)).toMatchObject({ code: 0 });
      expect((await get('deployment')).spec.template.spec.containers[0]?.image).toBe(imageOf('a'));
    },
  );
});

interface Template {
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}
