import { S3Backend, type TerraformStack, TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';
import { stateKey } from 'platform';

export interface StateProps {
  readonly bucket: string;
  readonly region: string;
  readonly workspace: string;
}

/**
 * The environment's state in its own workspace of one bucket, and the refusal of any other: a stack of dev never touches
 * what is prd's, whatever workspace somebody has selected.
 */
export class State extends Construct {
  constructor(scope: TerraformStack, id: string, { bucket, region, workspace }: StateProps) {
    super(scope, id);
    const backend = new S3Backend(scope, { bucket, region, key: stateKey, encrypt: true });
    // S3's own lock, which the bindings do not know yet; a table in DynamoDB is deprecated.
    backend.addOverride('use_lockfile', true);

    // Conditions of resources are not looked at on destroy; those of variables are, always, and before anything else.
    const guard = new TerraformVariable(this, 'workspace', {
      type: 'string',
      default: workspace,
      description: 'The only workspace that this stack may touch. Not to be set.',
    });
    guard.overrideLogicalId('workspace');
    guard.addValidation({
      condition: `\${var.workspace == "${workspace}" && terraform.workspace == "${workspace}"}`,
      errorMessage: `This stack is ${workspace} and the workspace is \${terraform.workspace}: nothing was touched. Run: terraform workspace select ${workspace}`,
    });
  }
}
