import { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js';
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone/index.js';
import { Construct } from 'constructs';
import type { Network } from './network.ts';

export interface DnsProps {
  /** Name of the zone, answered inside the VPC alone. */
  readonly zone: string;
  readonly network: Network;
}

/** The environment's private names: `mysql-dev`, `calculadora-api-dev`, `magic-calculator-dev`. */
export class Dns extends Construct {
  readonly #zone: Route53Zone;

  constructor(scope: Construct, id: string, props: DnsProps) {
    super(scope, id);
    this.#zone = new Route53Zone(this, 'zone', {
      name: props.zone,
      comment: 'Names inside the VPC',
      vpc: [{ vpcId: props.network.vpcId }],
      // Names that others add while the environment lives must not stop it from being destroyed.
      forceDestroy: true,
    });
  }

  /** Gives `target`, which has an AWS name of its own, the name `record` in the zone, and returns the whole name. */
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
