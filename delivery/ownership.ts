import { get, kubectl, namespace, releaseManager } from './kubectl.ts';

/** An entry of `managedFields`: which fields a manager has set. */
interface Entry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  readonly fieldsV1?: Fields;
}

/** Nested field names, such as `f:spec`. */
interface Fields {
  readonly [field: string]: Fields;
}

interface Managed {
  readonly metadata: { readonly managedFields?: readonly Entry[]; readonly resourceVersion: string };
}

/**
 * Makes the release the owner of everything in the deployment's pod template that others have set: `kubectl rollout
 * undo`, `set image` or `edit`. A server-side apply removes a field that left the manifest only if nobody else owns it.
 * Without this, a field that a rollback brought back would stay for ever (kubernetes/kubernetes issue 112826). It
 * changes only the ownership, so no pod restarts.
 */
export async function ownTemplate(application: string): Promise<void> {
  const deployment = await get<Managed>('deployment', application, namespace, '--show-managed-fields');
  const entries = deployment?.metadata.managedFields ?? [];
  const own = entries.find(({ manager, operation }) => manager === releaseManager && operation === 'Apply');
  const templates = entries.flatMap((entry) => (isForeign(entry) ? [templateOf(entry)] : []));
  if (!deployment || !own || templates.length === 0) return;
  const template = templates.reduce<Fields>((all, some) => merge(all, some ?? {}), templateOf(own) ?? {});
  const managedFields = entries.map((entry) => {
    if (entry === own) return withTemplate(entry, { 'f:template': template });
    return isForeign(entry) ? withTemplate(entry, {}) : entry;
  });
  const patch = [
    { op: 'test', path: '/metadata/resourceVersion', value: deployment.metadata.resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
  ];
  await kubectl(['patch', 'deployment', application, namespace, '--type=json', `--patch=${JSON.stringify(patch)}`]);
}

/** Whether a person or `rollout undo` has set fields of the template. Controllers change only status and scale. */
function isForeign(entry: Entry): boolean {
  return entry.operation === 'Update' && !entry.subresource && templateOf(entry) !== undefined;
}

function templateOf({ fieldsV1 }: Entry): Fields | undefined {
  return fieldsV1?.['f:spec']?.['f:template'];
}

/** The entry with another template in its `spec`, or with none. */
function withTemplate(entry: Entry, template: Fields): Entry {
  const { 'f:template': _, ...spec } = entry.fieldsV1?.['f:spec'] ?? {};
  return { ...entry, fieldsV1: { ...entry.fieldsV1, 'f:spec': { ...spec, ...template } } };
}

function merge(one: Fields, other: Fields): Fields {
  const merged: Record<string, Fields> = { ...one };
  for (const [field, below] of Object.entries(other)) merged[field] = merge(one[field] ?? {}, below);
  return merged;
}
