import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change, Values } from '../rules/index.ts';
import { mappings } from '../rules/registry/mapping.ts';
import { type Calls, calls, dataCalls, isCalled } from './calls.ts';

export type Handlers = Required<Calls>;

/** The file actions.json. */
export interface Actions {
  readonly source: {
    readonly package: string;
    /** When the schemas were published. */
    readonly schemas: string;
    readonly extracted: string;
    readonly about: string;
  };
  /** Actions of handlers that IAM does not know. */
  readonly unknown: readonly string[];
  /** By type of the CloudFormation registry. */
  readonly handlers: Readonly<Record<string, Handlers>>;
  /** By action, the kinds of resources that it is about, such as `ec2:vpc`. Empty if it is about none. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
  /** By kind of resource, the ARN as a pattern. */
  readonly formats: Readonly<Record<string, string>>;
}

export const actions: Actions = JSON.parse(readFileSync(join(import.meta.dirname, 'actions.json'), 'utf8'));

/** The actions that a change needs, without those for reading. Undefined if they are not known. */
export function actionsOf(change: Change): readonly string[] | undefined {
  const found = callsOf(change.type);
  return found && (found[change.action] ?? []).filter((action) => isCalled(action, change));
}

/** The actions that Terraform needs to read a resource. Undefined if they are not known. */
export function readingActionsOf(type: string, values: Values): readonly string[] | undefined {
  const change: Change = { action: 'update', phase: 'apply', type, before: values, after: values };
  const found = callsOf(type);
  return found && (found.read ?? []).filter((action) => isCalled(action, change));
}

/** The actions that a data source needs. Undefined if they are not known. */
export const dataActionsOf = (type: string): readonly string[] | undefined => dataCalls[type]?.read;

/** The document that names the actions of a type. */
export function sourceOf(type: string): string {
  const file = (calls[type] ?? dataCalls[type])?.source;
  return file === undefined
    ? `permissions of the handlers of ${mappings[type]?.type} in the CloudFormation registry`
    : `internal/service/${file} of hashicorp/terraform-provider-aws`;
}

function callsOf(type: string): Calls | undefined {
  return calls[type] ?? actions.handlers[mappings[type]?.type ?? ''];
}
