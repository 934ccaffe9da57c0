/** A page about a rehearsal, for people: the timeline on AWS as one HTML file without any other file. */
import { duration } from 'command-line';
import type { Step, Timeline } from './timeline.ts';

export interface Section {
  readonly title: string;
  /** What the bars of the other colour are. */
  readonly criticalPath: string;
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
  :root { color-scheme: light dark; }
  body { font: 14px/1.4 system-ui, sans-serif; margin: clamp(1rem, 3vw, 2rem); }
  body, pre { color: light-dark(#1b1b1b, #e4e4e4); background: light-dark(#fff, #161616); }
  pre { background: light-dark(#f4f4f4, #242424); padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  ol { list-style: none; padding: 0; font-size: 12px; }
  li { display: grid; grid-template-columns: 27rem 1fr; column-gap: .5rem; }
  .track { display: flex; align-items: center; gap: .3rem; margin-right: 6rem; white-space: nowrap; }
  .bar { display: block; flex: none; height: .8rem; min-width: 1px; background: light-dark(#7d9cc0, #5f86b3); }
  .critical .bar, .key::before { background: light-dark(#c2410c, #f08a4b); }
  .key::before { content: ''; display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; }
  @media (max-width: 60rem) {
    li { display: block; padding-bottom: .3rem; }
    .name { overflow-wrap: anywhere; }
  }
</style>
<h1>${escapeHtml(title)}</h1>
<pre>${escapeHtml(summary)}</pre>
${sections.map((section) => sectionHtml(section, pathOf)).join('\n')}
</html>
`;
}

function sectionHtml({ criticalPath: key, title, timeline }: Section, pathOf: (address: string) => string): string {
  const { steps, seconds, criticalPath } = timeline;
  const critical = new Set(criticalPath);
  const shown = steps.filter(({ start, end }) => end > start);
  const rows = shown.map((step) => rowHtml(step, seconds, critical.has(step), pathOf(step.node.address)));
  return `<h2>${escapeHtml(title)}: ${duration(seconds)}</h2>
<p class="key">${escapeHtml(key)}</p>
<ol>
${rows.join('\n')}
</ol>`;
}

function rowHtml(step: Step, seconds: number, isCritical: boolean, name: string): string {
  const { end, node, start } = step;
  const percent = (time: number) => `${((100 * time) / seconds).toFixed(2)}%`;
  return [
    `<li${isCritical ? ' class="critical"' : ''}>`,
    `<span class="name">${escapeHtml(`${node.type} ${name}`)}</span>`,
    `<span class="track" title="${duration(start)} – ${duration(end)}">`,
    `<span class="bar" style="margin-left: ${percent(start)}; width: ${percent(end - start)}"></span>`,
    `${durationOfStep(step)}</span></li>`,
  ].join('');
}

/** How long a step takes: `3 min 7 s`, or `≤ 15 min 0 s` if that is a documented maximum. */
export function durationOfStep({ start, end, isMaximum }: Step): string {
  return `${isMaximum ? '≤ ' : ''}${duration(end - start)}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
