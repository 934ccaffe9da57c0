/** The kubectl commands of the runbooks, run on a cluster with a release to undo. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { namespaces } from 'platform';
import { applications } from 'platform/applications';
import { bindingDefinition, Cluster } from '../support/cluster.ts';
import { describeWithCluster } from '../support/describe-with-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { commands } from '../support/runbooks.ts';

/** Commands that simulated nodes cannot answer, and why. The names in them are checked with the stacks. */
const notRun: Readonly<Record<string, string>> = {
  'kubectl -n calculator logs <pod> --previous': 'simulated pods write no logs',
  'kubectl -n kube-system logs deployment/aws-load-balancer-controller': 'simulated pods write no logs',
  'kubectl -n kube-system logs deployment/aws-load-balancer-controller --tail 50': 'simulated pods write no logs',
  'kubectl -n observability logs job/signoz-telemetrystore-migrator --all-containers': 'simulated pods write no logs',
  'kubectl -n calculator exec deployment/calculadora-api -- node dist/rows.js': 'simulated pods run no programs',
  'kubectl -n calculator scale deployment/calculadora-api --replicas=0': 'the other commands look at its pods',
  'kubectl -n calculator top pods': 'there is no metrics server',
  'kubectl top nodes': 'there is no metrics server',
};
/** `kubectl drain` without a node names the command, and is none. */
const ofKubectl = commands.filter((command) => /^kubectl .* /.test(command));
const toRun = ofKubectl.filter((command) => !(command in notRun));

test('each command that is not run is in a runbook', () => {
  expect(ofKubectl.length).toBeGreaterThan(10);
  expect(ofKubectl).toEqual(expect.arrayContaining(Object.keys(notRun)));
});

// `infra/test/interrupted-release.test.ts` runs those of Helm, and `infra/test/runbooks.test.ts` checks `pnpm infra`.
test('all other commands of the runbooks are of AWS, which only AWS can answer, or have tests of their own', () => {
  const others = commands.filter((command) => !command.startsWith('kubectl '));
  expect(others.length).toBeGreaterThan(5);
  expect(others.filter((command) => !/^(aws \w+ [\w-]+|pnpm infra \w+|HELM_DRIVER=\w+ helm )/.test(command))).toEqual(
    [],
  );
});

describeWithCluster('simulated', 'on a cluster with simulated nodes', () => {
  let cluster: Cluster;
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, output } = await cluster.kubectl(args);
    expect([args.join(' '), code, output]).toEqual([args.join(' '), 0, output]);
    return output.trim();
  };
  const podOf = (namespace: string) =>
    kubectl('-n', namespace, 'get', 'pods', '-o', 'jsonpath={.items[0].metadata.name}');

  beforeAll(async () => {
    cluster = await Cluster.start('simulated');
    await kubectl('apply', '--filename', bindingDefinition);
    for (const namespace of [namespaces.applications, namespaces.observability]) {
      await kubectl('create', 'namespace', namespace);
    }
    await kubectl('-n', namespaces.observability, 'create', 'deployment', 'signoz', '--image=example.com/signoz:1');
    const controller = 'aws-load-balancer-controller';
    await kubectl('-n', namespaces.system, 'create', 'deployment', controller, '--image=example.com/controller:1');
    for (const { name } of applications) {
      const inNamespace = ['-n', namespaces.applications];
      await kubectl(...inNamespace, 'create', 'deployment', name, `--image=example.com/${name}:1`);
      await kubectl(...inNamespace, 'set', 'image', `deployment/${name}`, `*=example.com/${name}:2`);
    }
    for (const namespace of [namespaces.applications, namespaces.observability]) {
      await eventually(async () => (await podOf(namespace)) !== '');
    }
  }, 600_000);
  afterAll(() => cluster?.stop());

  test.each(toRun)('`%s` succeeds', async (command) => {
    const [, namespace = namespaces.applications] = / -n (\S+)/.exec(command) ?? [];
    const needs = async (placeholder: string, value: () => Promise<string>) =>
      command.includes(placeholder) ? await value() : '';
    const examples: Readonly<Record<string, string>> = {
      aplicação: applications[0]?.name ?? '',
      // Undoing gives a revision another number.
      revisão: await needs('<revisão>', async () => {
        const revision = 'jsonpath={.items[0].metadata.annotations.deployment\\.kubernetes\\.io/revision}';
        return kubectl('-n', namespace, 'get', 'replicasets', '-l', `app=${applications[0]?.name}`, '-o', revision);
      }),
      pod: await needs('<pod>', () => podOf(namespace)),
      máquina: await needs('<máquina>', () => kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')),
    };
    const [, ...args] = command.replaceAll(/<([^>]+)>/g, (_, name: string) => `${examples[name]}`).split(' ');
    await kubectl(...args);
  });
});
