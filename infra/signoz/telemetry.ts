/**
 * Names of the metrics that SigNoz has, and selectors for them in PromQL.
 *
 * SigNoz keeps the names that senders use. Only the three parts of a histogram get a suffix:
 * https://github.com/SigNoz/signoz-otel-collector/blob/v0.144.5/exporter/signozclickhousemetrics/exporter.go
 * Names with a dot are quoted and within the braces. Each series has a label `fingerprint` of its own, so two metrics can
 * only be compared after an aggregation.
 */
import { namespaces } from 'platform';

/** From the API's `/metrics`, which an agent scrapes. A test compares them with what the API answers. */
export const apiMetrics = {
  requests: 'http_server_request_duration_seconds',
  waitingForConnection: 'db_client_connection_pending_requests',
  connections: 'db_client_connection_count',
  connectionLimit: 'db_client_connection_max',
  waitingToBeStored: 'calculadora_operations_waiting',
  stored: 'calculadora_operations_stored_total',
  refused: 'calculadora_requests_refused_total',
  siteLoad: 'calculadora_site_load_seconds',
  siteSums: 'calculadora_site_sum_seconds',
  siteReportsDropped: 'calculadora_site_reports_dropped_total',
  spansDropped: 'calculadora_spans_dropped_total',
  tracesLimited: 'calculadora_traces_limited_total',
  memory: 'process_resident_memory_bytes',
  processorTime: 'process_cpu_seconds_total',
} as const;

/**
 * From the agents of the chart `k8s-infra`. Which ones they send, by default and by the chart's values:
 * https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.139.0/receiver/kubeletstatsreceiver/documentation.md
 * https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.139.0/receiver/k8sclusterreceiver/documentation.md
 */
export const clusterMetrics = {
  nodeReady: 'k8s.node.condition_ready',
  nodeProcessor: 'k8s.node.cpu.usage',
  nodeMemory: 'k8s.node.memory.working_set',
  allocatableProcessor: 'k8s.node.allocatable_cpu',
  allocatableMemory: 'k8s.node.allocatable_memory',
  requestedProcessor: 'k8s.container.cpu_request',
  requestedMemory: 'k8s.container.memory_request',
  restarts: 'k8s.container.restarts',
  available: 'k8s.deployment.available',
  desired: 'k8s.deployment.desired',
  volumeAvailable: 'k8s.volume.available',
  volumeCapacity: 'k8s.volume.capacity',
} as const;

/** Attributes of `clusterMetrics`. */
export const attributes = {
  node: 'k8s.node.name',
  namespace: 'k8s.namespace.name',
  container: 'k8s.container.name',
  deployment: 'k8s.deployment.name',
  claim: 'k8s.persistentvolumeclaim.name',
} as const;

/** Labels of `apiMetrics`. */
export const labels = {
  method: 'http_request_method',
  route: 'http_route',
  status: 'http_response_status_code',
  outcome: 'outcome',
  reason: 'reason',
  connectionState: 'db_client_connection_state',
} as const;

/** A condition on a label, such as `is('http_route', '/backend')`. */
export type Condition = string;
export const is = (label: string, value: string): Condition => `"${label}"="${value}"`;
export const matches = (label: string, pattern: string): Condition => `"${label}"=~"${pattern}"`;
export const doesNotMatch = (label: string, pattern: string): Condition => `"${label}"!~"${pattern}"`;

/** Part of a histogram: number of values, their sum, or the number up to each limit, in the label `le`. */
type Part = 'bucket' | 'count' | 'sum';

/** Selects the series of a metric. */
export const select = (metric: string, conditions: readonly Condition[] = []): string =>
  `{${[`"${metric}"`, ...conditions].join(', ')}}`;

/** Selects a part of a histogram. */
export const selectPart = (metric: string, part: Part, conditions: readonly Condition[] = []): string =>
  select(`${metric}.${part}`, conditions);

/** Conditions for what runs in the applications' namespace, in `clusterMetrics`. */
export const ofApplications: readonly Condition[] = [is(attributes.namespace, namespaces.applications)];
/** Conditions for SigNoz's own volumes. */
export const ofSignoz: readonly Condition[] = [is(attributes.namespace, namespaces.observability)];
