import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type EnvironmentName, namespaces, otlpEndpoint } from 'platform';
import { Chart, environmentValues } from '../cluster/chart.ts';

export interface TelemetryAgentsProps {
  readonly environmentName: EnvironmentName;
  readonly clusterName: string;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Nothing needs to reach an agent at its node's address: pods use its service, which stays on their node. */
const withoutHostPort = { hostPort: null };

/**
 * Files of logs that are not collected: those of this namespace, because each line that SigNoz stores makes it write
 * more. By default the chart leaves out kube-system, with the controllers' logs that runbooks need, and its pattern for
 * SigNoz's own pods matches none of ours.
 */
const blacklist = {
  signozLogs: false,
  namespaces: [namespaces.observability],
  pods: [],
};

/** Links a log line to its trace, if it is JSON with the ids of one. */
const traceParser = {
  id: 'trace-parser',
  type: 'json_parser',
  if: `body matches '"trace_id":"[0-9a-f]{32}"'`,
  on_error: 'send',
  trace: { trace_id: { parse_from: 'attributes.trace_id' }, span_id: { parse_from: 'attributes.span_id' } },
};

/**
 * Sends logs of all pods, metrics of nodes, Kubernetes and the applications' annotated pods, and the traces that
 * applications send to the agent on their node, to SigNoz.
 */
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
            // Nor the network's figures, which would be those of the agent's pod.
            hostMetrics: { rootPath: '', scrapers: { network: null } },
            logsCollection: { operators: [{ id: 'container-parser', type: 'container' }, traceParser], blacklist },
            prometheus: { enabled: true, namespaces: [namespaces.applications] },
          },
          otelAgent: {
            // Otherwise pods that waited for a new node may leave no room on it, and nobody sees what they do.
            priorityClassName: 'system-node-critical',
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
