export interface NatScriptProps {
  /** Source addresses to translate: the VPC's. */
  readonly cidr: string;
  readonly autoScalingGroup: string;
  readonly lifecycleHook: string;
  readonly region: string;
}

/**
 * What a new NAT instance runs once, as root. The lifecycle hook keeps the instance out of service until the last line,
 * so an instance on which any line fails is replaced when the hook times out.
 *
 * Amazon Linux 2023 has neither nft nor iptables, and its package manager needs more than the 512 MB of a t4g.nano:
 * https://github.com/amazonlinux/amazon-linux-2023/issues/404. So the script adds swap first. After a restart, the
 * service of the nftables package loads the rules again.
 */
export const natScript = ({ autoScalingGroup, cidr, lifecycleHook, region }: NatScriptProps): string => `#!/bin/bash
set -euo pipefail

dd if=/dev/zero of=/swapfile bs=1M count=512
chmod 600 /swapfile
mkswap /swapfile
swapon /swapfile

for attempt in 1 2 3; do
  if dnf install -y nftables; then break; fi
  echo "Attempt $attempt to install nftables failed"
  sleep 10
done

cat > /etc/sysctl.d/90-nat.conf <<'EOF'
net.ipv4.ip_forward = 1
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
EOF
sysctl -p /etc/sysctl.d/90-nat.conf

cat > /etc/sysconfig/nftables.conf <<'EOF'
flush ruleset
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${cidr} ip daddr != ${cidr} masquerade
  }
}
EOF
systemctl enable nftables
systemctl restart nftables

aws autoscaling complete-lifecycle-action \\
  --region ${region} \\
  --auto-scaling-group-name ${autoScalingGroup} \\
  --lifecycle-hook-name ${lifecycleHook} \\
  --lifecycle-action-result CONTINUE \\
  --instance-id "$(cat /var/lib/cloud/data/instance-id)"
`;
