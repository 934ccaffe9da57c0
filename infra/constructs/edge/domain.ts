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
  /** The name, in the zone: `signoz.dev.example.com`, or the zone itself. */
  readonly name: string;
  /** A public Route53 zone in this account, such as `example.com`. */
  readonly zone: string;
  readonly region: string;
  /** Whether its records already exist and are taken over, as those of a lost region are. */
  readonly takesOver: boolean;
  readonly providers: Pick<Providers, 'global'>;
}

/** A custom domain, with certificates that ACM renews. */
export class Domain extends Construct {
  readonly name: string;
  /** For CloudFront, which only accepts certificates in us-east-1. */
  readonly certificateArn: string;
  /** For the load balancer, in its own region. CloudFront verifies it against the same name. */
  readonly regionalCertificateArn: string;
  readonly #zoneId: string;
  readonly #overwrites: { readonly allowOverwrite?: true };

  constructor(scope: Construct, id: string, { name, providers, region, takesOver, zone }: DomainProps) {
    super(scope, id);
    this.name = name;
    this.#overwrites = takesOver ? { allowOverwrite: true } : {};
    this.#zoneId = new DataAwsRoute53Zone(this, 'zone', { name: zone, privateZone: false }).zoneId;

    const certificate = this.#certificate('certificate', providers.global);
    const validation = certificate.domainValidationOptions.get(0);
    const record = new Route53Record(this, 'proof', {
      zoneId: this.#zoneId,
      name: validation.resourceRecordName,
      type: validation.resourceRecordType,
      records: [validation.resourceRecordValue],
      ttl: 300,
      ...this.#overwrites,
    });
    this.certificateArn = this.#validated('certificate', certificate, record, providers.global);
    // ACM uses the same validation record in every region, so one record is enough for both certificates.
    this.regionalCertificateArn =
      region === globalRegion
        ? this.certificateArn
        : this.#validated('regional-certificate', this.#certificate('regional-certificate'), record);
  }

  /** Points the name to the distribution, for IPv4 and IPv6. */
  pointTo(distribution: Pick<Distribution, 'domainName' | 'hostedZoneId'>): void {
    for (const type of ['A', 'AAAA']) {
      new Route53Record(this, type, {
        zoneId: this.#zoneId,
        name: this.name,
        type,
        alias: { name: distribution.domainName, zoneId: distribution.hostedZoneId, evaluateTargetHealth: false },
        ...this.#overwrites,
      });
    }
  }

  #certificate(id: string, provider?: TerraformProvider): AcmCertificate {
    return new AcmCertificate(this, id, {
      ...(provider && { provider }),
      domainName: this.name,
      validationMethod: 'DNS',
      // A certificate in use cannot be deleted, so its replacement is created first.
      lifecycle: { createBeforeDestroy: true },
    });
  }

  /** The certificate's ARN, once it is issued. */
  #validated(id: string, certificate: AcmCertificate, record: Route53Record, provider?: TerraformProvider): string {
    return new AcmCertificateValidation(this, `${id}-issued`, {
      ...(provider && { provider }),
      certificateArn: certificate.arn,
      validationRecordFqdns: [record.fqdn],
    }).certificateArn;
  }
}
