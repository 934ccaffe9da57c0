/** Stand-ins for the AWS CLI: shell scripts that give fixed answers. */

export const administrator = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';

/** An account in which nothing is missing but quotas. */
export const aws = (arn: string, getRole = 'exit 254') => `case "$*" in
  *env:/prd/*) exit 254;;
  *head-object*) echo '{}';;
  *get-caller-identity*) echo '{"Account": "123456789012", "Arn": "${arn}"}';;
  *get-role*) ${getRole};;
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
