import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Application, type EnvironmentName, names, namespaces } from 'platform';
import type { ObservabilityChoices } from '../../environments/environment.ts';
import type { Settings } from '../../settings.ts';
import type { Alarms } from '../alerting/alarms.ts';
import { Chart } from '../cluster/chart.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { allButDatabase, type ClusterServices } from '../cluster/cluster-services.ts';
import { Namespace } from '../cluster/namespace.ts';
import { NetworkPolicy } from '../cluster/network-policy.ts';
import type { Domain } from '../edge/domain.ts';
import type { Edge } from '../edge/edge.ts';
import { idleTimeout, type LoadBalancer } from '../edge/load-balancer.ts';
import { PodRole } from '../identity/pod-role.ts';
import type { Network } from '../network/network.ts';
import { type EnvironmentVariable, Signoz, signozPage } from './signoz.ts';
import { SignozDefinitions } from './signoz-definitions.ts';
import { TelemetryAgents } from './telemetry-agents.ts';

export interface ObservabilityProps extends ObservabilityChoices {
  readonly environmentName: EnvironmentName;
  readonly prefix: string;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly clusterServices: ClusterServices;
  readonly loadBalancer: LoadBalancer;
  readonly edge: Edge;
  readonly domain?: Domain | undefined;
  readonly webAclArn?: string | undefined;
  readonly applications: readonly Application[];
  /** SigNoz's alerts go to the same teams, by the same topics. */
  readonly alarms: Pick<Alarms, 'runbooks' | 'teams' | 'topicArn' | 'topicKeyArn'>;
  readonly settings: Pick<Settings, 'alerts' | 'region'>;
}

/** SigNoz loads its JSON editor from jsDelivr. Anybody can publish there, so only this exact version is allowed. */
const editor = 'https://cdn.jsdelivr.net/npm/monaco-editor@0.55.1/';

/** As strict as SigNoz allows: its page has inline scripts and loads fonts from Google. */
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline' ${editor}`,
  `style-src 'self' 'unsafe-inline' https://fonts.googleapis.com ${editor}`,
  `font-src 'self' data: https://fonts.gstatic.com ${editor}`,
  "img-src 'self' data: blob:",
  `connect-src 'self' ${editor}`,
  "worker-src 'self' blob:",
  "base-uri 'self'",
  "form-action 'self'",
  "object-src 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** SigNoz in its own namespace, the telemetry agents, and its public page for the monitoring team. */
export class Observability extends Construct {
  /** Host of SigNoz's page, HTTPS only. */
  readonly host: string;
  /** Shell command that prints the root user's password. */
  readonly passwordCommand: string;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { alarms, cluster, domain, edge, environmentName, loadBalancer, network, clusterServices, settings } = props;
    const page = edge.distribution(signozPage.service, {
      origin: signozPage.service,
      comment: `${props.prefix}: SigNoz`,
      contentSecurityPolicy,
      // A long query may take as long as the load balancer waits.
      readTimeout: idleTimeout,
      ...(domain && { domain }),
      ...(props.webAclArn && { webAclArn: props.webAclArn }),
    });
    this.host = page.host;
    if (domain) {
      domain.pointTo(page);
      loadBalancer.answerFor(signozPage.service, domain.regionalCertificateArn);
    }
    const targetGroup = loadBalancer.route({
      name: signozPage.service,
      port: signozPage.port,
      healthPath: signozPage.healthPath,
      targetGroup: names(environmentName).targetGroup(signozPage.service),
      origin: signozPage.service,
      paths: ['/*'],
      priority: 2,
    });
    const dependsOn = this.#namespace(props);
    const topics = Object.fromEntries(alarms.teams.map((team) => [team, alarms.topicArn(team)]));
    const signoz = new Signoz(this, 'signoz', {
      ...props,
      address: domain ? `https://${domain.name}` : this.#addressFromAws(dependsOn),
      storageClass: clusterServices.storageClass,
      definitions: new SignozDefinitions(this, 'definitions', {
        namespace: namespaces.observability,
        prefix: props.prefix,
        region: settings.region,
        topics,
        applications: props.applications,
        teams: alarms.teams,
        addresses: settings.alerts,
        runbooks: alarms.runbooks,
        dependsOn,
      }),
      dependsOn: [...dependsOn, ...this.#publisher(props, Object.values(topics)).ready],
    });
    this.passwordCommand = signoz.passwordCommand;
    new TelemetryAgents(this, 'agents', { environmentName, clusterName: cluster.name, dependsOn });
    new Chart(this, 'binding', {
      name: 'signoz-binding',
      chart: 'target-group-binding',
      namespace: namespaces.observability,
      values: [
        {
          targetGroupName: targetGroup.name,
          vpcId: network.vpcId,
          service: { name: signozPage.service, port: signozPage.port },
        },
      ],
      dependsOn: [signoz.release, ...clusterServices.bindingsReady],
    });
  }

  /**
   * CloudFront chooses the page's name many minutes after the cluster is ready. With the name in a config map, only
   * SigNoz's own pod waits for it, and not its release, the other pods and the maintenance.
   */
  #addressFromAws(dependsOn: readonly ITerraformDependable[]): EnvironmentVariable {
    const [name, key] = ['signoz-page', 'address'];
    new ConfigMapV1(this, 'page', {
      metadata: { name, namespace: namespaces.observability },
      data: { [key]: `https://${this.host}` },
      dependsOn: [...dependsOn],
    });
    return { valueFrom: { configMapKeyRef: { name, key } } };
  }

  /** Lets SigNoz's pod publish to the teams' topics. Nothing else in it uses AWS. */
  #publisher({ alarms, cluster, prefix }: ObservabilityProps, topicArns: readonly string[]): PodRole {
    return new PodRole(this, 'publisher', {
      name: `${prefix}-signoz`,
      clusterName: cluster.name,
      namespace: namespaces.observability,
      serviceAccount: signozPage.service,
      statements: [
        { actions: ['sns:Publish'], resources: topicArns },
        { actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: [alarms.topicKeyArn] },
      ],
    });
  }

  #namespace({ cluster, network, clusterServices }: ObservabilityProps): readonly ITerraformDependable[] {
    const namespace = new Namespace(this, 'namespace', {
      name: namespaces.observability,
      // The agents read pod logs from the nodes' disks, and `baseline` forbids hostPath volumes.
      standard: 'privileged',
      warnStandard: 'baseline',
      // Not on the controller of the bindings: the only binding here is ours, and its release depends on it.
      dependsOn: [...cluster.ready, ...clusterServices.storageReady],
    });
    const allowed = new NetworkPolicy(this, 'policy', {
      name: 'infra-observability',
      namespace: namespace.name,
      ingress: [
        { peers: [{ pods: {} }] },
        { peers: [{ namespace: namespaces.applications, pods: {} }], ports: [{ port: 4317 }, { port: 4318 }] },
        { peers: network.privateCidrs.map((cidr) => ({ cidr })), ports: [{ port: signozPage.port }] },
      ],
      // To the kubelets, the Kubernetes API and the metrics endpoints of the applications' pods.
      egress: [allButDatabase(network)],
      dependsOn: namespace.ready,
    });
    return [...namespace.ready, allowed.policy];
  }
}
