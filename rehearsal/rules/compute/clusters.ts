import { contains, parseBlock } from '../network/address.ts';
import type { Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { eks } from '../sources.ts';
import { at, blocks, text, texts } from '../values.ts';
import { find } from '../world.ts';

const code = 'InvalidParameterException';
const endpointGuide = 'https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html';

/** Blocks that are not public: RFC 1918, loopback, link-local, carrier-grade NAT. */
const reserved = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '169.254.0.0/16', '100.64.0.0/10'];

/** The public endpoint admits at most 40 CIDRs, all of them public. */
const publicBlocks = valueRule({
  id: 'cluster-public-blocks',
  types: ['aws_eks_cluster'],
  source: `${endpointGuide} and https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html`,
  check: (after) => {
    const given = texts(after, 'vpc_config.public_access_cidrs');
    const wrong = given.filter(({ value }) => {
      const block = parseBlock(value);
      return block && reserved.some((one) => isInside(one, value));
    });
    return [
      ...wrong.map(({ path, value }) => ({
        code,
        message: `The following CIDRs are invalid in publicAccessCidrs: [${value}]`,
        path,
      })),
      ...(given.length > 40 ? [{ code, message: 'publicAccessCidrs can have at most 40 CIDRs' }] : []),
    ];
  },
});

/** At least one endpoint is enabled. */
const endpoints = valueRule({
  id: 'cluster-endpoints',
  types: ['aws_eks_cluster'],
  source: endpointGuide,
  check: (after) =>
    blocks(after, 'vpc_config').flatMap(({ path, value }) =>
      value.endpoint_public_access === false && value.endpoint_private_access === false
        ? [{ code, message: 'Private and public endpoint access cannot be false', path }]
        : [],
    ),
});

/** A cluster is upgraded by one minor version at a time, and never downgraded. */
const versions = valueRule({
  id: 'cluster-version',
  types: ['aws_eks_cluster'],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html',
  check: (after, _, { before }) => {
    const [from, to] = [minor(text(before, 'version')), minor(text(after, 'version'))];
    if (from === undefined || to === undefined || to === from || to === from + 1) return [];
    const message = `Unsupported Kubernetes minor version update from 1.${from} to 1.${to}`;
    return [{ code, message, path: 'version' }];
  },
});

/** kube-proxy is not newer than its cluster, so it is upgraded after it. */
const proxy = valueRule({
  id: 'addon-kube-proxy-version',
  types: ['aws_eks_addon'],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managing-kube-proxy.html',
  check: (after, world, { phase }) => {
    const [name, wanted] = [text(after, 'cluster_name'), text(after, 'addon_version')];
    const cluster = name === undefined ? undefined : find(world, 'aws_eks_cluster', 'name', name);
    const [existing, given] = [minor(text(cluster, 'version')), minor(/^v(1\.\d+)\./.exec(wanted ?? '')?.[1])];
    const isLater = existing !== undefined && given !== undefined && given > existing;
    if (text(after, 'addon_name') !== 'kube-proxy' || phase !== 'apply' || !isLater) return [];
    return [{ code, message: 'Addon version specified is not supported', path: 'addon_version' }];
  },
});

/** STS sessions, service-linked roles, and roles of IAM Identity Center without their path, which do not exist. */
const invalidPrincipal = /:assumed-role\/|:role\/aws-service-role\/|:role\/AWSReservedSSO_/;

/** The principal is an existing role or user, with its path. */
const principals = valueRule({
  id: 'access-entry-principal',
  types: ['aws_eks_access_entry', 'aws_eks_access_policy_association'],
  source: `${eks('CreateAccessEntry')} and https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html`,
  check: (after) =>
    texts(after, 'principal_arn')
      .filter(({ value }) => invalidPrincipal.test(value))
      .map(({ path }) => ({ code, message: 'The specified principalArn is invalid: invalid principal.', path })),
});

const reservedGroup = /^(system:|eks:|aws:|amazon:|iam:)/;

/** An access entry cannot grant Kubernetes' built-in groups. */
const groups = valueRule({
  id: 'access-entry-groups',
  types: ['aws_eks_access_entry'],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html',
  check: (after) =>
    at(after, 'kubernetes_groups')
      .filter(({ value }) => reservedGroup.test(String(value)))
      .map(({ path, value }) => ({
        code,
        message: `The kubernetes group name ${value} is invalid, it cannot start with ${reservedGroup.exec(String(value))?.[0]}`,
        path,
      })),
});

export const clusterRules: readonly Rule[] = [publicBlocks, endpoints, versions, proxy, principals, groups];

function isInside(outer: string, inner: string): boolean {
  const [one, other] = [parseBlock(outer), parseBlock(inner)];
  return one !== undefined && other !== undefined && contains(one, other);
}

/** The minor number of a Kubernetes version: 36 of 1.36. */
export function minor(version: string | undefined): number | undefined {
  const [, digits] = /^1\.(\d+)$/.exec(version ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}
