import type { EnvironmentName } from 'platform';
import { texts } from './delivery-texts.ts';
import { changesAnything, changesOf, type Kind, kinds, type Plan, type Planned } from './planned-changes.ts';

const text = texts.plan;

/** Characters: GitHub refuses a comment of more than 65,536, and the plan is not all of it. */
export const longestInComment = 40_000;

/** Resources that hold what cannot be made again, and what is lost with each. */
const dataOf: Readonly<Record<string, string>> = text.lost;

/**
 * What a plan would do, in Markdown, for people who do not read Terraform. Names alone, for values may be secret.
 *
 * @param isDestroy whether the plan is to delete the whole environment
 * @param longest characters: what is longer is told without its lists
 */
export function summarise(
  plan: Plan,
  environment: EnvironmentName,
  { isDestroy = false, longest = Number.POSITIVE_INFINITY }: { isDestroy?: boolean; longest?: number } = {},
): string {
  const changes = changesOf(plan);
  const title = `### ${text.title(environment)}`;
  if (changes.length === 0) return `${title}\n\n${changesAnything(plan) ? text.outputsAlone : text.nothing}`;
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

/** CDKTF ends each name with eight digits of a hash, which tell nobody anything. */
function readable(address: string): string {
  return address.replaceAll(/_[0-9A-F]{8}(?=$|\[)/g, '');
}
