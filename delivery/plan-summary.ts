import type { EnvironmentName } from 'platform';
import { texts } from './delivery-texts.ts';
import type { Difference } from './differences.ts';
import { changesAnything, changesOf, isGone, type Kind, kinds, type Plan, type Planned } from './planned-changes.ts';
import { holdsData, type Risk, risksOf } from './risks.ts';

const text = texts.plan;

/** Characters. GitHub refuses comments longer than 65,536, and the plan is only part of the comment. */
export const longestInComment = 40_000;

/** Characters of a value. A longer one is cut. */
const longestValue = 200;

/** How much of each change the summary shows. */
type Detail = 'values' | 'names' | 'counts';

/**
 * Describes a plan in Markdown, for people who do not read Terraform: which resources it changes, which of their values,
 * why it replaces one, what users notice, what is lost. Secret values and e-mail addresses are left out.
 *
 * @param isDestroy whether the plan deletes the whole environment
 * @param longest characters; a longer summary is returned without its values, or without its lists
 */
export function summarise(
  plan: Plan,
  environment: EnvironmentName,
  { isDestroy = false, longest = Number.POSITIVE_INFINITY }: { isDestroy?: boolean; longest?: number } = {},
): string {
  const changes = changesOf(plan);
  const risks = risksOf(changes);
  const title = `### ${risks.length > 0 ? '🔴 ' : ''}${text.title(environment)}`;
  if (changes.length === 0) return `${title}\n\n${changesAnything(plan) ? text.onlyOutputs : text.nothing}`;
  const inDetail = (detail: Detail) =>
    [
      title,
      ...(isDestroy ? [`**${text.destroysAll(environment)}**`] : []),
      ...risksSection(risks),
      counts(changes),
      ...lossesSection(changes),
      ...noticesSection(changes),
      ...(detail === 'counts' ? [] : kinds.flatMap((kind) => list(kind, changes, detail))),
      ...(detail === 'values' ? [] : [text.tooLong]),
    ].join('\n\n');
  const fitting = (['values', 'names'] as const).map(inDetail).find((summary) => summary.length <= longest);
  return fitting ?? inDetail('counts');
}

function risksSection(risks: readonly Risk[]): string[] {
  if (risks.length === 0) return [];
  const lines = risks.map(({ address, policy }) => `- \`${readable(address)}\`: ${text.risks.policies[policy]}`);
  return [[`**${text.risks.title}**`, ...lines].join('\n')];
}

function counts(changes: readonly Planned[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const count = (kind: Kind) => changes.filter((change) => change.kind === kind).length;
  const always: readonly Kind[] = ['create', 'update', 'replace', 'delete'];
  const shown = kinds.filter((kind) => always.includes(kind) || count(kind) > 0);
  return [row(shown.map((kind) => text.kinds[kind])), row(shown.map(() => '---:')), row(shown.map(count))].join('\n');
}

function lossesSection(changes: readonly Planned[]): string[] {
  const losses = changes.flatMap(({ address, kind, type }) => {
    if (!holdsData(type) || !isGone(kind)) return [];
    const what = kind === 'replace' ? text.replaces : text.deletes;
    return `- **${what} \`${readable(address)}\`: ${text.lost[type]}**`;
  });
  return losses.length > 0 ? [[`**${text.losesData}**`, ...losses].join('\n')] : [];
}

/** What users notice of replaced and deleted resources. */
function noticesSection(changes: readonly Planned[]): string[] {
  const notices = changes.flatMap(({ address, kind, type }) =>
    isGone(kind) && isNoticed(type) ? `- \`${readable(address)}\`: ${text.noticed[type]}` : [],
  );
  return notices.length > 0 ? [[`**${text.usersNotice}**`, ...notices].join('\n')] : [];
}

const isNoticed = (type: string): type is keyof typeof text.noticed => type in text.noticed;

function list(kind: Kind, changes: readonly Planned[], detail: Detail): string[] {
  const found = changes.filter((change) => change.kind === kind);
  if (found.length === 0) return [];
  const items = found.flatMap((change) => [item(change), ...(detail === 'values' ? values(change) : [])]);
  return [
    [`<details><summary>${text.kinds[kind]}: ${found.length}</summary>`, '', ...items, '', '</details>'].join('\n'),
  ];
}

function item({ address, previousAddress, reason, replacedFor }: Planned): string {
  const because = replacedFor.length > 0 ? replacedFor.map(code).join(', ') : reason && code(reason);
  return [
    `- \`${readable(address)}\``,
    ...(previousAddress ? [text.movedFrom(readable(previousAddress))] : []),
    ...(because ? [text.because(because)] : []),
  ].join(', ');
}

/** What an update or a replacement changes. A new resource is its whole definition, which is in the code. */
function values({ differences, kind }: Planned): string[] {
  if (kind !== 'update' && kind !== 'replace') return [];
  return differences
    .filter((difference) => kind === 'update' || difference.kind !== 'unknown')
    .map((difference) => `  - ${code(difference.path)}: ${valuesOf(difference)}`);
}

function valuesOf(difference: Difference): string {
  if (difference.kind === 'secret') return text.secret;
  if (difference.kind === 'unknown') return text.knownLater;
  const { after, before } = difference;
  if (after === undefined) return text.removed(value(before));
  return before === undefined ? value(after) : `${value(before)} → ${value(after)}`;
}

function value(given: unknown): string {
  const whole = (typeof given === 'string' ? given : JSON.stringify(given)).replaceAll(/[\w.+-]+@[\w.-]+/g, text.email);
  return code(whole.length > longestValue ? `${whole.slice(0, longestValue)}…` : whole);
}

/** In Markdown, a line break or a backtick would end the code. */
function code(given: string): string {
  return `\`${given.replaceAll(/\s+/g, ' ').replaceAll('`', "'") || ' '}\``;
}

/** Removes the hash of eight digits that CDKTF appends to each name. */
function readable(address: string): string {
  return address.replaceAll(/_[0-9A-F]{8}(?=$|\[)/g, '');
}
