import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspaces.ts';

const folder = join(root, 'docs/runbooks');

/** Text in code marks, and the runbook that it is in. A line break within is a space. */
export interface Marked {
  readonly page: string;
  readonly text: string;
}

/** Everything in code marks of the runbooks in Portuguese. `scripts/test/documents.test.ts` holds the English ones to them. */
export const marked: readonly Marked[] = readdirSync(folder)
  .filter((page) => !page.endsWith('.en.md'))
  .flatMap((page) =>
    [...readFileSync(join(folder, page), 'utf8').matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({
      page,
      text: text.replaceAll(/\s+/g, ' '),
    })),
  );

/** The commands of all runbooks, each once, with their placeholders: `kubectl -n calculator logs <pod>`. */
export const commands = [
  ...new Set(marked.map(({ text }) => text).filter((text) => /^([A-Z_]+=\S+ )*(aws|helm|kubectl|pnpm) /.test(text))),
];
