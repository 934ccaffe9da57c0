import { describe, expect, test } from '@jest/globals';
import { duration } from 'command-line';
import { documented, durationOf, observed } from '../durations.ts';
import { htmlPage } from '../page.ts';
import { type Node, simulate } from '../timeline.ts';

const node = (address: string, ...dependsOn: string[]): Node => ({
  address,
  type: address.split('.')[0] ?? address,
  dependsOn,
});
const addresses = (steps: readonly { readonly node: Node }[]) => steps.map(({ node: { address } }) => address);
const seconds = (type: string, action: 'create' | 'delete' = 'create') =>
  durationOf(type, action)?.seconds ?? Number.NaN;

describe('the timeline', () => {
  const cluster = [
    node('aws_eks_node_group.nodes', 'aws_eks_cluster.cluster', 'aws_vpc.vpc', 'data.aws_region.here'),
    node('aws_eks_cluster.cluster', 'aws_vpc.vpc'),
    node('aws_vpc.vpc'),
    node('aws_db_instance.database', 'aws_vpc.vpc'),
  ];

  test('starts a resource when the last of those that it needs is ready', () => {
    const { steps, seconds: total, criticalPath } = simulate(cluster, 'create');
    const [vpc, eks, nodes] = [seconds('aws_vpc'), seconds('aws_eks_cluster'), seconds('aws_eks_node_group')];
    expect(steps.map(({ node: { address }, start }) => [address, start])).toEqual([
      ['aws_vpc.vpc', 0],
      ['aws_db_instance.database', vpc],
      ['aws_eks_cluster.cluster', vpc],
      ['aws_eks_node_group.nodes', vpc + eks],
    ]);
    expect(total).toBe(vpc + eks + nodes);
    expect(addresses(criticalPath)).toEqual(['aws_vpc.vpc', 'aws_eks_cluster.cluster', 'aws_eks_node_group.nodes']);
  });

  test('deletes in the opposite order', () => {
    const { criticalPath } = simulate(cluster, 'delete');
    expect(addresses(criticalPath)).toEqual(['aws_eks_node_group.nodes', 'aws_eks_cluster.cluster', 'aws_vpc.vpc']);
  });

  test('changes at most ten resources at a time, like Terraform', () => {
    const eleven = Array.from({ length: 11 }, (_, index) => node(`aws_nat_gateway.${index}`));
    expect(simulate(eleven.slice(1), 'create').seconds).toBe(seconds('aws_nat_gateway'));
    expect(simulate(eleven, 'create').seconds).toBe(2 * seconds('aws_nat_gateway'));
  });

  test('names the types whose duration nobody published, and counts them as nothing', () => {
    const { seconds: total, unknownTypes } = simulate([node('aws_unheard_of.a'), node('aws_unheard_of.b')], 'create');
    expect([total, unknownTypes]).toEqual([0, { aws_unheard_of: 2 }]);
  });

  test('marks what is only known as a maximum', () => {
    const { steps } = simulate([node('aws_cloudfront_vpc_origin.origin'), node('aws_vpc.vpc')], 'create');
    expect(steps.map(({ isMaximum }) => isMaximum)).toEqual([true, false]);
  });

  test('of resources that wait for each other is an error', () => {
    expect(() => simulate([node('a.a', 'b.b'), node('b.b', 'a.a')], 'create')).toThrow('a.a,b.b');
  });
});

describe('the durations', () => {
  test('each has a source with a date', () => {
    expect(observed.length).toBeGreaterThan(5);
    for (const { log, path, date } of observed) {
      expect([log, path, date]).toEqual([
        expect.stringMatching(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/),
        expect.stringMatching(/./),
        expect.stringMatching(/^20\d\d-\d\d$/),
      ]);
    }
  });

  test('are the median of what was seen', () => {
    const seen = (type: string) => observed.flatMap(({ create }) => create?.[type] ?? []).sort((one, two) => one - two);
    const clusters = seen('aws_eks_cluster');
    expect(clusters).toHaveLength(5);
    expect(seconds('aws_eks_cluster')).toBe(clusters[2]);
    const nodes = seen('aws_eks_node_group');
    expect(nodes).toHaveLength(4);
    expect(seconds('aws_eks_node_group')).toBe(((nodes[1] ?? 0) + (nodes[2] ?? 0)) / 2);
  });

  test('are a documented maximum only where nothing was seen', () => {
    const types = Object.keys(documented.create);
    expect(types).not.toEqual([]);
    for (const type of types) expect(durationOf(type, 'create')).toMatchObject({ isMaximum: true });
  });

  test.each([
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.7, '1 min 0 s'],
    [60, '1 min 0 s'],
    [119.7, '2 min 0 s'],
    [1459.6, '24 min 20 s'],
  ])('%d seconds are shown as %s', (given, shown) => {
    expect(duration(given)).toBe(shown);
  });
});

test('the page shows a bar for each resource that takes time, and is one file', () => {
  const timeline = simulate([node('aws_vpc.a'), node('aws_vpc.<b>', 'aws_vpc.a'), node('aws_unheard_of.c')], 'create');
  const page = htmlPage(
    'dev',
    'a < b',
    [{ title: 'deploy', criticalPath: 'critical', timeline }],
    (address) => address,
  );
  expect(page.match(/<li class="critical">/g)).toHaveLength(2);
  expect(page.match(/<li/g)).toHaveLength(2);
  expect(page).toContain('margin-left: 50.00%; width: 50.00%');
  expect(page).toContain('aws_vpc aws_vpc.&lt;b&gt;');
  expect(page).toContain('<pre>a &lt; b</pre>');
  expect(page).not.toMatch(/<script|<link|https?:/);
});

test('the whole page, and one without a timeline, are those in the snapshot', () => {
  const timeline = simulate(
    [node('aws_cloudfront_vpc_origin.a'), node('aws_vpc.b'), node('aws_unheard_of.c')],
    'create',
  );
  const section = { title: 'deploy <1>', criticalPath: 'crítico & critical', timeline };
  expect(htmlPage('dev & "prd"', 'a < b', [section], (address) => `path of ${address}`)).toMatchSnapshot();
  expect(htmlPage('<dev>', 'refused')).toMatchSnapshot();
});
