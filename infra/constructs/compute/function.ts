import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { LambdaFunction, type LambdaFunctionConfig } from '@cdktf/provider-aws/lib/lambda-function/index.js';
import { AssetType, TerraformAsset } from 'cdktf';
import type { Construct } from 'constructs';
import { logRetentionDays } from '../../environments/environment.ts';
import { type Bundle, bundle } from '../../functions/bundle.ts';
import type { ServiceRole } from '../identity/service-role.ts';

export interface FunctionProps {
  readonly name: string;
  readonly description: string;
  readonly code: Bundle;
  readonly log: CloudwatchLogGroup;
  readonly role: ServiceRole;
  readonly variables: Readonly<Record<string, string>>;
  readonly vpcConfig?: NonNullable<LambdaFunctionConfig['vpcConfig']>;
}

/** The log of a function. Otherwise Lambda creates it, with no expiry, and leaves it behind on destroy. */
export function makeLog(scope: Construct, functionName: string): CloudwatchLogGroup {
  return new CloudwatchLogGroup(scope, 'log', {
    name: `/aws/lambda/${functionName}`,
    retentionInDays: logRetentionDays,
  });
}

/** A Lambda function from this repository, of which a scope has one. */
export function makeFunction(scope: Construct, props: FunctionProps): LambdaFunction {
  const { description, log, name, role, variables, vpcConfig } = props;
  const code = new TerraformAsset(scope, 'code', { path: bundle(props.code), type: AssetType.ARCHIVE });
  return new LambdaFunction(scope, 'function', {
    functionName: name,
    description,
    role: role.arn,
    runtime: 'nodejs24.x',
    architectures: ['arm64'],
    handler: 'index.handler',
    filename: code.path,
    sourceCodeHash: code.assetHash,
    memorySize: 256,
    timeout: 30,
    ...(vpcConfig && { vpcConfig }),
    environment: { variables: { ...variables } },
    dependsOn: [log, ...role.permissions],
  });
}
