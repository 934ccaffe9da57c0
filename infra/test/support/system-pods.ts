import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type EnvironmentName, nameLabel, namespaces } from 'platform';
import { parse } from 'yaml';
import type { Synthesised } from './synthesised.ts';

interface Requests {
  readonly cpu?: string;
  readonly memory?: string;
}

/**
 * Pods on every node, and what they request: the defaults of EKS's add-ons (vpc-cni with its network policy agent,
 * kube-proxy, eks-pod-identity-agent, three containers of aws-ebs-csi-driver) and of the chart k8s-infra.
 */
const onEveryNode: Readonly<Record<string, Requests>> = {
  'aws-node': { cpu: '50m' },
  'kube-proxy': { cpu: '100m' },
  'eks-pod-identity-agent': {},
  'ebs-csi-node': { cpu: '30m', memory: '120Mi' },
  'k8s-infra-otel-agent': { cpu: '100m', memory: '100Mi' },
};

/**
 * Everything that runs in the cluster beside the applications and SigNoz's own node, as Kubernetes objects with the
 * requests of the real pods, and without their images.
 */
export function systemPods(name: EnvironmentName, stack: Synthesised): object[] {
  const valuesOf = (release: string) => JSON.parse(stack.one('helm_release', release).values[0]);
  const collector = parse(
    readFileSync(resolve(import.meta.dirname, `../../environments/${name}/signoz.yaml`), 'utf8'),
  ).otelCollector;
  const controller = valuesOf('load-balancer-controller');
  const autoscaler = valuesOf('cluster-autoscaler');
  const metrics = valuesOf('metrics-server');
  return [
    ...Object.entries(onEveryNode).map(([pod, requests]) => workload('DaemonSet', pod, requests)),
    // The requests of EKS's add-ons and of the chart k8s-infra are their defaults, here too.
    workload('Deployment', 'coredns', { cpu: '100m', memory: '70Mi' }, 2, {
      affinity: apart('k8s-app', 'kube-dns'),
      ...JSON.parse(stack.one('aws_eks_addon', 'coredns').configuration_values),
    }),
    workload('Deployment', 'ebs-csi-controller', { cpu: '60m', memory: '240Mi' }, 2, {
      affinity: apart(nameLabel, 'ebs-csi-controller'),
    }),
    workload('Deployment', 'aws-load-balancer-controller', controller.resources.requests, controller.replicaCount, {
      affinity: apart(nameLabel, 'aws-load-balancer-controller'),
      topologySpreadConstraints: controller.topologySpreadConstraints,
    }),
    workload('Deployment', 'cluster-autoscaler', autoscaler.resources.requests),
    workload('Deployment', 'metrics-server', metrics.resources.requests, metrics.replicas, {
      topologySpreadConstraints: metrics.topologySpreadConstraints,
    }),
    telemetry('k8s-infra-otel-deployment', { cpu: '100m', memory: '100Mi' }),
    telemetry('signoz-otel-collector', collector.resources.requests, collector.replicaCount),
  ];
}

function workload(
  kind: 'DaemonSet' | 'Deployment',
  name: string,
  requests: Requests,
  replicas = 1,
  spread: object = {},
) {
  const labels = { [nameLabel]: name, ...(name === 'coredns' && { 'k8s-app': 'kube-dns' }) };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: namespaces.system, labels },
    spec: {
      ...(kind === 'Deployment' && { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: kind === 'DaemonSet' ? 'system-node-critical' : 'system-cluster-critical',
          ...(kind === 'DaemonSet' && { tolerations: [{ operator: 'Exists' }] }),
          ...spread,
          containers: [{ name, image: name, resources: { requests } }],
        },
      },
    },
  };
}

/** Has no priority, unlike the others. */
function telemetry(name: string, requests: Requests, replicas = 1) {
  const object = workload('Deployment', name, requests, replicas);
  const { priorityClassName: _, ...spec } = object.spec.template.spec;
  return { ...object, spec: { ...object.spec, template: { ...object.spec.template, spec } } };
}

/** Where possible, not on one node: the default of these add-ons and charts. */
const apart = (label: string, name: string) => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: { [label]: name } },
        },
      },
    ],
  },
});
