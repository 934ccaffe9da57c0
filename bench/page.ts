import { readFile, writeFile } from 'node:fs/promises';

/** Makes a Markdown table. A colon at the end of a heading right-aligns its column, for figures. */
export function table(headings: readonly string[], lines: readonly (readonly (string | number)[])[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const rule = headings.map((heading) => (heading.endsWith(':') ? '---:' : '---'));
  return [row(headings.map((heading) => heading.replace(/:$/, ''))), row(rule), ...lines.map(row)].join('\n');
}

/**
 * Replaces what a page has between the markers of a command.
 *
 * @param command such as `pnpm bench`. The markers are `<!-- pnpm bench -->` and `<!-- /pnpm bench -->`
 */
export async function writeIntoPage(page: string, command: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${command} -->`, `<!-- /${command} -->`];
  const before = await readFile(page, 'utf8');
  const [head, rest = ''] = before.split(begin);
  const [, tail] = rest.split(end);
  if (tail === undefined) throw new Error(`${page} has no place for the tables: ${begin} and ${end}`);
  await writeFile(page, `${head}${begin}\n${text}\n${end}${tail}`);
}

export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}
