import { names } from 'platform';
import { texts } from '../command-texts.ts';
import type { Caller } from '../prerequisites.ts';
import type { Ask } from './aws.ts';
import { blocksBootstrap, blocksDeployment, type Check } from './finding.ts';

const text = texts.doctor;

/** Whether the credentials are those of the account, of a person or role, and may use the cluster. */
export const checkCaller: Check = async ({ account, ask, asked, caller }) => {
  const { clusterAdmins, id } = account;
  const { Account, Arn } = caller;
  const other = id && Account !== id ? [blocksBootstrap(text.otherAccount(Account, id))] : [];
  if (isRoot(Arn)) return [...other, blocksBootstrap(text.root)];
  const role = roleOf(Arn);
  if (role === undefined) return clusterAdmins.includes(Arn) ? other : [...other, blocksDeployment(text.notAdmin(Arn))];
  // A session's ARN lacks the path of its role, which those of AWS SSO have. A name is unique in its account.
  const isSame = (arn: string) => arn.startsWith(`arn:aws:iam::${Account}:role/`) && arn.split('/').at(-1) === role;
  const isKnown = clusterAdmins.some(isSame) || asked.some((name) => names(name).role('apply') === role);
  return isKnown ? other : [...other, blocksDeployment(text.notAdmin(await principalOf(caller, ask)))];
};

/** ARN of the caller's user or role, with its path, as IAM and access entries need it. */
export async function principalOf({ Account, Arn }: Caller, ask: Ask): Promise<string> {
  const role = roleOf(Arn);
  if (role === undefined) return Arn;
  const found = await ask<unknown>('iam', 'get-role', '--role-name', role, '--query', 'Role.Arn');
  return typeof found === 'string' ? found : `arn:aws:iam::${Account}:role/${role}`;
}

const isRoot = (arn: string): boolean => arn.endsWith(':root');

const roleOf = (arn: string): string | undefined => /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
