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
 * What an application's pods may reach, and who may reach them, as far as it is said in addresses or in other namespaces:
 * those are facts of the infrastructure. What pods of the namespace say to each other is their manifests' own.
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
          // The load balancer has no address of its own, but any of these subnets'; so has every pod, and the other
          // namespaces' own policies are what keeps those away.
          peers: [...network.privateCidrs.map((cidr) => ({ cidr })), collector],
          ports: [{ port: application.port }],
        },
      ],
      egress: [{ peers: [collector], ports: [{ port: 4317 }, { port: 4318 }] }],
    });
    if (!application.database) return;
    for (const user of [serviceAccount, serviceAccounts.migration(application.name)]) {
      this.#policy(`${user}-database`, { egress: this.#databaseAndItsPassword() }, user);
    }
  }

  #databaseAndItsPassword(): readonly Allowance[] {
    return [
      { peers: this.#props.network.databaseCidrs.map((cidr) => ({ cidr })), ports: [{ port: mysqlPort }] },
      // Secrets Manager, by its public address, with credentials of the Pod Identity agent on the pod's node.
      { peers: [internet], ports: [{ port: 443 }] },
      { peers: [{ cidr: '169.254.170.23/32' }], ports: [{ port: 80 }] },
    ];
  }

  #policy(name: string, rules: Pick<NetworkPolicyProps, 'ingress' | 'egress'>, pods = name): void {
    new NetworkPolicy(this, name, {
      // Not the application's own name, which is its manifests' policy's.
      name: `infra-${name}`,
      namespace: namespaces.applications,
      pods: { [nameLabel]: pods },
      ...rules,
      dependsOn: this.#props.dependsOn,
    });
  }
}
