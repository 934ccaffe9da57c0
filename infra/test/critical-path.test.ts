import { describe, expect, test } from '@jest/globals';
import { type Node, simulate } from 'rehearsal';
import { chains, inTheWay, longestChain, neededBy, secondsOf } from '../rehearse/chains.ts';
import { graphOf } from './support/graph.ts';
import { synthesise } from './support/synthesised.ts';

const withDomain = {
  settings: { domain: { zone: 'example.com', createZone: true, subdomains: { dev: 'dev', prd: 'app' } } },
};

describe.each([
  ['dev', graphOf(synthesise('dev'))],
  ['dev with a domain', graphOf(synthesise('dev', withDomain))],
  ['prd', graphOf(synthesise('prd'))],
  ['prd with a domain', graphOf(synthesise('prd', withDomain))],
])('the first deployment of %s', (_, graph) => {
  test.each(Object.entries(chains))(
    'of the %s takes at most a tenth longer than what AWS makes it wait for',
    (_, chain) => {
      const needed = neededBy(chain.end, graph);
      expect(needed.length).toBeGreaterThan(chain.types.length);
      expect(inTheWay(simulate(needed, 'create', Number.POSITIVE_INFINITY), chain)).toEqual([]);
    },
  );

  test('takes at most a tenth longer than the longest of these chains', () => {
    expect(inTheWay(simulate(graph, 'create'), longestChain())).toEqual([]);
  });

  test.each(Object.entries(chains))('really makes each resource of the chain of the %s wait', (_, { types }) => {
    for (const [index, type] of types.slice(1).entries()) {
      expect(neededBy(type, graph).map((needed) => needed.type)).toContain(types[index]);
    }
  });
});

describe('what is in the way', () => {
  const node = (type: string, ...dependsOn: string[]): Node => ({ type, address: `${type}.one`, dependsOn });

  test('is named with its time', () => {
    const graph = chains.page.types.map((type, index) =>
      node(type, ...chains.page.types.slice(0, index).map((before) => `${before}.one`)),
    );
    expect(inTheWay(simulate(graph, 'create'), chains.page)).toEqual([]);
    const slow = [...graph, node('aws_eks_cluster', 'aws_cloudfront_distribution.one')];
    expect(inTheWay(simulate(slow, 'create'), chains.page)).toEqual(['aws_eks_cluster.one: 610 s']);
  });

  test('is named only in what is more than a tenth slower', () => {
    const steps = [{ node: node('aws_other'), start: 0, end: 5, isMaximum: false }];
    const taking = (factor: number) => ({
      ...{ steps, criticalPath: steps, unknownTypes: {} },
      seconds: secondsOf(chains.page) * factor,
    });
    expect(inTheWay(taking(1.099), chains.page)).toEqual([]);
    expect(inTheWay(taking(1.101), chains.page)).toEqual(['aws_other.one: 5 s']);
  });

  test('is named, also where the chain has some of its type', () => {
    const inSequence = (types: readonly string[]): Node[] =>
      types.map((type, index) => ({
        type,
        address: `${type}.${index}`,
        dependsOn: index === 0 ? [] : [`${types[index - 1]}.${index - 1}`],
      }));
    const { types } = chains.cluster;
    const addons = types.filter((type) => type === 'aws_eks_addon');
    expect(addons).toHaveLength(2);
    const more = Array.from({ length: 20 }, () => 'aws_eks_addon');
    const graph = inSequence([...types, ...more]);
    expect(inTheWay(simulate(graph, 'create'), chains.cluster)).toHaveLength(more.length);
    const last = types.length + more.length - 1;
    expect(inTheWay(simulate(graph, 'create'), chains.cluster).at(-1)).toMatch(
      new RegExp(`^aws_eks_addon\\.${last}: \\d+ s$`),
    );
  });
});
