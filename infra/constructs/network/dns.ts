import { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js';
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone/index.js';
import { Construct } from 'constructs';
import type { Network } from './network.ts';

export interface DnsProps {
  /** Name of the private zone. */
  readonly zone: string;
  readonly network: Network;
}

/** The environment's private DNS names: `mysql-dev`, `calculadora-api-dev`, `magic-calculator-dev`. */
export class Dns extends Construct {
  readonly #zone: Route53Zone;

  constructor(scope: Construct, id: string, props: DnsProps) {
    super(scope, id);
    this.#zone = new Route53Zone(this, 'zone', {
      name: props.zone,
      comment: 'Names inside the VPC',
      vpc: [{ vpcId: props.network.vpcId }],
      // Records that others add must not block a destroy.
      forceDestroy: true,
    });
  }

  /** Adds a CNAME from `record` to the AWS name `target`. Returns the fully qualified name. */
  name(record: string, target: string): string {
    return new Route53Record(this, record, {
      zoneId: this.#zone.zoneId,
      name: record,
      type: 'CNAME',
      ttl: 60,
      records: [target],
    }).fqdn;
  }
}
