import type { Block, Synthesised } from './terraform.ts';

/** Kinds that the infrastructure creates in namespaces, in the order in which they can be applied. */
const kinds: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string }>> = {
  kubernetes_namespace_v1: { apiVersion: 'v1', kind: 'Namespace' },
  kubernetes_resource_quota_v1: { apiVersion: 'v1', kind: 'ResourceQuota' },
  kubernetes_limit_range_v1: { apiVersion: 'v1', kind: 'LimitRange' },
  kubernetes_config_map_v1: { apiVersion: 'v1', kind: 'ConfigMap' },
  kubernetes_network_policy_v1: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  kubernetes_role_v1: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  kubernetes_role_binding_v1: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
};

/** Repeated blocks, whose Terraform names are singular. */
const plurals: Readonly<Record<string, string>> = { limit: 'limits', rule: 'rules', subject: 'subjects' };
/** Maps with arbitrary keys, which must not be converted to camel case. */
const maps = new Set(['annotations', 'data', 'default', 'default_request', 'hard', 'labels', 'match_labels', 'max']);
/** Terraform's own fields, which are not part of the Kubernetes object. */
const terraformFields = new Set(['//', 'address', 'depends_on', 'lifecycle', 'timeouts']);

/**
 * A namespace and everything that the infrastructure creates in it, as Kubernetes objects, for tests that apply them to
 * a cluster.
 *
 * @param computed returns a stand-in for a value that only AWS knows, given Terraform's reference to it, such as
 *   `aws_db_instance.database_instance_1234.address`
 * @throws Error if a resource in the namespace has an unknown kind
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
  if (unknown) throw new Error(`Unknown kind ${unknown.type}: add it to infra/test/support/manifests.ts`);
  const value = (text: string) => text.replaceAll(/\$\{([^}]*)\}/g, (_, reference: string) => computed(reference));
  return Object.entries(kinds).flatMap(([type, kind]) =>
    inside.filter((found) => found.type === type).map(({ block }) => ({ ...kind, ...object(block, value) })),
  );
}

function object(block: Block, value: (text: string) => string): Block {
  const fields = Object.entries(block).filter(([name]) => !terraformFields.has(name));
  return Object.fromEntries(
    fields.map(([name, field]) => [
      plurals[name] ?? camelCase(name),
      // Terraform's provider accepts port numbers as strings; Kubernetes would take a string for a port name.
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
