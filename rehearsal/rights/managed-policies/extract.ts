/**
 * Extracts the AWS managed policies that our roles have into `policies.json`, for the simulation of permissions.
 *
 * The source is moto's copy of what IAM answers (PyPI package `moto`, Apache-2.0, file `moto/iam/aws_managed_policies.py`):
 *
 *     pip download moto --no-deps && unzip moto-*.whl
 *     node rehearsal/rights/managed-policies/extract.ts moto/iam/aws_managed_policies.py "moto 5.2.5" && pnpm fix
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names as in `arn:aws:iam::aws:policy/NAME`. */
const used = [
  'AmazonEC2ContainerRegistryPullOnly',
  'AmazonEKSClusterPolicy',
  'AmazonEKSWorkerNodePolicy',
  'AmazonEKS_CNI_Policy',
  'PowerUserAccess',
  'ReadOnlyAccess',
  'service-role/AWSLambdaVPCAccessExecutionRole',
  'service-role/AmazonEBSCSIDriverPolicy',
];

interface ManagedPolicy {
  readonly DefaultVersionId: string;
  readonly Document: object;
  readonly UpdateDate: string;
}

const [file = '', source = ''] = process.argv.slice(2);
const [, json = ''] = readFileSync(file, 'utf8').split('"""');
const all: Record<string, ManagedPolicy> = JSON.parse(json);
const policies = used.map((name) => {
  const policy = all[name.split('/').at(-1) ?? ''];
  if (!policy) throw new Error(`${file} has no policy ${name}`);
  const { DefaultVersionId: version, Document: document, UpdateDate: updated } = policy;
  return [name, { version, updated, document }];
});
writeFileSync(
  join(import.meta.dirname, 'policies.json'),
  `${JSON.stringify({ source, policies: Object.fromEntries(policies) }, null, 2)}\n`,
);
