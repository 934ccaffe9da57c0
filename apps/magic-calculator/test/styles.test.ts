import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { contrastOf, declarationsOf, readStyleSheet } from '../../../test/support/style-sheet.ts';

// The browser tests look at the painted pages. These find what is lost for somebody, without a browser.
const sheet = readStyleSheet(join(import.meta.dirname, '../src/styles.css'));
const light = declarationsOf(sheet, ':root');
const dark = { ...light, ...declarationsOf(sheet.split('@media (prefers-color-scheme: dark)')[1] ?? '', ':root') };

test.each([
  ['light', light],
  ['dark', dark],
])('texts and the borders of fields can be told from what is behind them: %s', (_, colours) => {
  // WCAG 2.2, 1.4.3 and 1.4.11.
  const pairs: [front: string, behind: string, least: number][] = [
    ...['--text', '--muted', '--error', '--accent'].map((front): [string, string, number] => [front, '--card', 4.5]),
    ['--on-accent', '--accent', 4.5],
    ['--line', '--card', 3],
  ];
  const weak = pairs.filter(([front, behind, least]) => contrastOf(colours[front], colours[behind]) < least);
  expect(weak).toEqual([]);
});

test('what has the focus has a thick outline', () => {
  expect(declarationsOf(sheet, ':focus-visible').outline).toMatch(/^[2-9]px solid /);
  expect(sheet).not.toMatch(/outline(-style|-width)?: *(none|0)/);
});

test('what is only for screen readers is not hidden from them', () => {
  const { position, overflow, 'clip-path': clip, ...others } = declarationsOf(sheet, '.visually-hidden');
  expect({ position, overflow, clip }).toEqual({ position: 'absolute', overflow: 'hidden', clip: 'inset(50%)' });
  expect(others).not.toHaveProperty('display');
  expect(others).not.toHaveProperty('visibility');
});

test('buttons and fields are large enough for a finger', () => {
  // Apple and Google recommend 44 and 48 pixels.
  for (const selector of ['button', 'input', '.primary,\n.secondary'])
    expect(Number.parseFloat(declarationsOf(sheet, selector)['min-height'] ?? '')).toBeGreaterThanOrEqual(2.75);
});

test('nothing is wider than a phone: not the longest sum, name or field', () => {
  for (const selector of ['.sum', '.tagline']) {
    expect([selector, declarationsOf(sheet, selector)['overflow-wrap']]).toEqual([selector, 'anywhere']);
  }
  expect(declarationsOf(sheet, '*,\n*::before,\n*::after')['box-sizing']).toBe('border-box');
  // A width in pixels does not shrink. Borders, outlines and what is hidden may have one.
  expect(sheet.match(/^\s*(min-)?width: *([2-9]|\d{2,})[\d.]*px/gm)).toBeNull();
});
