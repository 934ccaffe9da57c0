import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type EnvironmentName, namespaces, project } from 'platform';
import { type ObservabilityChoices, signozVolumes } from '../../environments/environment.ts';
import { Chart, environmentValues } from '../cluster/chart.ts';
import { type Cluster, storageNodeMark } from '../cluster/cluster.ts';
import type { SignozDefinitions } from './signoz-definitions.ts';

/** A text, or a reference to a config map or secret, as in the specification of a pod. */
export type EnvironmentVariable = string | { readonly valueFrom: object };

export interface SignozProps extends ObservabilityChoices {
  readonly environmentName: EnvironmentName;
  readonly cluster: Cluster;
  /** Public URL of its page, for links in notifications. SigNoz restarts if a text changes, but not for a reference. */
  readonly address: EnvironmentVariable;
  readonly storageClass: string;
  readonly definitions: Pick<SignozDefinitions, 'configMap' | 'hash'>;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** The Kubernetes service of SigNoz's page. Its pod's service account has the same name. */
export const signozPage = { service: 'signoz', port: 8080, healthPath: '/api/v1/health' } as const;

const version = '0.131.0';
const namespace = namespaces.observability;
/** All passwords of SigNoz and ClickHouse. To replace them, raise the number: another name is another secret. */
const secret = 'signoz-secret-1';
/** Fixed, because a login through the API needs the organisation's id. Otherwise SigNoz generates a random one. */
const organisation = 'a5f0c6de-6f0a-4d0e-9a43-3f6f0f1c8d52';

/** Storage nodes stay in one zone, as their volumes do. */
const onStorageNodes = {
  nodeSelector: { [storageNodeMark.key]: storageNodeMark.value },
  tolerations: [{ ...storageNodeMark, operator: 'Equal', effect: 'NoSchedule' }],
};

/** Where ClickHouse finds the secret. */
const secretFolder = '/etc/signoz-secret';

/**
 * ClickHouse's user for SigNoz, in addition to the chart's `admin`, whose password is public. ClickHouse replaces `incl`
 * by the element of that name in the file from the secret.
 */
const clickhouseUser = [
  '<clickhouse>',
  `<include_from>${secretFolder}/clickhouse.xml</include_from>`,
  '<users><signoz>',
  '<password_sha256_hex incl="signoz_password"/>',
  '<networks><ip>10.0.0.0/8</ip><ip>172.16.0.0/12</ip><ip>192.168.0.0/16</ip></networks>',
  '<profile>default</profile><quota>default</quota>',
  '</signoz></users>',
  '</clickhouse>',
].join('');

/**
 * Days that ClickHouse keeps logs of itself, by the chart's name of the table. By default it keeps most for 30, which
 * filled a volume of 80 GB: https://github.com/SigNoz/signoz/issues/12050
 */
const ownLogs = Object.fromEntries(
  [
    'queryLog',
    'partLog',
    'traceLog',
    'asynchronousInsertLog',
    'asynchronousMetricLog',
    'metricLog',
    'queryThreadLog',
    'queryViewsLog',
    'processorsProfileLog',
  ].map((table) => [table, { ttl: 3 }]),
);

/**
 * Downloads the function with which ClickHouse computes percentiles of metrics, as the chart does at each start. A failed
 * download must not keep ClickHouse, and with it all telemetry, from starting: only those percentiles are missing then.
 */
const percentiles = [
  'folder=/var/lib/clickhouse/user_scripts',
  'machine=$(uname -m | sed s/aarch64/arm64/ | sed s/x86_64/amd64/)',
  'releases=https://github.com/SigNoz/signoz/releases/download',
  'archive=$releases/histogram-quantile%2Fv0.0.1/histogram-quantile_linux_$machine.tar.gz',
  'for _ in 1 2 3; do',
  '  if timeout 30 wget -q -O /tmp/archive.tar.gz "$archive" && tar -xzf /tmp/archive.tar.gz -C /tmp; then',
  '    chmod +x /tmp/histogram-quantile && mv /tmp/histogram-quantile $folder/histogramQuantile && exit 0',
  '  fi',
  'done',
  'echo "Percentiles of metrics are missing until the next start: $archive could not be downloaded." >&2',
].join('\n');

/** Drops telemetry, which senders repeat, before the container's memory limit is reached. */
const limitMemory = {
  processors: { memory_limiter: { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 20 } },
  service: {
    pipelines: {
      traces: { processors: ['memory_limiter', 'signozspanmetrics/delta', 'batch'] },
      metrics: { processors: ['memory_limiter', 'batch'] },
      logs: { processors: ['memory_limiter', 'batch'] },
    },
  },
};

/**
 * SigNoz with its ClickHouse. A job of the chart generates their passwords in the cluster, so that Terraform never sees
 * them. Write-only values would not do: Helm's provider sends them only when their revision changes, so that any other
 * upgrade would return to the chart's defaults. Without a root user, SigNoz would let the first visitor of its page become
 * the administrator.
 */
export class Signoz extends Construct {
  readonly release: Chart;
  readonly passwordCommand =
    `kubectl -n ${namespace} get secret ${secret} -o go-template='{{.data.password | base64decode}}'`;

