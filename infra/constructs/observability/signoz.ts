import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js';
import { Password } from '@cdktf/provider-random/lib/password/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type EnvironmentName, namespaces, project } from 'platform';
import type { ObservabilityChoices } from '../../environments/environment.ts';
import { Chart, environmentValues } from '../cluster/chart.ts';
import { type Cluster, storageNodeMark } from '../cluster/cluster.ts';

export interface SignozProps extends ObservabilityChoices {
  readonly environmentName: EnvironmentName;
  readonly cluster: Cluster;
  /** Where its page is seen, for links in what it sends. */
  readonly address: string;
  readonly storageClass: string;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** The service that answers for SigNoz's page. */
export const signozPage = { service: 'signoz', port: 8080, healthPath: '/api/v1/health' } as const;

const chart = {
  repository: 'https://charts.signoz.io',
  chart: 'signoz',
  version: '0.131.0',
} as const;
const namespace = namespaces.observability;
const rootSecret = 'signoz-root';
/** SigNoz would make one up; but whoever signs in by its API has to name it. */
const organisation = 'a5f0c6de-6f0a-4d0e-9a43-3f6f0f1c8d52';

/** Volumes never leave their zone, nor do those nodes. */
const onStorageNodes = {
  nodeSelector: { [storageNodeMark.key]: storageNodeMark.value },
  tolerations: [{ ...storageNodeMark, operator: 'Equal', effect: 'NoSchedule' }],
};

/** SigNoz with its ClickHouse, and passwords of our own for all that the chart gives one that everybody knows. */
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
      // Applications run without it: a slow start is not to stop the rest, nor to leave a release taken for broken.
      wait: false,
      dependsOn: [...props.dependsOn, secret],
    });
    this.#maintenance(props.retentionDays);
  }

  /** Without a first administrator, SigNoz would ask the first visitor of its page to become it. */
  #rootSecret(dependsOn: readonly ITerraformDependable[]): SecretV1 {
    return new SecretV1(this, 'root', {
      metadata: { name: rootSecret, namespace },
      data: {
        email: `admin@${project}.internal`,
        // SigNoz asks for a symbol.
        password: this.#password('root-password', { minSpecial: 1, overrideSpecial: '-_' }),
        'token-secret': this.#password('token-secret'),
      },
      dependsOn: [...dependsOn],
    });
  }

  /**
   * These lie in Terraform's state, which is encrypted and closed, unlike the database's, which lies in none: they guard
   * telemetry, and the chart takes ClickHouse's only as a value. Letters and digits, because it becomes part of an address.
   */
  #password(
    id: string,
    symbols: { minSpecial: number; overrideSpecial: string } | { special: false } = { special: false },
  ) {
    return new Password(this, id, { length: 40, minLower: 1, minUpper: 1, minNumeric: 1, ...symbols }).result;
  }

  /** How long data are kept, and an end that leaves no volume behind: see the chart. */
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
      // The removal waits for volumes.
      timeout: 2400,
      dependsOn: [this.release],
    });
  }
}

/** SigNoz's own, which it reads from the environment; two underscores stand for one. */
function settings(address: string) {
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
    // It would tell SigNoz's makers the addresses of its users.
    signoz_statsreporter_enabled: false,
  };
}
