import type { Block, Synthesised } from './terraform.ts';

/** What the infrastructure makes in namespaces, in the order in which it can be applied. */
const kinds: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string }>> = {
  kubernetes_namespace_v1: { apiVersion: 'v1', kind: 'Namespace' },
  kubernetes_resource_quota_v1: { apiVersion: 'v1', kind: 'ResourceQuota' },
  kubernetes_limit_range_v1: { apiVersion: 'v1', kind: 'LimitRange' },
  kubernetes_config_map_v1: { apiVersion: 'v1', kind: 'ConfigMap' },
  kubernetes_network_policy_v1: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  kubernetes_role_v1: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  kubernetes_role_binding_v1: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
};

/** Repeated blocks, which Terraform names in the singular. */
const plurals: Readonly<Record<string, string>> = { limit: 'limits', rule: 'rules', subject: 'subjects' };
/** Their keys are names of the user's, not of the schema's. */
const maps = new Set(['annotations', 'data', 'default', 'default_request', 'hard', 'labels', 'match_labels', 'max']);
/** Terraform's own, and no part of the object. */
const notOfTheObject = new Set(['//', 'address', 'depends_on', 'lifecycle', 'timeouts']);

/**
 * A namespace and all that the infrastructure makes in it, as objects of Kubernetes: what an application's manifests will
 * find, for tests that apply these to a cluster.
 *
 * @param computed what stands for a value that only AWS knows, by Terraform's reference to it, such as
 *   `aws_db_instance.database_instance_1234.address`
 * @throws Error for a resource in the namespace whose kind is not known here
 */
export function manifestsOf(
  synthesised: Synthesised,
  namespace: string,
  computed: (reference: string) => string = () => 'computed',
): object[] {
  const resources = synthesised.types.flatMap((type) =>
    type.startsWith('kubernetes_') ? synthesised.all(type).map((block) => ({ type, block })) : [],
  );
  const inside = resources.filter(({ type, block: { metadata } }) =>
    type === 'kubernetes_namespace_v1' ? metadata.name === namespace : metadata.namespace === namespace,
  );
  const unknown = inside.find(({ type }) => !(type in kinds));
  if (unknown) throw new Error(`${unknown.type} is of no kind that infra/test/support/manifests.ts knows`);
  const value = (text: string) => text.replaceAll(/\$\{([^}]*)\}/g, (_, reference: string) => computed(reference));
  return Object.entries(kinds).flatMap(([type, kind]) =>
    inside.filter((found) => found.type === type).map(({ block }) => ({ ...kind, ...object(block, value) })),
  );
}

function object(block: Block, value: (text: string) => string): Block {
  const fields = Object.entries(block).filter(([name]) => !notOfTheObject.has(name));
  return Object.fromEntries(
    fields.map(([name, field]) => [
      plurals[name] ?? camelCase(name),
      // Terraform's provider takes a number for a port's number, written as text or not; Kubernetes would take it for a name.
      name === 'port' && /^\d+$/.test(field) ? Number(field) : convert(field, value, maps.has(name)),
    ]),
  );
}

function convert(field: unknown, value: (text: string) => string, isMap: boolean): unknown {
  if (typeof field === 'string') return value(field);
  if (Array.isArray(field)) return field.map((item) => convert(item, value, isMap));
  if (typeof field !== 'object' || field === null) return field;
  if (!isMap) return object(field, value);
  return Object.fromEntries(Object.entries(field).map(([name, item]) => [name, convert(item, value, true)]));
}

const camelCase = (name: string) => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