  constructor(scope: Construct, id: string, props: SignozProps) {
    super(scope, id);
    const { cluster, storageClass } = props;
    this.release = new Chart(this, 'release', {
      name: 'signoz',
      chart: 'signoz',
      // Downloads SigNoz's own chart.
      dependencyUpdate: true,
      namespace,
      values: [
        {
          global: { storageClass, clusterName: cluster.name, secret },
          rootEmail: `admin@${project}.internal`,
          signoz: {
            clickhouse: {
              ...onStorageNodes,
              // Only of `admin`. ClickHouse accepts the operator's user, whose password is public too, only from the
              // operator's pod.
              allowedNetworkIps: ['127.0.0.1'],
              files: { 'users.d/signoz.xml': clickhouseUser },
              additionalVolumes: [
                {
                  name: 'secret',
                  secret: { secretName: secret, items: [{ key: 'clickhouse.xml', path: 'clickhouse.xml' }] },
                },
              ],
              additionalVolumeMounts: [{ name: 'secret', mountPath: secretFolder, readOnly: true }],
              persistence: { size: `${props.storage}Gi` },
              // On the other nodes it would take room that a release of the applications needs.
              clickhouseOperator: { ...onStorageNodes, ...ownLogs },
              initContainers: { udf: { command: ['sh', '-c', percentiles] } },
              zookeeper: {
                ...onStorageNodes,
                heapSize: 256,
                resources: { limits: { memory: '512Mi' } },
                persistence: { size: `${signozVolumes.zookeeper}Gi` },
              },
            },
            signoz: {
              ...onStorageNodes,
              env: settings(props.address),
              persistence: { size: `${signozVolumes.settings}Gi` },
            },
            otelCollector: { config: limitMemory },
            telemetryStoreMigrator: {
              resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
            },
          },
        },
        below('signoz', environmentValues(props.environmentName, 'signoz')),
      ],
      // Applications run without SigNoz. A slow start must neither block the rest nor mark the Helm release as failed.
      wait: false,
      // Seconds. An upgrade waits for the migration of the tables, whose four steps may take ten minutes each.
      timeout: 2400,
      dependsOn: [...props.dependsOn],
    });
    this.#maintenance(props);
  }

  /** Retention, definitions, and removal without volumes left behind: see the chart. */
  #maintenance({ definitions, retentionDays }: SignozProps): void {
    new Chart(this, 'maintenance', {
      name: 'signoz-maintenance',
      chart: 'signoz-maintenance',
      namespace,
      values: [
        {
          url: `http://${signozPage.service}:${signozPage.port}`,
          retentionDays,
          organisation,
          rootSecret: secret,
          definitions: { configMap: definitions.configMap, hash: definitions.hash },
          images: { retention: `docker.io/signoz/signoz:v${version}` },
        },
      ],
      wait: false,
      // Seconds. The removal waits for volumes to be deleted.
      timeout: 2400,
      dependsOn: [this.release],
    });
  }
}

/** SigNoz's settings as environment variables. In their names, two underscores stand for one. */
function settings(address: EnvironmentVariable) {
  const fromSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: secret, key } } });
  return {
    signoz_user_root_enabled: true,
    signoz_user_root_email: fromSecret('email'),
    signoz_user_root_password: fromSecret('password'),
    signoz_user_root_org_id: organisation,
    signoz_user_root_org_name: project,
    signoz_tokenizer_jwt_secret: fromSecret('token-secret'),
    signoz_global_external__url: address,
    signoz_alertmanager_signoz_external__url: address,
    // It would send its users' e-mail addresses to the makers of SigNoz.
    signoz_statsreporter_enabled: false,
  };
}

/** YAML as the value of a key. */
function below(key: string, yaml: string): string {
  return [`${key}:`, ...yaml.split('\n').map((line) => `  ${line}`.trimEnd())].join('\n');
}
