import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js';
import { Password } from '@cdktf/provider-random/lib/password/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type EnvironmentName, namespaces, project } from 'platform';
import type { ObservabilityChoices } from '../../environments/environment.ts';
import { Chart, environmentValues } from '../cluster/chart.ts';
import { type Cluster, storageNodeMark } from '../cluster/cluster.ts';

/** A text, or a reference to a config map or secret, as in the specification of a pod. */
export type EnvironmentVariable = string | { readonly valueFrom: object };

export interface SignozProps extends ObservabilityChoices {
  readonly environmentName: EnvironmentName;
  readonly cluster: Cluster;
  /** Public URL of its page, for links in notifications. SigNoz restarts if a text changes, but not for a reference. */
  readonly address: EnvironmentVariable;
  readonly storageClass: string;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** The Kubernetes service of SigNoz's page. */
export const signozPage = { service: 'signoz', port: 8080, healthPath: '/api/v1/health' } as const;

const chart = {
  repository: 'https://charts.signoz.io',
  chart: 'signoz',
  version: '0.131.0',
} as const;
const namespace = namespaces.observability;
const rootSecret = 'signoz-root';
/** Fixed, because a login through the API needs the organisation's id. Otherwise SigNoz generates a random one. */
const organisation = 'a5f0c6de-6f0a-4d0e-9a43-3f6f0f1c8d52';

/** Storage nodes stay in one zone, as their volumes do. */
const onStorageNodes = {
  nodeSelector: { [storageNodeMark.key]: storageNodeMark.value },
  tolerations: [{ ...storageNodeMark, operator: 'Equal', effect: 'NoSchedule' }],
};

/** SigNoz with its ClickHouse, and generated passwords in place of the chart's well-known defaults. */
export class Signoz extends Construct {
  readonly release: Chart;
  readonly passwordCommand =
    `kubectl -n ${namespace} get secret ${rootSecret} -o go-template='{{.data.password | base64decode}}'`;

  constructor(scope: Construct, id: string, props: SignozProps) {
    super(scope, id);
    const { cluster, storageClass } = props;
    const secret = this.#rootSecret(props.dependsOn);
    this.release = new Chart(this, 'release', {
      name: 'signoz',
      ...chart,
      namespace,
      values: [
        {
          global: { storageClass, clusterName: cluster.name },
          clickhouse: {
            ...onStorageNodes,
            persistence: { size: `${props.storage}Gi` },
            zookeeper: { ...onStorageNodes, heapSize: 256, resources: { limits: { memory: '512Mi' } } },
          },
          signoz: { ...onStorageNodes, env: settings(props.address) },
        },
        environmentValues(props.environmentName, 'signoz'),
      ],
      setSensitive: [
        { name: 'clickhouse.password', value: this.#password('clickhouse-password') },
        {
          name: 'clickhouse.clickhouseOperator.secret.password',
          value: this.#password('clickhouse-operator-password'),
        },
      ],
      // Applications run without SigNoz. A slow start must neither block the rest nor mark the Helm release as failed.
      wait: false,
      dependsOn: [...props.dependsOn, secret],
    });
    this.#maintenance(props.retentionDays);
  }

  /** Without a root user, SigNoz lets the first visitor of its page become the administrator. */
  #rootSecret(dependsOn: readonly ITerraformDependable[]): SecretV1 {
    return new SecretV1(this, 'root', {
      metadata: { name: rootSecret, namespace },
      data: {
        email: `admin@${project}.internal`,
        // SigNoz requires a symbol.
        password: this.#password('root-password', { minSpecial: 1, overrideSpecial: '-_' }),
        'token-secret': this.#password('token-secret'),
      },
      dependsOn: [...dependsOn],
    });
  }

  /**
   * These passwords are in Terraform's state, which is encrypted and private; the database's passwords are not. They
   * protect only telemetry, and the chart accepts ClickHouse's only as a value. Letters and digits by default, because
   * ClickHouse's becomes part of a URL.
   */
  #password(
    id: string,
    symbols: { minSpecial: number; overrideSpecial: string } | { special: false } = { special: false },
  ) {
    return new Password(this, id, { length: 40, minLower: 1, minUpper: 1, minNumeric: 1, ...symbols }).result;
  }

  /** Retention, and removal without volumes left behind: see the chart. */
  #maintenance(retentionDays: number): void {
    new Chart(this, 'maintenance', {
      name: 'signoz-maintenance',
      chart: 'signoz-maintenance',
      namespace,
      values: [
        {
          url: `http://${signozPage.service}:${signozPage.port}`,
          retentionDays,
          organisation,
          rootSecret,
          images: { retention: `docker.io/signoz/signoz:v${chart.version}` },
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
  const fromSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: rootSecret, key } } });
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
