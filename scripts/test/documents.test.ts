import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { workspaces } from '../../test/support/workspaces.ts';
import { root } from '../repository.ts';
import { blocksOf, documents, markedOf, proseOf, read } from './support/documents.ts';

const runbooks = documents.filter((path) => /^docs\/runbooks\/(?!README)[\w-]+\.md$/.test(path));
/** Each page that is in both languages: the Portuguese one, and the English one. Runbooks are Portuguese first. */
const translated = [
  ...documents.filter((path) => path.endsWith('.pt-BR.md')).map((path) => [path, path.replace('.pt-BR', '')] as const),
  ...runbooks.map((path) => [path, inEnglish(path)] as const).filter(([, english]) => documents.includes(english)),
];

test('there are documents, and some are in both languages', () => {
  expect(documents).toContain('docs/architecture.md');
  expect(translated.length).toBeGreaterThan(1);
});

test('each runbook is there in English', () => {
  expect(runbooks.length).toBeGreaterThan(1);
  expect(runbooks.filter((path) => !documents.includes(inEnglish(path)))).toEqual([]);
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

test('each decision fits on a page of forty lines, as their list says', () => {
  expect(read('docs/decisions/README.md')).toContain('of at most forty lines');
  const pages = documents.filter((path) => /^docs\/decisions\/\d/.test(path));
  expect(pages.length).toBeGreaterThan(9);
  expect(pages.filter((path) => read(path).trimEnd().split('\n').length > 40)).toEqual([]);
});

test('the README names what each environment costs above its first command, and what has never run', () => {
  const [beginning = ''] = read('README.md').split('```');
  expect(beginning).toMatch(/dev costs about US\$ \d+ a month and prd US\$ \d+/);
  expect(read('README.md')).toContain('(docs/delivery.md#never-run)');
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

describe.each(translated)('%s has, compared with %s,', (path, other) => {
  const [portuguese, english] = [read(path), read(other)];

  test('as many headings, paragraphs, list items and table rows, in the same order', () => {
    expect(shapeOf(portuguese)).toEqual(shapeOf(english));
  });

  test('the same commands, if any', () => {
    expect(commandsOf(portuguese)).toEqual(commandsOf(english));
  });

  test('the same commands within sentences', () => {
    expect(inlineOf(portuguese)).toEqual(inlineOf(english));
  });

  test('the same figures', () => {
    expect(figuresOf(english).length).toBeGreaterThan(0);
    expect(figuresOf(portuguese)).toEqual(figuresOf(english));
  });

  test('the same links', () => {
    expect(linksOf(portuguese).map(withoutLanguage)).toEqual(linksOf(english).map(withoutLanguage));
  });

  test('links to pages in its own language only, where there are any, but for one to its translation', () => {
    const foreign = (from: string, pages: readonly string[]) =>
      targetsOf(from).filter((target) => pages.includes(target));
    expect(foreign(path, englishPages)).toEqual([other]);
    expect(foreign(other, portuguesePages)).toEqual([path]);
  });
});

const portuguesePages = translated.map(([portuguese]) => portuguese);
const englishPages = translated.map(([, english]) => english);
/** The files that a page links to. */
const targetsOf = (path: string): string[] =>
  linksOf(read(path)).map((link) => relative(root, join(root, dirname(path), link.replace(/#.*/, ''))));

/** A heading is named in its language; that it exists is another test's. */
const withoutLanguage = (link: string): string => link.replace(/\.(pt-BR|en)\.md/, '.md').replace(/#.+/, '#');

function inEnglish(runbook: string): string {
  return runbook.replace('.md', '.en.md');
}

/** The targets of links to files and headings of the repository. Code is no link. */
function linksOf(text: string): string[] {
  const prose = proseOf(text).replace(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(
    ([, target, picture = '']) => target ?? picture,
  );
  return links.filter((target) => !/^[a-z]+:/.test(target));
}

function headingsOf(text: string): string[] {
  const lines = proseOf(text).split('\n');
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
  const lines = blocksOf(text, 'sh').flatMap((block) => block.split('\n'));
  return lines.map((line) => line.replace(/(^|\s+)#.*/, '').trim()).filter((line) => line !== '');
}

/** What is in code marks, sorted, with names that stand for a value as `<>`: `kubectl logs <pod>`, `pnpm new NAME`. */
function inlineOf(text: string): string[] {
  return markedOf(text)
    .map((code) => code.replaceAll(/<[^>]+>|(?<= )[A-Z][A-Z-]+\b/g, '<>'))
    .sort();
}

/** All numbers in prose, sorted, because the languages order a sentence differently. Their decimal marks differ, too. */
function figuresOf(text: string): string[] {
  const numbers = [...proseOf(text).matchAll(/\d+(?:[.,:]\d+)*/g)];
  return numbers.map(([number]) => number.replaceAll(',', '.')).sort();
}
