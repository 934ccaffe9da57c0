import { readFileSync } from 'node:fs';
import { inLanguage, type Text } from 'command-line';
import type { EnvironmentName } from 'platform';
import type { MonthlyCost } from '../infra/costs/estimate.ts';
import { inBoth } from './report.ts';
import { reportTexts } from './report-texts.ts';

const text = reportTexts.costs;

type Estimate = Readonly<Record<EnvironmentName, MonthlyCost>>;

export interface Comparison {
  /** USD a month. Undefined without an estimate of the cost before. */
  readonly rise: number | undefined;
  /** Whether the change needs a second approval. */
  readonly isAbove: boolean;
  /** Markdown. */
  readonly report: Text;
}

/** Reads the output of `pnpm infra costs --json`. Undefined if the file is missing or not such an output. */
export function readEstimate(file: string): Estimate | undefined {
  try {
    const estimate = JSON.parse(readFileSync(file, 'utf8'));
    return typeof estimate?.dev?.total === 'number' && typeof estimate?.prd?.total === 'number' ? estimate : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Compares the cost of an environment before and after a change. The approval limit is the one before the change: a
 * pull request cannot raise its own limit. If the cost before is unknown, the change needs a second approval.
 */
export function compareCosts(before: Estimate | undefined, after: Estimate, environment: EnvironmentName): Comparison {
  const now = billed(after[environment]);
  const then = before && billed(before[environment]);
  const rise = then && cents(now.total - then.total);
  const limit = (then ?? now).approvalAbove;
  const isAbove = rise === undefined || rise > limit;
  const parts = Object.keys({ ...then?.parts, ...now.parts }) as (keyof MonthlyCost['parts'])[];
  const changed = parts.filter((part) => then && cents(now.parts[part] ?? 0) !== cents(then.parts[part] ?? 0));
  const row = (name: string, one: number | undefined, other: number) =>
    `| ${name} | ${usd(one)} | ${usd(other)} | ${one === undefined ? '?' : signed(other - one)} |`;
  const report = inBoth((language) => {
    const say = (given: Text) => inLanguage(given, language);
    const title = `### ${say(text.title(environment))}`;
    if (rise === 0 && changed.length === 0) return `${title}\n\n${say(text.same(usd(now.total)))}`;
    return [
      title,
      '',
      say(text.columns),
      '| --- | ---: | ---: | ---: |',
      ...changed.map((part) =>
        row(say(text.parts[part] ?? { pt: part, en: part }), then?.parts[part] ?? 0, now.parts[part] ?? 0),
      ),
      row(`**${text.total}**`, then?.total, now.total),
      '',
      say(text.source),
      ...(rise === undefined ? ['', say(text.unknownBefore)] : []),
      ...(rise !== undefined && isAbove ? ['', `**${say(text.above(usd(limit)))}**`] : []),
    ].join('\n');
  });
  return { rise, isAbove, report };
}

/** A destroyed environment costs nothing. Destroying one saves its cost, and bringing it back costs that again. */
function billed(cost: MonthlyCost): MonthlyCost {
  return cost.isDestroyed ? { ...cost, total: 0, parts: {} } : cost;
}

const cents = (value: number) => Math.round(value * 100) / 100;
const usd = (value: number | undefined) => (value === undefined ? '?' : `US$ ${value.toFixed(2)}`);
const signed = (value: number) => `${cents(value) < 0 ? '−' : '+'}US$ ${Math.abs(cents(value)).toFixed(2)}`;
