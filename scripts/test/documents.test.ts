import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { workspaces } from '../../test/support/workspaces.ts';
import { root } from '../repository.ts';

const skipped = /(^|\/)(node_modules|cdktf\.out|dist|\.[^/]+)$/;
const documents = globSync('**/*.md', { cwd: root, exclude: (path) => skipped.test(path) });
const translated = documents.filter((path) => path.endsWith('.pt-BR.md'));

test('there are documents, and some are in both languages', () => {
  expect(documents).toContain('docs/architecture.md');
  expect(translated.length).toBeGreaterThan(1);
});

test.each(documents)('the links of %s lead to files and headings that exist', (path) => {
  const broken = linksOf(read(path)).filter((link) => {
    const [file = '', heading] = link.split('#');
    const target = file === '' ? path : relative(root, join(root, dirname(path), file));
    if (!existsSync(join(root, target))) return true;
    return heading !== undefined && target.endsWith('.md') && !headingsOf(read(target)).map(slug).includes(heading);
  });
  expect(broken).toEqual([]);
});

test('the durations in the guide are those that were computed', () => {
  const durations = read('docs/getting-started.md').match(/\d+ min \d+ s/g) ?? [];
  expect(durations).toHaveLength(2);
  const [, , , first, , destroy] = /^\| dev \|.*$/m.exec(read('docs/performance.md'))?.[0].split('|') ?? [];
  expect(durations).toEqual([first?.trim(), destroy?.trim()]);
});

test('the guide explains every setting of the example', () => {
  const settings = Object.keys(JSON.parse(read('infra/settings.example.json')));
  expect(settings.length).toBeGreaterThan(9);
  const guide = read('docs/getting-started.md');
  const explained = [...guide.matchAll(/^\|.*?\|/gm)].join();
  expect(settings.filter((name) => !new RegExp(`\`${name}[.\`]`).test(explained))).toEqual([]);
});

test('the diagram of the repository shows which part imports which', () => {
  const lines = read('docs/technologies.md').matchAll(/^ {2}([\w-]+) --> (.+)$/gm);
  const drawn = [...lines]
    .filter(([, , to = '']) => !to.includes('['))
    .map(([, from = '', to = '']) => [from, to.split(' & ')]);
  const imports = workspaces.map((folder) => {
    const { dependencies, devDependencies } = JSON.parse(read(`${folder}/package.json`));
    const all = Object.entries<string>({ ...dependencies, ...devDependencies });
    return [
      basename(folder),
      all
        .filter(([, version]) => version.startsWith('workspace:'))
        .map(([name]) => name)
        .sort(),
    ];
  });
  expect(Object.fromEntries(drawn)).toEqual(Object.fromEntries(imports.filter(([, to]) => to?.length)));
});

describe.each(translated)('%s has', (path) => {
  const [portuguese, english] = [read(path), read(path.replace('.pt-BR', ''))];

  test('as many headings, paragraphs, list items and table rows as the English page, in the same order', () => {
    expect(shapeOf(portuguese)).toEqual(shapeOf(english));
  });

  test('the same commands, if any', () => {
    expect(commandsOf(portuguese)).toEqual(commandsOf(english));
  });

  test('the same figures', () => {
    expect(figuresOf(english).length).toBeGreaterThan(0);
    expect(figuresOf(portuguese)).toEqual(figuresOf(english));
  });

  test('the same links, but in its own language', () => {
    expect(linksOf(portuguese).map((link) => link.replace('.pt-BR', ''))).toEqual(
      linksOf(english).map((link) => link.replace('.pt-BR', '')),
    );
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The targets of links to files and headings of the repository. Code is no link. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^[a-z]+:/.test(target));
}

function headingsOf(text: string): string[] {
  const lines = text.replace(/^```.*?^```/gms, '').split('\n');
  return lines.filter((line) => /^#+ /.test(line)).map((line) => line.replace(/^#+ /, ''));
}

/** The anchor that GitHub gives a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** What each block of a page is: a heading and its level, a command, a table and its rows, a list item, a paragraph. */
function shapeOf(text: string): string[] {
  const shape: string[] = [];
  let isCode = false;
  let previous = '';
  for (const line of text.split('\n')) {
    const kind = /^```/.test(line) ? 'code' : (/^(#+ |\||- |\d+\. |$)/.exec(line)?.[1] ?? 'paragraph').trim();
    if (kind === 'code') isCode = !isCode;
    // The later lines of a paragraph or of a list item.
    else if (!isCode && kind !== '' && !(kind === 'paragraph' && previous !== '')) shape.push(kind);
    previous = kind;
  }
  return shape;
}

/** The lines of code without comments and without names that stand for a value. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.split('\n'));
  return blocks.map((line) => line.replace(/(^|\s+)#.*/, '').trim()).filter((line) => line !== '');
}

/** All numbers in prose, sorted, because the languages order a sentence differently. Their decimal marks differ, too. */
function figuresOf(text: string): string[] {
  const numbers = [...text.replace(/^```.*?^```/gms, '').matchAll(/\d+(?:[.,:]\d+)*/g)];
  return numbers.map(([number]) => number.replaceAll(',', '.')).sort();
}
