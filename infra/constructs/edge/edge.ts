import { CloudfrontDistribution } from '@cdktf/provider-aws/lib/cloudfront-distribution/index.js';
import { CloudfrontResponseHeadersPolicy } from '@cdktf/provider-aws/lib/cloudfront-response-headers-policy/index.js';
import { CloudfrontVpcOrigin } from '@cdktf/provider-aws/lib/cloudfront-vpc-origin/index.js';
import { DataAwsCloudfrontCachePolicy } from '@cdktf/provider-aws/lib/data-aws-cloudfront-cache-policy/index.js';
import { DataAwsCloudfrontOriginRequestPolicy } from '@cdktf/provider-aws/lib/data-aws-cloudfront-origin-request-policy/index.js';
import { Construct } from 'constructs';
import { type LoadBalancer, originHeader } from './load-balancer.ts';

export interface EdgeProps {
  readonly prefix: string;
  readonly loadBalancer: LoadBalancer;
}

export interface DistributionProps {
  /** What the load balancer's rules ask for: see `originHeader`. */
  readonly origin: string;
  readonly comment: string;
  /**
   * What the bare address shows. A redirect of the load balancer would name its own private address: without an own domain
   * it never learns which host the visitor asked for.
   */
  readonly rootObject?: string;
  /** Sent where the application itself sends none. */
  readonly contentSecurityPolicy: string;
  readonly domain?: { readonly name: string; readonly certificateArn: string };
  readonly webAclArn?: string;
}

export interface Distribution {
  readonly id: string;
  readonly arn: string;
  readonly domainName: string;
  readonly hostedZoneId: string;
  /** The own name where there is one, else CloudFront's. */
  readonly host: string;
}

/**
 * For answers that come without a policy of their own. The site's web server sends the same; the API's documentation page
 * sends one that its scripts need.
 */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const allMethods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'];

/** CloudFront in front of the internal load balancer: the only thing of ours that answers on the internet. */
export class Edge extends Construct {
  readonly #props: EdgeProps;
  readonly #vpcOriginId: string;
  readonly #policies: Record<'notCached' | 'viewerHost' | 'originHost', string>;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    this.#props = props;
    const { loadBalancer, prefix } = props;
    // AWS refuses to change an origin that a distribution uses. Another port is therefore another resource of another name:
    // made beside the old, which is deleted once nothing points to it.
    this.#vpcOriginId = new CloudfrontVpcOrigin(this, `vpc-origin-${loadBalancer.port}`, {
      vpcOriginEndpointConfig: [
        {
          name: `${prefix}-${loadBalancer.port}`,
          arn: loadBalancer.arn,
          httpPort: 80,
          httpsPort: 443,
          originProtocolPolicy: loadBalancer.port === 443 ? 'https-only' : 'http-only',
          originSslProtocols: [{ items: ['TLSv1.2'], quantity: 1 }],
        },
      ],
      lifecycle: { createBeforeDestroy: true },
    }).id;
    const requestPolicy = (name: string) =>
      new DataAwsCloudfrontOriginRequestPolicy(this, name, { name: `Managed-${name}` }).id;
    this.#policies = {
      notCached: new DataAwsCloudfrontCachePolicy(this, 'CachingDisabled', { name: 'Managed-CachingDisabled' }).id,
      viewerHost: requestPolicy('AllViewer'),
      originHost: requestPolicy('AllViewerExceptHostHeader'),
    };
  }

  /** An address on the internet that leads to the load balancer's rules for `origin`. */
  distribution(id: string, props: DistributionProps): Distribution {
    const { domain, webAclArn } = props;
    const distribution = new CloudfrontDistribution(this, id, {
      comment: props.comment,
      enabled: true,
      httpVersion: 'http2and3',
      isIpv6Enabled: true,
      // North America and Europe hold the cheapest locations; visitors elsewhere are served from the nearest of them.
      priceClass: 'PriceClass_100',
      origin: [
        {
          originId: 'load-balancer',
          domainName: this.#props.loadBalancer.dnsName,
          vpcOriginConfig: { vpcOriginId: this.#vpcOriginId, originKeepaliveTimeout: 5, originReadTimeout: 30 },
          customHeader: [{ name: originHeader, value: props.origin }],
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: 'load-balancer',
        viewerProtocolPolicy: 'redirect-to-https',
        compress: true,
        // HTTPS to the load balancer is checked against the visitor's host, which is what its certificate names.
        originRequestPolicyId: domain ? this.#policies.viewerHost : this.#policies.originHost,
        responseHeadersPolicyId: this.#securityHeaders(id, props),
        allowedMethods: allMethods,
        cachedMethods: ['GET', 'HEAD'],
        cachePolicyId: this.#policies.notCached,
      },
      restrictions: { geoRestriction: { restrictionType: 'none' } },
      viewerCertificate: domain
        ? {
            acmCertificateArn: domain.certificateArn,
            sslSupportMethod: 'sni-only',
            minimumProtocolVersion: 'TLSv1.2_2021',
          }
        : { cloudfrontDefaultCertificate: true },
      ...(domain && { aliases: [domain.name] }),
      ...(webAclArn && { webAclId: webAclArn }),
      ...(props.rootObject && { defaultRootObject: props.rootObject }),
    });
    return {
      id: distribution.id,
      arn: distribution.arn,
      domainName: distribution.domainName,
      hostedZoneId: distribution.hostedZoneId,
      host: domain?.name ?? distribution.domainName,
    };
  }

  #securityHeaders(id: string, props: DistributionProps): string {
    return new CloudfrontResponseHeadersPolicy(this, `${id}-headers`, {
      name: `${this.#props.prefix}-${id}`,
      securityHeadersConfig: {
        strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, includeSubdomains: true, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: 'DENY', override: false },
        referrerPolicy: { referrerPolicy: 'strict-origin-when-cross-origin', override: false },
        contentSecurityPolicy: { contentSecurityPolicy: props.contentSecurityPolicy, override: false },
      },
    }).id;
  }
}
