import type { List } from '../../github-api.ts';

/** How many items of a list GitHub answers at once, unless it is asked for up to a hundred. */
const usual = 30;

/**
 * What GitHub's CLI prints of an answer. GitHub gives a list in pages, of which the CLI asks for the first alone, and with
 * `--paginate` for a hundred items at a time until no header `Link` names a next one. It prints one page after the other,
 * and with `--jq` the items, each on a line.
 *
 * @param args of `gh api`
 * @param answer JSON with all items: a list, or an object that has one
 */
export function printed(args: readonly string[], answer: string): string {
  const whole = parsed(answer);
  if (whole === undefined) return answer;
  const isWhole = args.includes('--paginate');
  const asked = Number(new URL(args[1] ?? '', 'https://github.example').searchParams.get('per_page') ?? 0);
  const length = Math.min(asked || (isWhole ? 100 : usual), 100);
  const pages = pagesOf(whole, length);
  const at = args.indexOf('--jq');
  const [, field] = (at < 0 ? undefined : /^\.(\w*)\[\]$/.exec(args[at + 1] ?? '')) ?? [];
  if (at >= 0 && field === undefined) throw new Error(`A filter that this CLI does not know: ${args[at + 1]}`);
  return (isWhole ? pages : pages.slice(0, 1))
    .map((page) => (field === undefined ? JSON.stringify(page) : lines(page, field)))
    .join('');
}

function lines(page: unknown, field: string): string {
  const items = field === '' ? page : (page as Readonly<Record<string, unknown>>)[field];
  if (!Array.isArray(items)) throw new Error(`cannot iterate over: ${JSON.stringify(items)}`);
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

/** An answer as one for each page of its list. */
function pagesOf(answer: object, length: number): readonly unknown[] {
  const [name, list] = Array.isArray(answer)
    ? ['', answer]
    : (Object.entries(answer).find(([, value]) => Array.isArray(value)) ?? ['', []]);
  const pages = Array.from({ length: Math.max(1, Math.ceil(list.length / length)) }, (_, index) =>
    list.slice(index * length, (index + 1) * length),
  );
  if (Array.isArray(answer)) return pages;
  return name === '' ? [answer] : pages.map((page) => ({ ...answer, [name]: page }));
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads lists from a stand-in for GitHub's API, which answers all of a list at once. */
export const listFrom =
  (api: (path: string) => unknown): List =>
  (path, field) => {
    const answer = api(path);
    if (answer === undefined) return undefined;
    const list = field === undefined ? answer : (answer as Readonly<Record<string, unknown>>)[field];
    if (!Array.isArray(list)) throw new TypeError(`${path} has no list ${field}`);
    return structuredClone(list);
  };
