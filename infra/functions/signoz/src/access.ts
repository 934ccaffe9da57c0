import type { Signoz } from './signoz.ts';

export interface RootUser {
  readonly email: string;
  readonly password: string;
  /** Id of the organisation. */
  readonly organisation: string;
}

/** Name of the service account. SigNoz gives it an e-mail address that begins with it, also if it is made again. */
export const accountName = 'repository';
/** SigNoz's own role. Only administrators may change channels. */
const roleName = 'signoz-admin';
/** Seconds that a key is valid, if the job is killed before it deletes it. */
const keyLife = 3_600;

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * Works with an API key of a service account, which exists only meanwhile, so that no long-lived key is stored anywhere.
 * A user's token would not do: with it, SigNoz refuses to remove more than one panel of a dashboard.
 */
export async function withKey<Result>(
  signoz: Signoz,
  user: RootUser,
  work: (signoz: Signoz) => Promise<Result>,
): Promise<Result> {
  const { email, organisation: orgId, password } = user;
  const { accessToken } = await signoz.post<{ accessToken: string }>('/api/v2/sessions/email_password', {
    email,
    password,
    orgId,
  });
  const root = signoz.with({ authorization: `Bearer ${accessToken}` });
  const account = `/api/v1/service_accounts/${await accountOf(root)}`;
  await giveRole(root, account);
  const keys = `${account}/keys`;
  // Of runs that were killed.
  for (const { id } of (await root.get<Named[] | null>(keys)) ?? []) await root.delete(`${keys}/${id}`);
  const now = Date.now();
  const { id, key } = await root.post<{ id: string; key: string }>(keys, {
    name: `run-${now}`,
    expiresAt: Math.floor(now / 1_000) + keyLife,
  });
  try {
    return await work(signoz.with({ 'signoz-api-key': key }));
  } finally {
    await root.delete(`${keys}/${id}`);
  }
}

async function accountOf(root: Signoz): Promise<string> {
  const accounts = (await root.get<(Named & { status: string })[] | null>('/api/v1/service_accounts')) ?? [];
  // Deleted accounts stay in the list.
  const existing = accounts.find(({ name, status }) => name === accountName && status === 'active');
  return existing?.id ?? (await root.post<Named>('/api/v1/service_accounts', { name: accountName })).id;
}

async function giveRole(root: Signoz, account: string): Promise<void> {
  const given = (await root.get<Named[] | null>(`${account}/roles`)) ?? [];
  if (given.some(({ name }) => name === roleName)) return;
  const role = ((await root.get<Named[] | null>('/api/v1/roles')) ?? []).find(({ name }) => name === roleName);
  if (role === undefined) throw new Error(`SigNoz has no role ${roleName}.`);
  await root.post(`${account}/roles`, { id: role.id });
}
