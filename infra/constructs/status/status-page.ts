import { CloudfrontOriginAccessControl } from '@cdktf/provider-aws/lib/cloudfront-origin-access-control/index.js';
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import { S3Object } from '@cdktf/provider-aws/lib/s3-object/index.js';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { type Application, type EnvironmentName, globalRegion, type names, statusPath } from 'platform';
import { timeZone } from '../../environments/night.ts';
import { bundle } from '../../functions/bundle.ts';
import type { Content } from '../../functions/status/src/figures.ts';
import { pageFiles } from '../../functions/status/src/files.ts';
import type { Checks } from '../../functions/status/src/measure.ts';
import type { Alarm } from '../alerting/alarms.ts';
import { makeFunction, makeLog } from '../compute/function.ts';
import type { Database } from '../data/database.ts';
import type { Distribution, PublicFiles } from '../edge/edge.ts';
import { makePrivate } from '../edge/private-bucket.ts';
import { ServiceRole } from '../identity/service-role.ts';
import type { Providers } from '../terraform/providers.ts';
import { checkIncidents, incidentsFile } from './incidents.ts';
import { type Part, partsOf } from './parts.ts';

export interface StatusPageProps {
  readonly names: Pick<ReturnType<typeof names>, 'prefix' | 'statusBucketPrefix'>;
  readonly environment: EnvironmentName;
  readonly providers: Pick<Providers, 'accountId'>;
  readonly region: string;
}

export interface Published {
  readonly site: Pick<Distribution, 'arn'>;
  readonly applications: readonly Application[];
  readonly database: Pick<Database, 'identifier'>;
  readonly alarms: readonly Alarm[];
}

/** In the bucket. The files are below it. */
const key = statusPath.slice(1);
const figuresKey = `${key}/figures.json`;

/**
 * A public page that says what works. It depends neither on the cluster nor on the VPC: CloudFront serves it from a
 * bucket, and a Lambda function writes the figures every minute, from what Route53, CloudWatch and RDS measure.
 */
export class StatusPage extends Construct {
  readonly files: PublicFiles;
  readonly bucket: string;
  readonly functionName: string;
  readonly #props: StatusPageProps;
  readonly #bucket: S3Bucket;

  constructor(scope: Construct, id: string, props: StatusPageProps) {
    super(scope, id);
    this.#props = props;
    const { prefix, statusBucketPrefix } = props.names;
    this.functionName = `${prefix}-status`;
    this.#bucket = new S3Bucket(this, 'bucket', { bucketPrefix: statusBucketPrefix, forceDestroy: true });
    this.bucket = this.#bucket.bucket;
    const accessControl = new CloudfrontOriginAccessControl(this, 'access-control', {
      name: this.functionName,
      description: 'CloudFront reads the status page',
      originAccessControlOriginType: 's3',
      signingBehavior: 'always',
      signingProtocol: 'sigv4',
      // Also orders a removal: the distribution first stops using it.
      lifecycle: { createBeforeDestroy: true },
    });
    this.files = {
      domainName: this.#bucket.bucketRegionalDomainName,
      accessControlId: accessControl.id,
      paths: [statusPath, `${statusPath}/*`],
    };
  }

  /** Puts the page into the bucket, lets the distribution read it, and starts the measurements. */
  publish({ alarms, applications, database, site }: Published): void {
    const { arn } = this.#bucket;
    makePrivate(this, this.#bucket, [
      {
        actions: ['s3:GetObject'],
        resources: [`${arn}/*`],
        principals: { Service: 'cloudfront.amazonaws.com' },
        conditions: { StringEquals: { 'aws:SourceArn': site.arn } },
      },
    ]);
    const parts = partsOf(applications, database.identifier, alarms);
    this.#page(parts);
    this.#measure(database, Object.fromEntries(parts.map(({ checks, content }) => [content.id, checks])));
  }

  #page(parts: readonly Part[]): void {
    const { environment } = this.#props;
    const page = bundle('status/page');
    for (const { file, id, path, type } of pageFiles) this.#object(id, `${key}${path}`, type, `${page}/${file}`);
    const incidents = incidentsFile(environment);
    checkIncidents(incidents);
    this.#object('incidents', `${key}/incidents.json`, 'application/json', incidents);
    const content: Content = { environment, timeZone, parts: parts.map((part) => part.content) };
    new S3Object(this, 'content', {
      ...this.#settings(`${key}/content.json`, 'application/json'),
      content: JSON.stringify(content),
    });
  }

  #object(id: string, objectKey: string, contentType: string, path: string): void {
    const asset = new TerraformAsset(this, `${id}-file`, { path, type: AssetType.FILE });
    new S3Object(this, id, {
      ...this.#settings(objectKey, contentType),
      source: asset.path,
      sourceHash: asset.assetHash,
    });
  }

  #settings(objectKey: string, contentType: string) {
    return { bucket: this.bucket, key: objectKey, contentType, cacheControl: 'no-cache' };
  }

  #measure(database: Pick<Database, 'identifier'>, checks: Checks): void {
    const { providers, region } = this.#props;
    const name = this.functionName;
    const log = makeLog(this, name);
    const role = new ServiceRole(this, 'role', {
      name,
      service: 'lambda.amazonaws.com',
      statements: [
        { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${log.arn}:*`] },
        // Without the list, S3 answers for a missing file as for a forbidden one.
        { actions: ['s3:ListBucket'], resources: [this.#bucket.arn] },
        { actions: ['s3:GetObject', 's3:PutObject'], resources: [`${this.#bucket.arn}/${figuresKey}`] },
        // AWS documents no narrower right for a request by names.
        {
          actions: ['cloudwatch:DescribeAlarms'],
          resources: [`arn:aws:cloudwatch:*:${providers.accountId}:alarm:*`],
        },
        {
          actions: ['rds:DescribeDBInstances'],
          resources: [`arn:aws:rds:*:${providers.accountId}:db:${database.identifier}`],
        },
      ],
    });
    const { arn, functionName } = makeFunction(this, {
      ...{ name, code: 'status', log, role },
      description: 'Writes the figures of the status page',
      variables: {
        ALARM_REGIONS: [...new Set([region, globalRegion])].join(),
        BUCKET: this.bucket,
        CHECKS: JSON.stringify(checks),
        KEY: figuresKey,
        TIME_ZONE: timeZone,
      },
    });
    const rule = new CloudwatchEventRule(this, 'schedule', {
      name,
      description: 'Measures for the status page',
      scheduleExpression: 'rate(1 minute)',
    });
    const permission = new LambdaPermission(this, 'permission', {
      functionName,
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      sourceArn: rule.arn,
    });
    new CloudwatchEventTarget(this, 'schedule-target', { rule: rule.name, arn, dependsOn: [permission] });
  }
}
