/** Stand-ins for the AWS CLI: shell scripts that give fixed answers. */
import { teamsOf } from 'platform';
import { applications } from 'platform/applications';

export const administrator = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';

const teams = teamsOf(applications, []);
/** Settings with which nothing is missing in the account of `aws`. */
export const completeSettings = {
  INFRA_ACCOUNT_ID: '123456789012',
  INFRA_STATE_BUCKET: 'own-state',
  INFRA_CLUSTER_API_CIDRS: '{"dev": ["198.51.100.7/32"], "prd": ["198.51.100.7/32"]}',
  INFRA_GITHUB: '{"repository": "owner/name"}',
  INFRA_CLUSTER_ADMINS: 'arn:aws:iam::123456789012:role/Administrator',
  INFRA_ALERTS: JSON.stringify(Object.fromEntries(teams.map((team) => [team, [`${team}@example.org`]]))),
};

/** An account in which nothing is missing but quotas, and nothing is deployed. */
export const aws = (arn: string, getRole = 'exit 254') => `case "$*" in
  *env:/prd/*) exit 254;;
  *head-object*) echo '{}';;
  *get-caller-identity*) echo '{"Account": "123456789012", "Arn": "${arn}"}';;
  *get-role*) ${getRole};;
  *describe-db-instances*) echo 'An error occurred (DBInstanceNotFound)' >&2; exit 254;;
  *service-quota*) echo '{"Quota": {"Value": 5}}';;
esac`;

/** The same with enough quota. First it gives the answer whose key is a part of the arguments: JSON, or a script. */
export function answering(answers: Record<string, object | string>): string {
  const cases = Object.entries(answers).map(
    ([part, answer]) =>
      `*"${part}"*) ${typeof answer === 'string' ? answer : `echo '${JSON.stringify(answer)}'`}; exit;;`,
  );
  return `case "$*" in\n${cases.join('\n')}\nesac\n${aws(administrator).replace('"Value": 5', '"Value": 64')}`;
}
