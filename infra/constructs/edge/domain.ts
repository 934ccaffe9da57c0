import { AcmCertificate } from '@cdktf/provider-aws/lib/acm-certificate/index.js';
import { AcmCertificateValidation } from '@cdktf/provider-aws/lib/acm-certificate-validation/index.js';
import { DataAwsRoute53Zone } from '@cdktf/provider-aws/lib/data-aws-route53-zone/index.js';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record/index.js';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import { globalRegion } from 'platform';
import type { Providers } from '../terraform/providers.ts';
import type { Distribution } from './edge.ts';

export interface DomainProps {
  /** A public zone of Route53 in this account, such as `example.com`. */
  readonly zone: string;
  /** Put before it: `signoz` and `dev` give `signoz.dev.example.com`, none gives the zone itself. */
  readonly labels: readonly string[];
  readonly region: string;
  readonly providers: Pick<Providers, 'global'>;
}

/** An own name, and certificates for it that renew themselves. */
export class Domain extends Construct {
  readonly name: string;
  /** For CloudFront, which takes certificates of us-east-1 alone. */
  readonly certificateArn: string;
  /** For the load balancer, which takes those of its own region; CloudFront checks it against the same name. */
  readonly regionalCertificateArn: string;
  readonly #zoneId: string;

  constructor(scope: Construct, id: string, { labels, providers, region, zone }: DomainProps) {
    super(scope, id);
    this.name = [...labels, zone].join('.');
    this.#zoneId = new DataAwsRoute53Zone(this, 'zone', { name: zone, privateZone: false }).zoneId;

    const certificate = this.#certificate('certificate', providers.global);
    const proof = certificate.domainValidationOptions.get(0);
    const record = new Route53Record(this, 'proof', {
      zoneId: this.#zoneId,
      name: proof.resourceRecordName,
      type: proof.resourceRecordType,
      records: [proof.resourceRecordValue],
      ttl: 300,
    });
    this.certificateArn = this.#validated('certificate', certificate, record, providers.global);
    // ACM asks for the same proof in every region, so that one record is enough for both.
    this.regionalCertificateArn =
      region === globalRegion
        ? this.certificateArn
        : this.#validated('regional-certificate', this.#certificate('regional-certificate'), record);
  }

  /** Leads the name to the distribution, by IPv4 and IPv6. */
  pointTo(distribution: Pick<Distribution, 'domainName' | 'hostedZoneId'>): void {
    for (const type of ['A', 'AAAA']) {
      new Route53Record(this, type, {
        zoneId: this.#zoneId,
        name: this.name,
        type,
        alias: { name: distribution.domainName, zoneId: distribution.hostedZoneId, evaluateTargetHealth: false },
      });
    }
  }

  #certificate(id: string, provider?: TerraformProvider): AcmCertificate {
    return new AcmCertificate(this, id, {
      ...(provider && { provider }),
      domainName: this.name,
      validationMethod: 'DNS',
      // A certificate in use cannot be deleted: the new one takes its place first.
      lifecycle: { createBeforeDestroy: true },
    });
  }

  /** The certificate's ARN, once it is issued. */
  #validated(id: string, certificate: AcmCertificate, proof: Route53Record, provider?: TerraformProvider): string {
    return new AcmCertificateValidation(this, `${id}-issued`, {
      ...(provider && { provider }),
      certificateArn: certificate.arn,
      validationRecordFqdns: [proof.fqdn],
    }).certificateArn;
  }
}
