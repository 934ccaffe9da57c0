import { DataAwsSsmParameter } from '@cdktf/provider-aws/lib/data-aws-ssm-parameter/index.js';
import { Eip } from '@cdktf/provider-aws/lib/eip/index.js';
import { Instance } from '@cdktf/provider-aws/lib/instance/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { Construct } from 'constructs';

export interface NatInstanceProps {
  readonly prefix: string;
  readonly vpcId: string;
  /** Source addresses to translate: the VPC's. */
  readonly cidr: string;
  readonly subnetId: string;
}

// Amazon Linux with its own packages, so that no third-party image has to be trusted.
const userData = `#!/bin/bash
set -euo pipefail
# The Elastic IP is attached shortly after the first start; until then there is no internet access.
until dnf install -y iptables-nft iptables-services; do sleep 5; done
sysctl -w net.ipv4.ip_forward=1
echo net.ipv4.ip_forward=1 > /etc/sysctl.d/90-nat.conf
interface=$(ip -o route show default | awk '{print $5; exit}')
iptables -t nat -A POSTROUTING -o "$interface" -j MASQUERADE
iptables -F FORWARD
service iptables save
systemctl enable iptables
`;

/**
 * A small instance that replaces a NAT gateway at about a fifth of the price. Its limits: nothing replaces it when it
 * fails, and it has the bandwidth of a t4g.nano.
 */
export class NatInstance extends Construct {
  readonly networkInterfaceId: string;

  constructor(scope: Construct, id: string, props: NatInstanceProps) {
    super(scope, id);
    const name = `${props.prefix}-nat`;
    const group = new SecurityGroup(this, 'security-group', {
      name,
      description: 'NAT instance: from the VPC, to the internet',
      vpcId: props.vpcId,
      ingress: [{ fromPort: 0, toPort: 0, protocol: '-1', cidrBlocks: [props.cidr], description: 'From the VPC' }],
      egress: [{ fromPort: 0, toPort: 0, protocol: '-1', cidrBlocks: ['0.0.0.0/0'], description: 'To the internet' }],
    });
    const image = new DataAwsSsmParameter(this, 'image', {
      name: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
    });
    const instance = new Instance(this, 'instance', {
      ami: image.value,
      instanceType: 't4g.nano',
      subnetId: props.subnetId,
      vpcSecurityGroupIds: [group.id],
      // NAT forwards packets that are not addressed to the instance.
      sourceDestCheck: false,
      userData,
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, volumeType: 'gp3' },
      tags: { Name: name },
      // A new AMI must not replace the running instance, which is the only route to the internet.
      lifecycle: { ignoreChanges: ['ami'] },
    });
    new Eip(this, 'address', { domain: 'vpc', instance: instance.id, tags: { Name: name } });
    this.networkInterfaceId = instance.primaryNetworkInterfaceId;
  }
}
