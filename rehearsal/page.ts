/** A page about a rehearsal, for people: the timeline on AWS as one HTML file without any other file. */
import type { Step, Timeline } from './timeline.ts';

export interface Section {
  readonly title: string;
  readonly timeline: Timeline;
}

/**
 * @param summary the text that the terminal shows
 * @param pathOf a readable name of a resource, by address
 */
export function htmlPage(
  title: string,
  summary: string,
  sections: readonly Section[] = [],
  pathOf: (address: string) => string = (address) => address,
): string {
  return `<!doctype html>
<html lang="pt-BR">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
  body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #1b1b1b; background: #fff; }
  pre { background: #f4f4f4; padding: 1rem; white-space: pre-wrap; }
  svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; }
  rect { fill: #9db7d5; }
  .critical { fill: #c2410c; }
  line { stroke: #ddd; }
</style>
<h1>${escapeHtml(title)}</h1>
<pre>${escapeHtml(summary)}</pre>
${sections.map((section) => sectionHtml(section, pathOf)).join('\n')}
</html>
`;
}

const width = 1000;
const labels = 400;
const rowHeight = 16;

function sectionHtml({ title, timeline }: Section, pathOf: (address: string) => string): string {
  const { steps, seconds, criticalPath } = timeline;
  const critical = new Set(criticalPath);
  const shown = steps.filter(({ start, end }) => end > start);
  const scale = (time: number) => labels + (time / Math.max(1, seconds)) * (width - labels - 60);
  const height = shown.length * rowHeight + 24;
  const minutes = Array.from({ length: Math.floor(seconds / 60 / 5) + 1 }, (_, index) => index * 5);
  const grid = minutes.map((minute) => {
    const x = scale(minute * 60).toFixed(1);
    return `<line x1="${x}" x2="${x}" y1="16" y2="${height}"/><text x="${x}" y="12">${minute} min</text>`;
  });
  const bars = shown.map((step, row) => bar(step, row, critical.has(step), scale, pathOf(step.node.address)));
  return `<h2>${escapeHtml(title)}: ${duration(seconds)}</h2>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">${grid.join('')}
${bars.join('\n')}
</svg>`;
}

function bar(step: Step, row: number, isCritical: boolean, scale: (time: number) => number, name: string): string {
  const { node, start } = step;
  const y = row * rowHeight + 20;
  const x = scale(start);
  const barWidth = Math.max(1, scale(step.end) - x);
  const text = `${node.type} ${name}`;
  return [
    `<g><title>${escapeHtml(text)}: ${durationOfStep(step)}</title>`,
    `<text x="0" y="${y + 10}">${escapeHtml(text.slice(0, 60))}</text>`,
    `<rect${isCritical ? ' class="critical"' : ''} x="${x.toFixed(1)}" y="${y}" width="${barWidth.toFixed(1)}" height="12"/>`,
    `<text x="${(x + barWidth + 4).toFixed(1)}" y="${y + 10}">${durationOfStep(step)}</text></g>`,
  ].join('');
}

/** How long a step takes: `3 min 7 s`, or `≤ 15 min 0 s` if that is a documented maximum. */
export function durationOfStep({ start, end, isMaximum }: Step): string {
  return `${isMaximum ? '≤ ' : ''}${duration(end - start)}`;
}

/** Such as `24 min 5 s`. */
export function duration(seconds: number): string {
  const rounded = Math.round(seconds);
  const minutes = Math.floor(rounded / 60);
  return minutes === 0 ? `${rounded} s` : `${minutes} min ${rounded % 60} s`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
