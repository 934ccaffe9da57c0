/** What people and later steps get to read of a command, in a workflow and on a laptop. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { addSummary, say, setOutputs } from '../github.ts';

const names = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'] as const;
const before = { ...process.env };
let folder: string;
let printed: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'github-'));
  printed = [];
  for (const name of names) delete process.env[name];
  jest.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
  for (const name of names) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

test('on a laptop, a report, a message and outputs are printed', () => {
  addSummary('### Custo');
  say('Nada muda.');
  setOutputs({ above: 'true' });
  expect(printed).toEqual(['### Custo', 'Nada muda.', 'above=true']);
});

test('on the page of a workflow run, each line of a message stays a line of its own', () => {
  const page = join(folder, 'summary');
  process.env.GITHUB_STEP_SUMMARY = page;
  addSummary('### Custo');
  say('Nada muda.\nNothing changes.');
  // Two spaces: without them, Markdown joins the lines of a paragraph.
  expect(readFileSync(page, 'utf8')).toBe('### Custo\nNada muda.  \nNothing changes.\n');
  expect(printed).toEqual([expect.stringContaining('page of the workflow run'), 'Nada muda.\nNothing changes.']);
});

test.each(['a\nb=c', 'a\rb', 'a\r\n'])('%j is no output, because its end would be another one', (value) => {
  expect(() => setOutputs({ first: 'one', second: value })).toThrow('The output second has more than one line');
  expect(printed).toEqual([]);
});
