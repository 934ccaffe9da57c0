import { inLanguage, type Text } from 'command-line';
import type { EnvironmentName } from 'platform';
import { areaOf } from './areas.ts';
import type { Difference } from './differences.ts';
import { changesAnything, changesOf, isGone, type Kind, kinds, type Plan, type Planned } from './planned-changes.ts';
import { beginning, inBoth } from './report.ts';
import { reportTexts } from './report-texts.ts';
import { acceptedRisk, holdsData, type Risk, risksOf } from './risks.ts';

const text = reportTexts.plan;

/** Characters in one language. A comment has both, and more besides the plan. */
export const longestInComment = 20_000;

/** Characters of a value. A longer one is cut. */
const longestValue = 200;

/** How much of each change the summary shows. */
type Detail = 'values' | 'names' | 'counts';

/**
 * Describes a plan in Markdown, for people who do not read Terraform: which resources it changes, which of their values,
 * why it replaces one, what users notice, what is lost. Secret values and e-mail addresses are left out.
 *
 * @param isDestroy whether the plan deletes the whole environment
 * @param longest characters in one language; a longer summary is returned without its values, or without its lists
 */
export function summarise(
  plan: Plan,
  environment: EnvironmentName,
  { isDestroy = false, longest = Number.POSITIVE_INFINITY }: { isDestroy?: boolean; longest?: number } = {},
): Text {
  const changes = changesOf(plan);
  const risks = risksOf(plan);
  return inBoth((language) => {
    const say = (given: Text) => inLanguage(given, language);
    const title = `### ${risks.length > 0 ? '🔴 ' : ''}${say(text.title(environment))}`;
    if (changes.length === 0) return `${title}\n\n${say(changesAnything(plan) ? text.onlyOutputs : text.nothing)}`;
    const inDetail = (detail: Detail) =>
      [
        title,
        ...(isDestroy ? [`**${say(text.destroysAll(environment))}**`] : []),
        ...risksSection(risks, say),
        counts(changes, say),
        `${say(text.where)}: ${areasOf(changes, say)}.`,
        ...lossesSection(changes, say),
        ...(isDestroy ? [] : noticesSection(changes, say)),
        ...(detail === 'counts' ? [] : kinds.flatMap((kind) => list(kind, changes, detail, say))),
        ...(detail === 'values' ? [] : [say(text.tooLong)]),
      ].join('\n\n');
    const fitting = (['values', 'names'] as const).map(inDetail).find((summary) => summary.length <= longest);
    return fitting ?? inDetail('counts');
  });
}

/** Gives a text in the language of the summary. */
type Say = (text: Text) => string;

function risksSection(risks: readonly Risk[], say: Say): string[] {
  if (risks.length === 0) return [];
  // What is lost has its own list.
  const lines = risks.map(({ address, policy }) =>
    policy === 'dataLost' ? say(text.policies.dataLost) : `${named([address])}: ${say(text.policies[policy])}`,
  );
  return [`**${say(text.risky(acceptedRisk))}**\n\n${[...new Set(lines)].map((line) => `- ${line}`).join('\n')}`];
}

function counts(changes: readonly Planned[], say: Say): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const count = (kind: Kind) => changes.filter((change) => change.kind === kind).length;
  const always: readonly Kind[] = ['create', 'update', 'replace', 'delete'];
  const shown = kinds.filter((kind) => always.includes(kind) || count(kind) > 0);
  return [row(shown.map((kind) => say(text.kinds[kind]))), row(shown.map(() => '---:')), row(shown.map(count))].join(
    '\n',
  );
}

/** How many resources of which part of the infrastructure change, the largest number first. */
function areasOf(changes: readonly Planned[], say: Say): string {
  const found = Map.groupBy(changes, ({ type }) => areaOf(type));
  return [...found]
    .toSorted(([, some], [, others]) => others.length - some.length)
    .map(([area, { length }]) => `${say(text.areas[area])} (${length})`)
    .join(', ');
}

