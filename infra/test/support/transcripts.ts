import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { root } from './program.ts';

/**
 * Compares what a command printed with what docs/second-day.md and its translation show below the command. Numbers,
 * and the spaces that depend on their length, may differ: they are times, counts and versions.
 */
export function expectTranscript(call: string, output: string): void {
  for (const page of ['docs/second-day.md', 'docs/second-day.pt-BR.md']) {
    const shown = readFileSync(join(root, page), 'utf8').split(`\`\`\`text\n$ ${call}\n`)[1]?.split('\n```')[0];
    expect([page, shown && comparable(shown)]).toEqual([page, comparable(output)]);
  }
}

function comparable(text: string): string {
  return text.replaceAll(/\d+/g, '0').replaceAll(/ +/g, ' ').trimEnd();
}
