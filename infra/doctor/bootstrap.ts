import { project, workspaceStateKey } from 'platform';
import { type Account, hasImages } from '../accounts.ts';
import { texts } from '../command-texts.ts';
import { githubAudience, githubIssuer } from '../constructs/identity/github-names.ts';
import { type Tag, tagOf } from '../drill/marks.ts';
import type { Settings } from '../settings.ts';
import { aws } from './aws.ts';
import { principalOf } from './caller.ts';
import { blocksBootstrap, blocksDeployment, type Check, type Finding, note } from './finding.ts';

const text = texts.doctor;

/** Whether the account has the state bucket. `unreadable` may be the bucket of another account. */
export async function findBucket(bucket: string, account: string): Promise<'exists' | 'absent' | 'unreadable'> {
  try {
    await aws('s3api', 'head-bucket', '--bucket', bucket, '--expected-bucket-owner', account);
    return 'exists';
  } catch (error) {
    return String(error).includes('(404)') ? 'absent' : 'unreadable';
  }
}

/** The bootstrap creates a workspace for each environment. */
export const checkWorkspaces: Check = async ({ account, ask, asked, isBootstrapped }) => {
  if (!isBootstrapped) return [];
  const missing = await Promise.all(
    asked.map(async (name) => {
      const key = workspaceStateKey(name);
      const head = await ask('s3api', 'head-object', '--bucket', account.stateBucket, '--key', key);
      return head === undefined ? [blocksDeployment(text.noWorkspace(name))] : [];
    }),
  );
  return missing.flat();
};

/** An account can have only one provider for GitHub's tokens, which may be there for other repositories. */
export const checkProvider: Check = async ({ ask, isBootstrapped, settings }) => {
  const answer = await ask<{ OpenIDConnectProviderList?: { Arn: string }[] }>('iam', 'list-open-id-connect-providers');
  if (answer === undefined) return [];
  const arn = answer.OpenIDConnectProviderList?.map(({ Arn }) => Arn).find((each) => each.endsWith(`/${githubIssuer}`));
  const provider =
    arn === undefined
      ? undefined
      : await ask<{ ClientIDList?: string[]; Tags?: readonly Tag[] }>(
          ...['iam', 'get-open-id-connect-provider', '--open-id-connect-provider-arn', arn],
        );
  if (settings.github.createProvider) {
    // A bootstrap that failed halfway may have created it.
    const isOwn = tagOf(provider?.Tags ?? [], 'project') === project;
    return arn !== undefined && !isBootstrapped && !isOwn ? [blocksBootstrap(text.providerExists)] : [];
  }
  if (arn === undefined) return [blocksBootstrap(text.noProvider)];
  const isRight = provider?.ClientIDList?.includes(githubAudience) ?? true;
  return isRight ? [] : [blocksBootstrap(text.noAudience(arn, githubAudience))];
};

/** Only a note: the simulation is for all resources, and a policy may allow just those with our names. */
export const checkPermissions: Check = async ({ account, ask, caller, isBootstrapped, settings }) => {
  if (isBootstrapped) return [];
  const answer = await ask<{ EvaluationResults?: { EvalActionName: string; EvalDecision: string }[] }>(
    ...['iam', 'simulate-principal-policy', '--policy-source-arn', await principalOf(caller, ask)],
    ...['--action-names', ...actionsOf(settings, account)],
  );
  const refused = answer?.EvaluationResults?.filter(({ EvalDecision }) => EvalDecision !== 'allowed') ?? [];
  return refused.length === 0 ? [] : [note(text.notPermitted(refused.map(({ EvalActionName }) => EvalActionName)))];
};

/** What the bootstrap creates, one action for each type. */
const actionsOf = (settings: Settings, account: Account): string[] => [
  ...['s3:CreateBucket', 's3:PutObject', 'iam:CreateRole', 'iam:CreatePolicy', 'iam:AttachRolePolicy'],
  ...(settings.github.createProvider ? ['iam:CreateOpenIDConnectProvider'] : []),
  ...(hasImages(settings, account) ? ['ecr:CreateRepository'] : []),
  ...(settings.domain?.createZone ? ['route53:CreateHostedZone'] : []),
];

/** The state bucket before a deployment, and names of buckets that somebody else has. */
export function checkBucket(bucket: string, found: Awaited<ReturnType<typeof findBucket>>): Finding[] {
  if (found === 'unreadable') return [blocksBootstrap(text.unreadableBucket(bucket))];
  return found === 'absent' ? [blocksDeployment(text.noBucket(bucket))] : [];
}
