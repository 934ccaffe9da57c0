import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nameLabel, namespaces } from 'platform';
import { applications } from 'platform/applications';
import { simulatedNode } from '../../test/kubernetes/simulated-nodes.ts';
import type { Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startEnvironment, type TestEnvironment } from '../../test/support/test-environment.ts';
import { environments } from '../environments/all.ts';
import type { NodeChoices } from '../environments/environment.ts';
import { allocatable } from './support/nodes.ts';
import { type Block, synthesise } from './support/synthesised.ts';
import { systemPods } from './support/system-pods.ts';

/** Of these, one must survive a lost node. */
const pairs = ['coredns', 'aws-load-balancer-controller', 'metrics-server'];

describeWithCluster('simulated', 'the scheduler of', () => {
  describe.each(['dev', 'prd'] as const)('%s', (name) => {
    const { baseNodes, nodes } = environments[name].cluster;
    const stack = synthesise(name);
    let environment: TestEnvironment;
    let cluster: Cluster;

    const taintsOf = (group: string) =>
      (stack.one('aws_eks_node_group', group).taint ?? []).map(({ effect, ...taint }: Block) => ({
        ...taint,
        effect: { NO_SCHEDULE: 'NoSchedule', PREFER_NO_SCHEDULE: 'PreferNoSchedule' }[String(effect)],
      }));
    const add = async (choices: NodeChoices, group: 'base' | 'spot' | 'storage', ...zones: string[]) => {
      const items = zones.map((zone) =>
        simulatedNode({
          ...{ name: `${group}-${zone}`, zone, size: allocatable(choices), taints: taintsOf(group) },
          capacityType: stack.one('aws_eks_node_group', group).capacity_type,
        }),
      );
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      const { code, output } = await cluster.kubectl(['create', '--filename=-'], list);
      if (code !== 0) throw new Error(output);
    };
    /** AWS takes these nodes away, and their pods with them. */
    const lose = async (...names: string[]) => {
      await cluster.kubectl(['delete', 'node', ...names]);
      for (const node of names) {
        const gone = ['--all-namespaces', `--field-selector=spec.nodeName=${node}`, '--force', '--grace-period=0'];
        await cluster.kubectl(['delete', 'pods', ...gone]);
      }
    };
    const pods = async () =>
      (await cluster.get<{ items: Block[] }>('pods', '--all-namespaces')).items.filter(
        ({ metadata }) => metadata.deletionTimestamp === undefined,
      );
    const running = async (deployment: string) =>
      (await pods()).filter(
        ({ metadata, status }) => metadata.labels?.[nameLabel] === deployment && status.phase === 'Running',
      );
    const nodesOf = async (deployment: string) => (await running(deployment)).map(({ spec }) => String(spec.nodeName));
    const waiting = async () =>
      (await pods()).filter(({ status }) => status.phase === 'Pending').map(({ metadata }) => metadata.name);
    const deployments = async () =>
      (await cluster.get<{ items: Block[] }>('deployments', '--all-namespaces')).items.map(({ metadata, spec }) => ({
        name: String(metadata.name),
        replicas: Number(spec.replicas),
      }));
    /** Until each deployment has all its pods. */
    const complete = () =>
      eventually(async () => {
        const all = await deployments();
        const found = await Promise.all(all.map((each) => running(each.name)));
        return found.every((each, index) => each.length === all[index]?.replicas) && (await waiting()).length === 0;
      }, 60_000);
    const minReplicas = name === 'prd' ? 3 : 2;

    beforeAll(async () => {
      environment = await startEnvironment(name, 'simulated');
      ({ cluster } = environment);
      await lose('node-a', 'node-b', 'node-c');
      await add(environments[name].cluster.storageNodes, 'storage', 'a');
      // The least that the groups have, over the zones as AWS spreads each of them.
      if (baseNodes) await add(baseNodes, 'base', 'a', 'b');
      await add(nodes, 'spot', ...(baseNodes ? ['c'] : ['a', 'b']));
      await cluster.apply([
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: namespaces.system } },
      ]);
      await cluster.apply(systemPods(name, stack));
      await eventually(async () => (await nodesOf('coredns')).length === 2);
      for (const application of applications) {
        const overlay = `apps/${application.name}/k8s/overlays/${name}`;
        const { code, output } = await cluster.kubectl(['apply', '--server-side', `--kustomize=${overlay}`]);
        if (code !== 0) throw new Error(output);
      }
      await eventually(async () =>
        (await deployments()).every((each) => each.replicas > 1 || !applications.some((app) => app.name === each.name)),
      );
    }, 900_000);
    afterAll(() => environment?.cluster.stop());

    test('finds room for everything on the fewest nodes, and no application is on one node', async () => {
      await complete();
      for (const application of applications) {
        const found = await nodesOf(application.name);
        expect(found).toHaveLength(minReplicas);
        expect(new Set(found).size).toBe(minReplicas);
      }
    });

    if (baseNodes) {
      // Before any rollout, in which a new system pod may avoid the base nodes because the old ones are still there.
      test('places system pods on the base, and each application on the base and on spot nodes', async () => {
        const groupsOf = async (deployment: string) =>
          new Set((await nodesOf(deployment)).map((node) => node.split('-')[0]));
        for (const { name: deployment } of await deployments()) {
          expect([deployment, ...(await groupsOf(deployment))]).toContain('base');
        }
        for (const deployment of [...pairs, 'cluster-autoscaler']) {
          expect([deployment, ...(await groupsOf(deployment))]).toEqual([deployment, 'base']);
        }
        for (const { name: application } of applications) {
          expect(await groupsOf(application)).toEqual(new Set(['base', 'spot']));
        }
        for (const pair of pairs) expect(new Set(await nodesOf(pair)).size).toBe(2);
      });
    }

    test('finds room for a release of all applications at once, and of the system pods, without a new node', async () => {
      const restart = ['rollout', 'restart', 'deployment', `--namespace=${namespaces.system}`];
      expect(await cluster.kubectl(restart)).toMatchObject({ code: 0 });
      const release = ['set', 'env', 'deployment', '--all', `--namespace=${namespaces.applications}`, 'RELEASE=2'];
      expect(await cluster.kubectl(release)).toMatchObject({ code: 0 });
      for (const application of applications) {
        const args = [`deployment/${application.name}`, `--namespace=${namespaces.applications}`, '--timeout=120s'];
        expect(await cluster.kubectl(['rollout', 'status', ...args])).toMatchObject({ code: 0 });
      }
      await complete();
    });

    if (baseNodes) {
      test('finds room for everything on the base when AWS reclaims all spot nodes', async () => {
        await lose('spot-c');
        await complete();
        for (const deployment of [...applications.map((application) => application.name), ...pairs]) {
          expect([deployment, ...new Set(await nodesOf(deployment))].toSorted()).toEqual(
            [deployment, 'base-a', 'base-b'].toSorted(),
          );
        }
        await add(nodes, 'spot', 'c');
        await eventually(async () => (await nodesOf('aws-node')).includes('spot-c'));
      });

      test('finds room for everything on the rest when the zone of a base node is lost', async () => {
        // As in the beginning, with pods on all nodes.
        await cluster.kubectl(['rollout', 'restart', 'deployment', `--namespace=${namespaces.applications}`]);
        await complete();
        await lose('storage-a', 'base-a');
        await complete();
        for (const { name: application } of applications) {
          expect(new Set(await nodesOf(application))).toEqual(new Set(['base-b', 'spot-c']));
        }
        for (const pair of pairs) {
          expect(new Set(await nodesOf(pair))).toEqual(new Set(['base-b', 'spot-c']));
        }
      });
    } else {
      test('keeps everything running at least once when AWS reclaims a node, and completely after it is replaced', async () => {
        await lose('spot-a');
        for (const { name: deployment } of await deployments()) {
          await eventually(async () => (await running(deployment)).length > 0);
        }
        await add(nodes, 'spot', 'c');
        await complete();
      });
    }
  });
});
