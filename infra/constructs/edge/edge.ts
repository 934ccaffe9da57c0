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
  /** Days that browsers use only HTTPS for each distribution's host. */
  readonly hstsDays: number;
}

export interface DistributionProps {
  /** Value of `originHeader`, which the load balancer's rules match. */
  readonly origin: string;
  readonly comment: string;
  /**
   * Object to serve for `/`. A redirect by the load balancer would contain its own private name: without a custom
   * domain it does not receive the visitor's host.
   */
  readonly rootObject?: string;
  /** Sent if the application sends none itself. */
  readonly contentSecurityPolicy: string;
  /**
   * Seconds until the load balancer has to answer, and between two packets of its answer. After them CloudFront repeats
   * a GET twice and answers 504.
   */
  readonly readTimeout: number;
  readonly domain?: { readonly name: string; readonly certificateArn: string };
  readonly webAclArn?: string;
  readonly files?: PublicFiles;
}

/** Files in a private bucket that CloudFront serves itself, whether the load balancer answers or not. */
export interface PublicFiles {
  /** Of the bucket, in its region. */
  readonly domainName: string;
  readonly accessControlId: string;
  /** Path patterns. The files' keys are the same, without the first slash. */
  readonly paths: readonly string[];
}

export interface Distribution {
  readonly id: string;
  readonly arn: string;
  readonly domainName: string;
  readonly hostedZoneId: string;
  /** The custom domain if there is one, otherwise CloudFront's name. */
  readonly host: string;
}

/**
 * Default policy for responses without one. The site's web server sends the same policy; the API's documentation page
 * sends its own, which allows its scripts.
 */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * Statuses that CloudFront would keep for ten seconds, although nothing else is cached: one 503 during a release would
 * be shown to everyone. The list is AWS's, without 416, which is never cached:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
 */
const errorCodes = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];

/**
 * Seconds that CloudFront keeps idle connections to the load balancer. Less than the load balancer's own limit, which
 * could otherwise close a connection that CloudFront is about to use.
 */
const keepAliveTimeout = 50;

const allMethods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'];

/** CloudFront in front of the internal load balancer: the only public entry point. */
export class Edge extends Construct {
  readonly #props: EdgeProps;
  readonly #vpcOriginId: string;
  readonly #policies: Record<'notCached' | 'viewerHost' | 'originHost', string>;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    this.#props = props;
    const { loadBalancer, prefix } = props;
    // AWS does not allow changes to an origin in use. The port is therefore part of the id and name: a new port creates
    // a new origin, and the old one is deleted once no distribution uses it.
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
      notCached: this.#cachePolicy('CachingDisabled'),
      viewerHost: requestPolicy('AllViewer'),
      originHost: requestPolicy('AllViewerExceptHostHeader'),
    };
  }

  /** A public distribution that forwards to the load balancer's rules for `origin`. */
  distribution(id: string, props: DistributionProps): Distribution {
    const { domain, files, webAclArn } = props;
    const responseHeadersPolicyId = this.#securityHeaders(id, props);
    const distribution = new CloudfrontDistribution(this, id, {
      comment: props.comment,
      enabled: true,
      httpVersion: 'http2and3',
      isIpv6Enabled: true,
      // The smaller classes have no edge locations in South America, where most visitors are.
      priceClass: 'PriceClass_All',
      origin: [
        {
          originId: 'load-balancer',
          domainName: this.#props.loadBalancer.dnsName,
          vpcOriginConfig: {
            vpcOriginId: this.#vpcOriginId,
            originKeepaliveTimeout: keepAliveTimeout,
            originReadTimeout: props.readTimeout,
          },
          customHeader: [{ name: originHeader, value: props.origin }],
        },
        ...(files
          ? [
              {
                originId: 'files',
                domainName: files.domainName,
                originAccessControlId: files.accessControlId,
                // Required beside an access control, and empty.
                s3OriginConfig: { originAccessIdentity: '' },
              },
            ]
          : []),
      ],
      defaultCacheBehavior: {
        targetOriginId: 'load-balancer',
        viewerProtocolPolicy: 'redirect-to-https',
        compress: true,
        // The load balancer's certificate has the custom domain, so CloudFront must forward the visitor's Host header.
        originRequestPolicyId: domain ? this.#policies.viewerHost : this.#policies.originHost,
        responseHeadersPolicyId,
        allowedMethods: allMethods,
        cachedMethods: ['GET', 'HEAD'],
        cachePolicyId: this.#policies.notCached,
      },
      ...(files && {
        orderedCacheBehavior: files.paths.map((pathPattern) => ({
          pathPattern,
          targetOriginId: 'files',
          viewerProtocolPolicy: 'redirect-to-https',
          compress: true,
          responseHeadersPolicyId,
          allowedMethods: ['GET', 'HEAD'],
          cachedMethods: ['GET', 'HEAD'],
          // With `no-cache` from S3, CloudFront keeps a file for its minimum of one second.
          cachePolicyId: this.#cachePolicy('CachingOptimized'),
        })),
      }),
      customErrorResponse: errorCodes.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
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

  /** One of CloudFront's own. */
  #cachePolicy(name: string): string {
    const known = this.node.tryFindChild(name) as DataAwsCloudfrontCachePolicy | undefined;
    return (known ?? new DataAwsCloudfrontCachePolicy(this, name, { name: `Managed-${name}` })).id;
  }

  #securityHeaders(id: string, props: DistributionProps): string {
    return new CloudfrontResponseHeadersPolicy(this, `${id}-headers`, {
      name: `${this.#props.prefix}-${id}`,
      securityHeadersConfig: {
        strictTransportSecurity: {
          accessControlMaxAgeSec: this.#props.hstsDays * 24 * 60 * 60,
          // Other hosts below this one may not have HTTPS.
          includeSubdomains: false,
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: 'DENY', override: false },
        referrerPolicy: { referrerPolicy: 'strict-origin-when-cross-origin', override: false },
        contentSecurityPolicy: { contentSecurityPolicy: props.contentSecurityPolicy, override: false },
      },
    }).id;
  }
}
