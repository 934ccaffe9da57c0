import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Application, nameLabel, namespaces, serviceAccounts } from 'platform';
import { type Allowance, internet, NetworkPolicy, type NetworkPolicyProps } from '../cluster/network-policy.ts';
import { mysqlPort } from '../data/database.ts';
import type { Network } from '../network/network.ts';

export interface ApplicationPoliciesProps {
  readonly application: Application;
  readonly network: Network;
  readonly dependsOn: readonly ITerraformDependable[];
}

/**
 * Network policies of an application for addresses and other namespaces, which the infrastructure knows. The
 * applications' manifests have those for traffic between pods of their namespace.
 */
export class ApplicationPolicies extends Construct {
  readonly #props: ApplicationPoliciesProps;

  constructor(scope: Construct, id: string, props: ApplicationPoliciesProps) {
    super(scope, id);
    this.#props = props;
    const { application, network } = props;
    const serviceAccount = serviceAccounts.application(application.name);
    const collector = { namespace: namespaces.observability, pods: {} };
    this.#policy(serviceAccount, {
      ingress: [
        {
          // The load balancer may have any address of these subnets, which are also those of nodes and pods. So the port
          // is open to every pod that its own egress policies let out: those of kube-system and of SigNoz, which reach
          // everything but the database, and those of a namespace without an egress policy. The other applications
          // cannot reach it. To close it, the load balancer would need subnets of its own.
          peers: [...network.privateCidrs.map((cidr) => ({ cidr })), collector],
          ports: [{ port: application.port }],
        },
      ],
      egress: [{ peers: [collector], ports: [{ port: 4317 }, { port: 4318 }] }],
    });
    if (!application.database) return;
    for (const user of [serviceAccount, serviceAccounts.migration(application.name)]) {
      this.#policy(`${user}-database`, { egress: this.#databaseAccess() }, user);
    }
  }

  #databaseAccess(): readonly Allowance[] {
    return [
      { peers: this.#props.network.databaseCidrs.map((cidr) => ({ cidr })), ports: [{ port: mysqlPort }] },
      // Secrets Manager, on its public endpoint, with credentials from the Pod Identity agent on the node.
      { peers: [internet], ports: [{ port: 443 }] },
      { peers: [{ cidr: '169.254.170.23/32' }], ports: [{ port: 80 }] },
    ];
  }

  #policy(name: string, rules: Pick<NetworkPolicyProps, 'ingress' | 'egress'>, pods = name): void {
    new NetworkPolicy(this, name, {
      // The application's manifests have a policy under the application's own name.
      name: `infra-${name}`,
      namespace: namespaces.applications,
      pods: { [nameLabel]: pods },
      ...rules,
      dependsOn: this.#props.dependsOn,
    });
  }
}
