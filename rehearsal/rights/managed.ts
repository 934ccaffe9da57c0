import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Policy } from './simulator.ts';

interface ManagedPolicies {
  readonly policies: Readonly<Record<string, { readonly document: object }>>;
}

const managed: ManagedPolicies = JSON.parse(
  readFileSync(join(import.meta.dirname, 'managed-policies/policies.json'), 'utf8'),
);

/** A policy that AWS manages. @param arn such as `arn:aws:iam::aws:policy/ReadOnlyAccess`. @throws Error if it is not known */
export function managedPolicy(arn: string): Policy {
  const name = arn.replace('arn:aws:iam::aws:policy/', '');
  const found = managed.policies[name];
  if (!found) throw new Error(`Add ${name} to rehearsal/rights/managed-policies/extract.ts`);
  return { name, policy: found.document };
}
