/** What the status page says and how it can be read, outside the browser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { contrastOf, declarationsOf, readStyleSheet } from '../../../../test/support/style-sheet.ts';
import { texts } from '../page/texts.ts';
import config from '../page/vite.config.ts';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../page', file), 'utf8');

/** Every text of a language, with examples for what is filled in. */
function textsIn(language: 'pt' | 'en'): string[] {
  const { call, daysAgo, duration, headline, history, measuredAt, notMeasuredSince, period, since, state, ...plain } =
    texts[language];
  return [
    ...[headline, state].flatMap(({ works, disturbed, unknown, out }) => [works, disturbed, unknown, out]),
    ...Object.values(plain),
    ...[measuredAt, notMeasuredSince, since].map((text) => text('14:48')),
    period('14:48', '15:30'),
    call('X'),
    daysAgo(89),
    ...[1, 59, 60, 61, 120, 192].map(duration),
    history(90, '', 0),
    history(90, '5 min', 1),
    history(90, '2 h', 2),
  ];
}

// Side by side, so that a text that says something else in one of the languages stands out.
test('each text of the page says the same in Portuguese and in English', () => {
  const en = textsIn('en');
  expect(textsIn('pt').map((text, index) => [text, en[index]])).toEqual([
    ['Tudo funciona', 'Everything works'],
    ['Funciona com problemas', 'Works, with problems'],
    ['Sem medição', 'Not measured'],
    ['Há algo fora do ar', 'Something is down'],
    ['Funciona', 'Works'],
    ['Com problemas', 'Has problems'],
    ['Sem medição', 'Not measured'],
    ['Fora do ar', 'Down'],
    ['pt-BR', 'en-GB'],
    ['Ainda não há nenhuma medição.', 'There is no measurement yet.'],
    ['Chame: time de infraestrutura', 'Call: infrastructure team'],
    ['hoje', 'today'],
    ['sem medição', 'not measured'],
    ['Avisos', 'Notices'],
    ['em andamento', 'ongoing'],
    ['Medido às 14:48. A página se atualiza sozinha.', 'Measured at 14:48. This page refreshes by itself.'],
    [
      'Sem medição desde 14:48: não se sabe o estado atual.',
      'Not measured since 14:48: the current state is not known.',
    ],
    ['desde 14:48', 'since 14:48'],
    ['14:48 a 15:30', '14:48 to 15:30'],
    ['Chame: X', 'Call: X'],
    ['há 89 dias', '89 days ago'],
    ...['1 min', '59 min', '1 h', '1 h 1 min', '2 h', '3 h 12 min'].map((duration) => [duration, duration]),
    ['Últimos 90 dias: nenhuma interrupção.', 'Last 90 days: no outage.'],
    ['Últimos 90 dias: 5 min fora do ar, em 1 dia.', 'Last 90 days: down for 5 min, on 1 day.'],
    ['Últimos 90 dias: 2 h fora do ar, em 2 dias.', 'Last 90 days: down for 2 h, on 2 days.'],
  ]);
});

test('the page as it is sent has both languages, is not indexed, and says in both what is missing without JavaScript', () => {
  const html = read('index.html');
  expect(html).toContain('<html lang="pt-BR">');
  // Before the first measurement, or without JavaScript, nothing is green.
  expect(html).toContain('<p id="headline" class="unknown" role="status">…</p>');
  expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1" />');
  expect(html).toContain('<meta name="robots" content="noindex" />');
  expect(html).toContain('<meta name="color-scheme" content="light dark" />');
  expect(html).toContain('<link rel="icon" type="image/svg+xml" href="./page.svg" />');
  const links = [...html.matchAll(/<a href="\?lang=(\w+)" lang="(.+?)" hreflang="(.+?)">(.+?)<\/a>/g)];
  expect(links.map(([, ...parts]) => parts)).toEqual([
    ['pt', 'pt-BR', 'pt-BR', 'Português'],
    ['en', 'en', 'en', 'English'],
  ]);
  const [, without = ''] = /<noscript>(.*?)<\/noscript>/s.exec(html) ?? [];
  expect(without.trim().split(/\n\s*/)).toEqual([
    '<p>Esta página precisa de JavaScript: sem ele, não mostra nenhuma medição.</p>',
    '<p lang="en">This page needs JavaScript: without it, no measurement is shown.</p>',
  ]);
});

const sheet = readStyleSheet(join(import.meta.dirname, '../page/page.css'));

test('each state has its own colour, and is the higher in the history the worse it is', () => {
  const [works, disturbed, out, unknown] = (['works', 'disturbed', 'out', 'unknown'] as const).map((state) => {
    const rule = declarationsOf(sheet, `.${state}`);
    expect(rule['--state']).toBe(`var(--${state})`);
    return Number.parseInt(rule['--height'] ?? '', 10);
  });
  expect([unknown, works, disturbed, out]).toEqual(
    [unknown, works, disturbed, out].toSorted((a, b) => Number(a) - Number(b)),
  );
  expect(new Set([unknown, works, disturbed, out]).size).toBe(4);
});

test.each([
  ['light', 0],
  ['dark', 1],
])('what works is green, what is out red, and what has problems between the two: %s', (_, scheme) => {
  const colours = declarationsOf(sheet, ':root');
  const [works, disturbed, out] = ['--works', '--disturbed', '--out'].map((name) => {
    const colour = /^light-dark\(#(\w{6}), #(\w{6})\)$/.exec(colours[name] ?? '')?.[1 + scheme] ?? '';
    return [0, 2, 4].map((start) => Number.parseInt(colour.slice(start, start + 2), 16)) as [number, number, number];
  });
  const share = (colour: readonly number[] = []) => Number(colour[0]) / (Number(colour[0]) + Number(colour[1]));
  expect(share(works)).toBeLessThan(0.4);
  expect(share(disturbed)).toBeGreaterThan(0.5);
  expect(share(out)).toBeGreaterThan(share(disturbed));
  // Orange has no blue, red may have.
  expect(Math.min(...(disturbed ?? []))).toBe(disturbed?.[2]);
});

test.each(['README.md', 'README.pt-BR.md'])('the page is built for the oldest browsers that %s lists', (file) => {
  const readme = readFileSync(join(import.meta.dirname, '../../../..', file), 'utf8');
  const named = readme.match(/\b(?:Chrome|Edge|Firefox|Safari) \d+(?:\.\d+)?/g);
  expect(config.build?.target).toEqual(named?.map((name) => name.toLowerCase().replace(' ', '')));
});

test.each([
  ['light', 0],
  ['dark', 1],
])('texts and states can be told from what is behind them: %s', (_, scheme) => {
  const colours = declarationsOf(sheet, ':root');
  const colourOf = (name: string) => /^light-dark\((#\w+), (#\w+)\)$/.exec(colours[name] ?? '')?.[1 + scheme];
  const fronts = ['--text', '--muted', '--works', '--disturbed', '--out', '--unknown'];
  const pairs = fronts.flatMap((front) => ['--page', '--card'].map((behind) => [front, behind] as const));
  // WCAG 2.2, 1.4.3.
  expect(pairs.filter(([front, behind]) => contrastOf(colourOf(front), colourOf(behind)) < 4.5)).toEqual([]);
});
