import { readFileSync } from 'node:fs';
import type { Language, Text } from 'command-line';

/** Characters. GitHub refuses comments and issues longer than 65,536; the rest is for what is added to a report. */
export const longestBody = 65_000;

const languages: readonly Language[] = ['pt', 'en'];

/** Makes a report in both languages. */
export function inBoth(render: (language: Language) => string): Text {
  const [pt = '', en = ''] = languages.map(render);
  return { pt, en };
}

/** Markdown: Portuguese, with English folded below it. */
export function folded({ en, pt }: Text): string {
  return `${pt}\n\n<details><summary>English</summary>\n\n${en}\n\n</details>`;
}

/** Reads a report that another job wrote as JSON. Undefined if there is no file: that job was skipped or failed. */
export function readReport(file: string | undefined): Text | undefined {
  try {
    const { en, pt } = JSON.parse(readFileSync(file ?? '', 'utf8'));
    return typeof en === 'string' && typeof pt === 'string' ? { en, pt } : undefined;
  } catch {
    return undefined;
  }
}

/** Lines in a block of code, which none of them can end. */
export function block(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g)?.map(({ length }) => length) ?? []));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${lines.join('\n')}\n${fence}`;
}

/** The beginning of a text, without half a character at its end, which GitHub refuses. */
export function beginning(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}
