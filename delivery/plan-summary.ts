import type { EnvironmentName } from 'platform';
import { texts } from './delivery-texts.ts';
import { changesAnything, changesOf, type Kind, kinds, type Plan, type Planned } from './planned-changes.ts';

const text = texts.plan;

/** Characters. GitHub refuses comments longer than 65,536, and the plan is only part of the comment. */
export const longestInComment = 40_000;

/** Resources whose content cannot be recreated, and what is lost with each. */
const dataOf: Readonly<Record<string, string>> = text.lost;

/**
 * Describes a plan in Markdown, for people who do not read Terraform. It has only names, because values may be secret.
 *
 * @param isDestroy whether the plan deletes the whole environment
 * @param longest characters; a longer summary is returned without its lists
 */
export function summarise(
  plan: Plan,
  environment: EnvironmentName,
  { isDestroy = false, longest = Number.POSITIVE_INFINITY }: { isDestroy?: boolean; longest?: number } = {},
): string {
  const changes = changesOf(plan);
  const title = `### ${text.title(environment)}`;
  if (changes.length === 0) return `${title}\n\n${changesAnything(plan) ? text.onlyOutputs : text.nothing}`;
  const losses = changes.filter(({ kind, type }) => (kind === 'delete' || kind === 'replace') && type in dataOf);
  const sections = [
    title,
    ...(isDestroy ? [`**${text.destroysAll(environment)}**`] : []),
    counts(changes),
    ...(losses.length > 0 ? [[`**${text.losesData}**`, ...losses.map(loss)].join('\n')] : []),
    ...kinds.flatMap((kind) => list(kind, changes)),
  ];
  const all = sections.join('\n\n');
  return all.length <= longest
    ? all
    : `${sections.filter((section) => !section.startsWith('<')).join('\n\n')}\n\n${text.tooLong}`;
}

function counts(changes: readonly Planned[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const count = (kind: Kind) => changes.filter((change) => change.kind === kind).length;
  const shown = kinds.filter((kind) => kind !== 'forget' || count(kind) > 0);
  return [row(shown.map((kind) => text.kinds[kind])), row(shown.map(() => '---:')), row(shown.map(count))].join('\n');
}

function loss({ address, kind, type }: Planned): string {
  const what = kind === 'replace' ? text.replaces : text.deletes;
  return `- **${what} \`${readable(address)}\`: ${dataOf[type]}**`;
}

function list(kind: Kind, changes: readonly Planned[]): string[] {
  const lines = changes.filter((change) => change.kind === kind).map(({ address }) => `- \`${readable(address)}\``);
  if (lines.length === 0) return [];
  return [
    [`<details><summary>${text.kinds[kind]}: ${lines.length}</summary>`, '', ...lines, '', '</details>'].join('\n'),
  ];
}

/** Removes the hash of eight digits that CDKTF appends to each name. */
function readable(address: string): string {
  return address.replaceAll(/_[0-9A-F]{8}(?=$|\[)/g, '');
}