function lossesSection(changes: readonly Planned[], say: Say): string[] {
  const losses = changes.flatMap(({ address, kind, type }) =>
    holdsData(type) && isGone(kind)
      ? { address, verb: say(kind === 'replace' ? text.replaces : text.deletes), what: say(text.lost[type]) }
      : [],
  );
  const lines = [...Map.groupBy(losses, ({ verb, what }) => `${verb} ${what}`).values()].map((same) => {
    const [{ verb, what } = { verb: '', what: '' }] = same;
    return `- **${verb} ${named(same.map(({ address }) => address))}: ${what}**`;
  });
  return lines.length > 0 ? [`**${say(text.losesData)}**\n\n${lines.join('\n')}`] : [];
}

/** What users notice of replaced and deleted resources. */
function noticesSection(changes: readonly Planned[], say: Say): string[] {
  const notices = changes.flatMap(({ address, kind, type }) =>
    isGone(kind) && isNoticed(type) ? { address, what: say(text.noticed[type]) } : [],
  );
  const lines = [...Map.groupBy(notices, ({ what }) => what)].map(
    ([what, same]) => `- ${named(same.map(({ address }) => address))}: ${what}`,
  );
  return lines.length > 0 ? [`**${say(text.usersNotice)}**\n\n${lines.join('\n')}`] : [];
}

/** Addresses that share a line. */
function named(addresses: readonly string[]): string {
  return addresses.map((address) => `\`${readable(address)}\``).join(', ');
}

const isNoticed = (type: string): type is keyof typeof text.noticed => type in text.noticed;

function list(kind: Kind, changes: readonly Planned[], detail: Detail, say: Say): string[] {
  const found = changes.filter((change) => change.kind === kind);
  if (found.length === 0) return [];
  const items = found.flatMap((change) => [item(change, say), ...(detail === 'values' ? values(change, say) : [])]);
  return [
    [`<details><summary>${say(text.kinds[kind])}: ${found.length}</summary>`, '', ...items, '', '</details>'].join(
      '\n',
    ),
  ];
}

function item({ address, previousAddress, reason, replacedFor }: Planned, say: Say): string {
  const because = replacedFor.length > 0 ? replacedFor.map(code).join(', ') : reason && code(reason);
  return [
    `- \`${readable(address)}\``,
    ...(previousAddress ? [say(text.movedFrom(readable(previousAddress)))] : []),
    ...(because ? [say(text.because(because))] : []),
  ].join(', ');
}

/** What an update or a replacement changes. A new resource is its whole definition, which is in the code. */
function values({ differences, kind }: Planned, say: Say): string[] {
  if (kind !== 'update' && kind !== 'replace') return [];
  return differences
    .filter((difference) => kind === 'update' || difference.kind !== 'unknown')
    .map((difference) => `  - ${code(difference.path)}: ${valuesOf(difference, say)}`);
}

function valuesOf(difference: Difference, say: Say): string {
  if (difference.kind === 'secret') return say(text.secret);
  if (difference.kind === 'unknown') return say(text.knownLater);
  const { after, before } = difference;
  if (after === undefined) return say(text.removed(value(before)));
  return before === undefined ? value(after) : `${value(before)} → ${value(after)}`;
}

function value(given: unknown): string {
  const whole = (typeof given === 'string' ? given : JSON.stringify(given)).replaceAll(/[\w.+-]+@[\w.-]+/g, text.email);
  return code(whole.length > longestValue ? `${beginning(whole, longestValue)}…` : whole);
}

/** In Markdown, a line break or a backtick would end the code. */
function code(given: string): string {
  return `\`${given.replaceAll(/\s+/g, ' ').replaceAll('`', "'") || ' '}\``;
}

/** Removes the hash of eight digits that CDKTF appends to each name. */
function readable(address: string): string {
  return address.replaceAll(/_[0-9A-F]{8}(?=$|\[)/g, '');
}
