/** A statement of an IAM policy. `effect` defaults to Allow. */
export interface Statement {
  readonly effect?: 'Allow' | 'Deny';
  readonly actions?: readonly string[];
  /** All actions except these. */
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  /** All resources except these. */
  readonly notResources?: readonly string[];
  readonly principals?: Record<string, string | readonly string[]> | '*';
  readonly conditions?: Record<string, Record<string, string | readonly string[]>>;
}

/** The policy as JSON. Not a Terraform data source, because tests could not read its result. */
export function policy(statements: readonly Statement[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(
      ({ effect = 'Allow', actions, notActions, resources, notResources, principals, conditions }) => ({
        Effect: effect,
        ...(actions && { Action: actions }),
        ...(notActions && { NotAction: notActions }),
        ...(resources && { Resource: resources }),
        ...(notResources && { NotResource: notResources }),
        ...(principals && { Principal: principals }),
        ...(conditions && { Condition: conditions }),
      }),
    ),
  });
}
