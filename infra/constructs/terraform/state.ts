import { S3Backend, type TerraformStack, TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';
import { stateKey } from 'platform';

export interface StateProps {
  readonly bucket: string;
  readonly region: string;
  readonly workspace: string;
}

/**
 * Keeps the environment's state in its own workspace of the bucket, and refuses any other workspace. So the dev stack
 * cannot change prd, whichever workspace is selected.
 */
export class State extends Construct {
  constructor(scope: TerraformStack, id: string, { bucket, region, workspace }: StateProps) {
    super(scope, id);
    const backend = new S3Backend(scope, { bucket, region, key: stateKey, encrypt: true });
    // S3's native lock; the bindings do not have it yet. Locking with DynamoDB is deprecated.
    backend.addOverride('use_lockfile', true);

    // A variable's validation runs first, and on destroy too. Conditions of resources are not checked on destroy.
    const guard = new TerraformVariable(this, 'workspace', {
      type: 'string',
      default: workspace,
      description: 'The only workspace of this stack. Do not set.',
    });
    guard.overrideLogicalId('workspace');
    guard.addValidation({
      condition: `\${var.workspace == "${workspace}" && terraform.workspace == "${workspace}"}`,
      errorMessage: `This stack is ${workspace} and the workspace is \${terraform.workspace}: nothing was changed. Select the workspace ${workspace} first.`,
    });
  }
}
