import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type EnvironmentName, namespaces, otlpEndpoint } from 'platform';
import { Chart, environmentValues } from '../cluster/chart.ts';

export interface TelemetryAgentsProps {
  readonly environmentName: EnvironmentName;
  readonly clusterName: string;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Nobody has to reach an agent at its node's address. */
const withoutHostPort = { hostPort: null };

/** Sends SigNoz the logs of all pods, and the metrics of nodes, of Kubernetes and of the applications' annotated pods. */
export class TelemetryAgents extends Construct {
  constructor(scope: Construct, id: string, props: TelemetryAgentsProps) {
    super(scope, id);
    new Chart(this, 'release', {
      name: 'k8s-infra',
      repository: 'https://charts.signoz.io',
      chart: 'k8s-infra',
      version: '0.16.0',
      namespace: namespaces.observability,
      values: [
        {
          // Not told that this is AWS, or agents would ask the node about itself, which does not answer pods.
          global: { clusterName: props.clusterName, deploymentEnvironment: props.environmentName },
          otelCollectorEndpoint: otlpEndpoint,
          otelInsecure: true,
          presets: {
            // Otherwise the node's whole disk is the agent's to read; the kubelet tells how full it is.
            hostMetrics: { rootPath: '' },
            prometheus: { enabled: true, namespaces: [namespaces.applications] },
          },
          otelAgent: {
            ports: {
              otlp: withoutHostPort,
              'otlp-http': withoutHostPort,
              metrics: withoutHostPort,
              'health-check': withoutHostPort,
            },
            // Only root may read the logs of pods.
            securityContext: {
              runAsUser: 0,
              runAsGroup: 0,
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            resources: { limits: { memory: '256Mi' } },
          },
          otelDeployment: { resources: { limits: { memory: '256Mi' } } },
        },
        environmentValues(props.environmentName, 'k8s-infra'),
      ],
      wait: false,
      dependsOn: [...props.dependsOn],
    });
  }
}
