import { Construct } from 'constructs';
import { githubEnvironments, imagesRole } from 'platform';
import { GithubRole } from './github-role.ts';

export interface ImagesRoleProps {
  readonly oidcProviderArn: string;
  /** `repo:OWNER/NAME`, or GitHub's newer form with numbers. */
  readonly subjectPrefix: string;
  readonly repositoryArns: readonly string[];
}

/** Pushes the applications' images from the delivery branches. An image has no effect until it is released. */
export class ImagesRole extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { oidcProviderArn, repositoryArns, subjectPrefix }: ImagesRoleProps) {
    super(scope, id);
    this.arn = new GithubRole(this, 'role', {
      name: imagesRole,
      description: 'Pushes images of the applications',
      oidcProviderArn,
      subjects: [`${subjectPrefix}:environment:${githubEnvironments.images}`],
      managedPolicies: [],
      statements: [
        { actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
        { actions: pushActions, resources: repositoryArns },
      ],
    }).arn;
  }
}

/** Pushes an image, and checks whether it already exists. */
const pushActions = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:DescribeImages',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];
