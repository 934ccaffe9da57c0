import { resolve } from 'node:path';
import { DataAwsIamOpenidConnectProvider } from '@cdktf/provider-aws/lib/data-aws-iam-openid-connect-provider/index.js';
import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js';
import { EcrReplicationConfiguration } from '@cdktf/provider-aws/lib/ecr-replication-configuration/index.js';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import { EcrRepositoryPolicy } from '@cdktf/provider-aws/lib/ecr-repository-policy/index.js';
import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider/index.js';
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone/index.js';
import { LocalBackend, S3Backend, TerraformOutput, type TerraformProvider, TerraformStack } from 'cdktf';
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
    const { domain, github, region, secondRegion } = settings;
    const { environments, secondStateBucket, stateBucket, zone } = account;
    if (settings.bootstrapState === 'bucket') {
      const backend = new S3Backend(this, { bucket: stateBucket, region, key: bootstrapStateKey, encrypt: true });
      backend.addOverride('use_lockfile', true);
    } else {
      new LocalBackend(this, { path: localStateOf(account) });
    }
    const providers = new Providers(this, 'providers', {
      accountId: account.id,
      region,
      secondRegion,
      tags: tagsOf('shared', settings.owner),
    });

    const bucket = new StateBucket(this, 'state', { name: stateBucket });
    // Now, because nothing can be prepared once the region with this stack's own state is lost.
    const second =
      secondRegion && secondStateBucket
        ? {
            region: secondRegion,
            stateBucket: new StateBucket(this, 'second-state', { name: secondStateBucket, provider: providers.second }),
          }
        : undefined;
    const url = `https://${githubIssuer}`;
    // An account can have only one provider for a URL.
    const oidcProvider = github.createProvider
      ? new IamOpenidConnectProvider(this, 'github', { url, clientIdList: [githubAudience] })
      : new DataAwsIamOpenidConnectProvider(this, 'existing-github', { url });
    const subjectPrefix = github.subjectPrefix ?? `repo:${github.repository}`;
    if (hasImages(settings, account)) {
      const readers = accountsOf(settings).filter((other) => !hasImages(settings, other));
      const repositories = applications.flatMap(({ name }) => [
        this.#repository(name, readers),
        ...(second ? [this.#repository(name, readers, providers.second)] : []),
      ]);
      if (second) this.#copyImages(providers.accountId, second.region, repositories);
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
        places: [{ region, stateBucket: bucket }, ...(second ? [second] : [])],
        oidcProviderArn: oidcProvider.arn,
        subjectPrefix,
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

  /**
   * Copies each image and tag that is pushed from now on. Images cannot be built again for prd alone, which takes only those
   * that have run in dev. An account has one such configuration.
   */
  #copyImages(registryId: string, region: string, repositories: readonly EcrRepository[]): void {
    new EcrReplicationConfiguration(this, 'copied-images', {
      replicationConfiguration: {
        rule: [
          {
            destination: [{ region, registryId }],
            repositoryFilter: applications.map(({ name }) => ({ filter: name, filterType: 'PREFIX_MATCH' })),
          },
        ],
      },
      // Otherwise ECR creates them there, with tags that can be moved.
      dependsOn: [...repositories],
    });
  }

  /**
   * @param readers other accounts, whose nodes pull the same images
   * @param provider of the second region. Without it, the repository is in the stack's own.
   */
  #repository(name: string, readers: readonly Account[], provider?: TerraformProvider): EcrRepository {
    const [id, at] = provider ? [`second-${name}`, { provider }] : [name, {}];
    const repository = new EcrRepository(this, id, {
      ...at,
      name,
      // Tags are immutable; only `latest` moves.
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilter: [{ filter: 'latest', filterType: 'WILDCARD' }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'AES256' }],
    });
    new EcrLifecyclePolicy(this, `${id}-lifecycle`, {
      ...at,
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
      new EcrRepositoryPolicy(this, `${id}-readers`, {
        ...at,
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
