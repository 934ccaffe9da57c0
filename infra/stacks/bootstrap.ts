import { resolve } from 'node:path';
import { DataAwsIamOpenidConnectProvider } from '@cdktf/provider-aws/lib/data-aws-iam-openid-connect-provider/index.js';
import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import { EcrRepositoryPolicy } from '@cdktf/provider-aws/lib/ecr-repository-policy/index.js';
import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider/index.js';
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone/index.js';
import { LocalBackend, S3Backend, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { bootstrapStateKey, tagsOf } from 'platform';
import { applications } from 'platform/applications';
import { type Account, accountsOf, hasImages } from '../accounts.ts';
import { DeliveryRoles } from '../constructs/identity/delivery-roles.ts';
import { githubAudience, githubIssuer } from '../constructs/identity/github-names.ts';
import { ImagesRole } from '../constructs/identity/images-role.ts';
import { policy } from '../constructs/identity/policy.ts';
import { Providers } from '../constructs/terraform/providers.ts';
import { StateBucket } from '../constructs/terraform/state-bucket.ts';
import { environments as environmentsByName } from '../environments/all.ts';
import { hostOf, type Settings } from '../settings.ts';

/** Output with the name servers of the zone, if the bootstrap creates it. */
export const nameServersOutput = 'name_servers';

/** The state of an account's bootstrap before its bucket exists. */
export const localStateOf = ({ bootstrap }: Account): string =>
  resolve(import.meta.dirname, `../../${bootstrap}.tfstate`);

export interface BootstrapStackProps {
  readonly account: Account;
  readonly settings: Settings;
}

/**
 * Resources that an account needs once, before any environment: the state bucket, GitHub's OIDC provider and the
 * delivery roles of its environments. Its own state is first stored locally, and then moved to the bucket.
 */
export class BootstrapStack extends TerraformStack {
  constructor(scope: Construct, id: string, { account, settings }: BootstrapStackProps) {
    super(scope, id);
    const { domain, github, region } = settings;
    const { environments, stateBucket, zone } = account;
    if (settings.bootstrapState === 'bucket') {
      const backend = new S3Backend(this, { bucket: stateBucket, region, key: bootstrapStateKey, encrypt: true });
      backend.addOverride('use_lockfile', true);
    } else {
      new LocalBackend(this, { path: localStateOf(account) });
    }
    const providers = new Providers(this, 'providers', {
      accountId: account.id,
      region,
      tags: tagsOf('shared', settings.owner),
    });

    const bucket = new StateBucket(this, 'state', { name: stateBucket });
    const url = `https://${githubIssuer}`;
    // An account can have only one provider for a URL.
    const oidcProvider = github.createProvider
      ? new IamOpenidConnectProvider(this, 'github', { url, clientIdList: [githubAudience] })
      : new DataAwsIamOpenidConnectProvider(this, 'existing-github', { url });
    const subjectPrefix = github.subjectPrefix ?? `repo:${github.repository}`;
    if (hasImages(settings, account)) {
      const readers = accountsOf(settings).filter((other) => !hasImages(settings, other));
      const repositories = applications.map(({ name }) => this.#repository(name, readers));
      const images = new ImagesRole(this, 'images', {
        oidcProviderArn: oidcProvider.arn,
        subjectPrefix,
        repositoryArns: repositories.map(({ arn }) => arn),
      });
      new TerraformOutput(this, 'images_role', { value: images.arn });
    }
    for (const environment of environments) {
      const roles = new DeliveryRoles(this, environment, {
        environment,
        others: environments.filter((other) => other !== environment),
        accountId: providers.accountId,
        region,
        oidcProviderArn: oidcProvider.arn,
        subjectPrefix,
        stateBucket: bucket,
        sleepsAtNight: environmentsByName[environment].cluster.sleepsAtNight,
        ...(domain && { domain: hostOf(domain, environment) }),
      });
      new TerraformOutput(this, `${environment}_plan_role`, { value: roles.planRoleArn });
      new TerraformOutput(this, `${environment}_apply_role`, { value: roles.applyRoleArn });
      new TerraformOutput(this, `${environment}_deploy_role`, { value: roles.deployRoleArn });
      new TerraformOutput(this, `${environment}_drill_role`, { value: roles.drillRoleArn });
    }

    if (domain?.createZone && zone) {
      const { nameServers } = new Route53Zone(this, 'zone', { name: zone });
      new TerraformOutput(this, nameServersOutput, { value: nameServers });
    }
  }

  /** @param readers other accounts, whose nodes pull the same images */
  #repository(name: string, readers: readonly Account[]): EcrRepository {
    const repository = new EcrRepository(this, name, {
      name,
      // Tags are immutable; only `latest` moves.
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilter: [{ filter: 'latest', filterType: 'WILDCARD' }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'AES256' }],
    });
    new EcrLifecyclePolicy(this, `${name}-lifecycle`, {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          // ECR applies each image's first matching rule only, so images of dev never expire images of prd.
          {
            rulePriority: 1,
            description: 'Keep the last 30 images of prd, for rollbacks',
            selection: {
              tagStatus: 'tagged',
              tagPrefixList: ['prd-'],
              countType: 'imageCountMoreThan',
              countNumber: 30,
            },
            action: { type: 'expire' },
          },
          {
            rulePriority: 2,
            description: 'Keep the last 30 other images',
            selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 30 },
            action: { type: 'expire' },
          },
        ],
      }),
    });
    if (readers.length > 0) {
      new EcrRepositoryPolicy(this, `${name}-readers`, {
        repository: repository.name,
        policy: policy([
          {
            actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
            principals: { AWS: readers.map(({ id }) => `arn:aws:iam::${id}:root`) },
          },
        ]),
      });
    }
    return repository;
  }
}
