import { resolve } from 'node:path';
import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider/index.js';
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone/index.js';
import { LocalBackend, S3Backend, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { bootstrapStateKey, environmentNames, tagsOf } from 'platform';
import { applications } from 'platform/applications';
import { DeliveryRoles } from '../constructs/identity/delivery-roles.ts';
import { githubIssuer } from '../constructs/identity/github-role.ts';
import { ImagesRole } from '../constructs/identity/images-role.ts';
import { Providers } from '../constructs/terraform/providers.ts';
import { StateBucket } from '../constructs/terraform/state-bucket.ts';
import type { Settings } from '../settings.ts';

/** Where the bootstrap keeps its state while it has no bucket. */
export const localBootstrapState = resolve(import.meta.dirname, '../../bootstrap.tfstate');

/**
 * What an account has once, before any environment: the bucket of the state, the trust in GitHub, the roles of delivery.
 * Its own state begins on the machine of whoever runs it, and moves into the bucket that it made.
 */
export class BootstrapStack extends TerraformStack {
  constructor(scope: Construct, id: string, { settings }: { readonly settings: Settings }) {
    super(scope, id);
    const { github, region, stateBucket } = settings;
    if (settings.bootstrapState === 'bucket') {
      const backend = new S3Backend(this, { bucket: stateBucket, region, key: bootstrapStateKey, encrypt: true });
      backend.addOverride('use_lockfile', true);
    } else {
      new LocalBackend(this, { path: localBootstrapState });
    }
    const providers = new Providers(this, 'providers', { settings, tags: tagsOf('shared', settings.owner) });

    const bucket = new StateBucket(this, 'state', { name: stateBucket });
    const oidcProvider = new IamOpenidConnectProvider(this, 'github', {
      url: `https://${githubIssuer}`,
      clientIdList: ['sts.amazonaws.com'],
    });
    const subjectPrefix = github.subjectPrefix ?? `repo:${github.repository}`;
    if (settings.imageRegistry === 'ecr') {
      const repositories = applications.map(({ name }) => this.#repository(name));
      const images = new ImagesRole(this, 'images', {
        oidcProviderArn: oidcProvider.arn,
        subjectPrefix,
        repositoryArns: repositories.map(({ arn }) => arn),
      });
      new TerraformOutput(this, 'images_role', { value: images.arn });
    }
    for (const environment of environmentNames) {
      const roles = new DeliveryRoles(this, environment, {
        environment,
        accountId: providers.accountId,
        region,
        oidcProviderArn: oidcProvider.arn,
        subjectPrefix,
        stateBucket: bucket,
      });
      new TerraformOutput(this, `${environment}_plan_role`, { value: roles.planRoleArn });
      new TerraformOutput(this, `${environment}_apply_role`, { value: roles.applyRoleArn });
      new TerraformOutput(this, `${environment}_deploy_role`, { value: roles.deployRoleArn });
    }

    if (settings.domain?.createZone) new Route53Zone(this, 'zone', { name: settings.domain.zone });
  }

  #repository(name: string): EcrRepository {
    const repository = new EcrRepository(this, name, {
      name,
      // A tag means one image for ever; only `latest` moves on.
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilter: [{ filter: 'latest', filterType: 'WILDCARD' }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'AES256' }],
    });
    new EcrLifecyclePolicy(this, `${name}-lifecycle`, {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          // An image that an earlier rule speaks of is safe from the later ones: dev's many never push out prd's.
          {
            rulePriority: 1,
            description: 'The last 30 images of prd: enough to go back by',
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
            description: 'The last 30 of the rest',
            selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 30 },
            action: { type: 'expire' },
          },
        ],
      }),
    });
    return repository;
  }
}
