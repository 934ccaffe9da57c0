import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type EnvironmentName, namespaces, otlpEndpoint } from 'platform';
import { Chart, environmentValues } from '../cluster/chart.ts';

export interface TelemetryAgentsProps {
  readonly environmentName: EnvironmentName;
  readonly clusterName: string;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Nothing needs to reach an agent at its node's address. */
const withoutHostPort = { hostPort: null };

/** Sends logs of all pods, and metrics of nodes, Kubernetes and the applications' annotated pods to SigNoz. */
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
          // No cloud provider: with AWS the agents would query the instance metadata service, which pods cannot reach.
          global: { clusterName: props.clusterName, deploymentEnvironment: props.environmentName },
          otelCollectorEndpoint: otlpEndpoint,
          otelInsecure: true,
          presets: {
            // Otherwise the agent mounts the node's whole disk. The kubelet already reports disk usage.
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
            // Only root can read pod logs.
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
