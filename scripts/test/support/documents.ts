import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../repository.ts';

const skipped = /(^|\/)(node_modules|cdktf\.out|dist|\.[^/]+)$/;

/** All documents of the repository, by their path from its root. */
export const documents: readonly string[] = globSync('**/*.md', { cwd: root, exclude: (path) => skipped.test(path) });

/** The text of a file, by its path from the repository's root. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A document without its blocks of code, which can be indented below a list item. */
export function proseOf(text: string): string {
  return text.replace(/^ *```.*?^ *```/gms, '');
}

/** The blocks of code in a language, without their fences. */
export function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'))].map(
    ([, , block = '']) => block,
  );
}

/** What is in code marks within sentences. A line break is a space. */
export function markedOf(text: string): string[] {
  return [...proseOf(text).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll(/\s+/g, ' '));
}
