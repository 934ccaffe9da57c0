import { serviceAccounts } from 'platform';
import { texts } from './delivery-texts.ts';
import { say } from './github.ts';
import { get, kubectl, namespace } from './kubectl.ts';
import type { Manifest } from './manifests.ts';

/**
 * Kinds of which a release deletes what left the manifests. Deployments, services and target group bindings are what
 * serves: a person deletes those.
 */
const pruned = ['serviceaccounts', 'horizontalpodautoscalers', 'poddisruptionbudgets', 'networkpolicies'];

/** Deletes an application's objects that its manifests no longer contain. */
export async function prune(application: string, manifests: readonly Manifest[]): Promise<void> {
  const names: string[] = [serviceAccounts.application(application), serviceAccounts.migration(application)];
  const wanted = new Set(manifests.map(nameOf));
  const { items = [] } = (await get<{ items: Manifest[] }>(pruned.join(','), namespace)) ?? {};
  for (const object of items) {
    if (!names.includes(object.metadata.name) || wanted.has(nameOf(object))) continue;
    await kubectl(['delete', nameOf(object), namespace, '--ignore-not-found']);
    say(texts.release.pruned(nameOf(object)));
  }
}

const nameOf = ({ kind, metadata }: Manifest): string => `${kind.toLowerCase()}/${metadata.name}`;
