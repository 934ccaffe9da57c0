import { beforeEach, expect, test } from '@jest/globals';
import { paths } from 'contract';
import type { Page } from 'playwright-core';
import { texts } from '../../src/texts.ts';
import { describeVisits } from './visitor.ts';

const text = texts.pt;

describeVisits('the appearance', (visitor) => {
  let page: Page;
  beforeEach(async () => {
    page = await visitor.open({ viewport: { width: 1280, height: 800 } });
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const heading = (name: string) => page.getByRole('heading', { name: new RegExp(`^${name}`) }).waitFor();
  async function add(first: string, second: string) {
    await page.getByLabel(text.nome).fill('Wander');
    await page.getByLabel(text.operador1).fill(first);
    await page.getByLabel(text.operador2).fill(second);
    await button(text.submit).click();
  }

  const abort = () => page.route(`**${paths.sum}`, (route) => route.abort());
  const wait = () => page.route(`**${paths.sum}`, () => undefined);

  /** Distinct looks of the card's texts and controls. Colours are named as in the style sheet. */
  async function look(): Promise<string[]> {
    return page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement('i'));
      const named = (colour: string, ...names: string[]) => {
        const isColour = (name: string) => {
          probe.style.color = `var(--${name})`;
          return getComputedStyle(probe).color === colour;
        };
        return names.find(isColour) ?? colour;
      };
      const card = document.querySelector('main.card');
      const elements = [card, ...(card?.querySelectorAll('h1, p, label, input, button, a, span') ?? [])];
      const lines = elements.flatMap((element) => {
        // Only for screen readers.
        if (!element?.checkVisibility() || element.getBoundingClientRect().height <= 1) return [];
        const style = getComputedStyle(element);
        const background = named(style.backgroundColor, 'card', 'accent');
        const isOnAccent = element.closest('.primary') !== null;
        const colour = named(style.color, ...(isOnAccent ? ['on-accent'] : ['text', 'muted', 'accent', 'error']));
        const border = [style.borderTopWidth, named(style.borderTopColor, 'line', 'error')].join(' ');
        return [
          `${element.localName}: ${style.textAlign}, ${style.fontSize}, ${style.fontWeight}, ${colour}` +
            (background === 'rgba(0, 0, 0, 0)' ? '' : ` on ${background}`) +
            (style.borderTopStyle === 'none' ? '' : `, ${border}`) +
            (style.cursor === 'auto' ? '' : `, ${style.cursor}`) +
            (style.opacity === '1' ? '' : `, ${style.opacity}`),
        ];
      });
      probe.remove();
      return [...new Set(lines)];
    });
  }

  const card = ['main: center, 16px, 400, text on card', 'h1: center, 32px, 700, text', 'p: center, 16px, 400, muted'];
  const form = [
    ...card,
    'label: start, 16px, 600, text, default',
    // From 16 px on, phones do not zoom in on a field.
    'input: start, 16px, 400, text, 1px line, text',
    'p: start, 14px, 400, muted',
  ];
  const primary = 'button: center, 16px, 600, on-accent on accent, pointer';

  const screens: [name: string, go: () => Promise<unknown>, looks: string[]][] = [
    ['the form', async () => undefined, [...form, primary]],
    [
      'a form with an error',
      () => add('1e3', '10'),
      [...form, primary, 'input: start, 16px, 400, text, 2px error, text', 'p: start, 14px, 600, error'],
    ],
    [
      'a sum in flight',
      async () => {
        await wait();
        await add('5', '10');
        await page.getByRole('status').getByText(text.submitting).waitFor();
      },
      [
        ...form,
        'button: center, 16px, 600, on-accent on accent, progress, 0.75',
        'span: center, 16px, 600, on-accent, progress',
      ],
    ],
    [
      'a result',
      async () => {
        await add('5', '10');
        await heading(text.resultTitle);
      },
      [
        ...card,
        'span: center, 16px, 400, text',
        'span: center, 16px, 400, muted',
        'span: center, 56px, 700, accent',
        primary,
      ],
    ],
    [
      'a failure',
      async () => {
        await abort();
        await add('5', '10');
        await heading(text.errorTitle);
      },
      [...card, 'p: center, 16px, 400, text', primary, 'button: center, 16px, 600, text, 1px line, pointer'],
    ],
    [
      'an unknown address',
      () => page.goto(`${visitor.system.url}nowhere`),
      [...card, 'a: center, 16px, 600, on-accent on accent, pointer', 'span: center, 16px, 600, on-accent, pointer'],
    ],
  ];
  test.each(screens)(
    '%s looks the same in light and dark mode, except for colours, and its controls are large enough to touch',
    async (_, go, looks) => {
      await go();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect((await look()).sort()).toEqual([...looks].sort());
      }
      const controls = await page
        .locator('button, input, a')
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
      expect(controls.length).toBeGreaterThan(0);
      expect(Math.min(...controls)).toBeGreaterThanOrEqual(44);
      const widths = await page
        .locator('input, .primary, .secondary')
        .evaluateAll((all) => all.map((each) => each.clientWidth));
      // Except for their borders.
      expect(Math.max(...widths) - Math.min(...widths)).toBeLessThanOrEqual(4);
      const [box] = await page.locator('.card').evaluateAll((all) => all.map((each) => each.getBoundingClientRect()));
      expect(box).toMatchObject({ left: 416, right: 864 });
    },
  );

  test('the background fills the window, the languages stand out, and native controls follow the mode', async () => {
    for (const [colorScheme, background] of [
      ['light', 'linear-gradient(135deg, rgb(102, 126, 234), rgb(118, 75, 162))'],
      ['dark', 'linear-gradient(135deg, rgb(42, 47, 94), rgb(45, 27, 66))'],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      const seen = await page.evaluate(() => {
        const style = (selector: string) => getComputedStyle(document.querySelector(selector) ?? document.head);
        const colours = (selector: string) => `${style(selector).color} on ${style(selector).backgroundColor}`;
        return {
          parts: style('html').colorScheme,
          fonts: [...new Set(['html', 'input', '.primary', '.languages button'].map((each) => style(each).fontFamily))],
          background: [style('body').backgroundImage, style('body').minHeight],
          languages: style('.languages').backgroundColor,
          chosen: colours('.languages [aria-pressed=true]'),
          other: colours('.languages [aria-pressed=false]'),
        };
      });
      expect(seen).toEqual({
        parts: 'light dark',
        fonts: ['system-ui, sans-serif'],
        background: [background, '800px'],
        languages: 'rgba(20, 10, 60, 0.55)',
        chosen: 'rgb(31, 33, 64) on rgb(255, 255, 255)',
        other: 'rgb(255, 255, 255) on rgba(0, 0, 0, 0)',
      });
    }
  });

  test('on a small phone the card leaves a margin', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    const [box] = await page.locator('.card').evaluateAll((all) => all.map((each) => each.getBoundingClientRect()));
    expect(box).toMatchObject({ left: 16, right: 304 });
  });

  test('the focus is visible on every background', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(visitor.system.url);
      const outlines: string[] = [];
      for (let tabs = 0; tabs < 7; tabs += 1) {
        await page.keyboard.press('Tab');
        outlines.push(await outline());
      }
      expect(outlines).toEqual([
        'a: solid 3px #fff, 2px away',
        ...Array(2).fill('button: solid 3px #fff, 2px away'),
        ...Array(3).fill('input: solid 3px var(--accent), 2px away'),
        'button: solid 3px var(--accent), 2px away',
      ]);
    }
  });

  /** The outline of the element that has the focus. */
  function outline(): Promise<string> {
    return page.locator(':focus').evaluate((element) => {
      const { outlineStyle, outlineWidth, outlineOffset, outlineColor } = getComputedStyle(element);
      const probe = document.body.appendChild(document.createElement('i'));
      const colour = ['var(--accent)', '#fff'].find((name) => {
        probe.style.color = name;
        return getComputedStyle(probe).color === outlineColor;
      });
      probe.remove();
      return `${element.localName}: ${outlineStyle} ${outlineWidth} ${colour}, ${outlineOffset} away`;
    });
  }

  test('with forced colours, the card, controls, current language and focus are distinct', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await page.locator('.languages button').first().focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.forcedColorAdjust = 'none';
      const named = (colour: string) =>
        ['Highlight', 'HighlightText', 'CanvasText'].find((name) => {
          probe.style.color = name;
          return getComputedStyle(probe).color === colour;
        });
      return ['.card', '.primary', '.languages [aria-pressed=false]', '.languages [aria-pressed=true]'].map(
        (selector) => {
          const element = document.querySelector(selector);
          if (!element) throw new Error(`There is no ${selector}`);
          const style = getComputedStyle(element);
          const { borderTopStyle, borderTopWidth, backgroundColor, color, outlineStyle, outlineColor } = style;
          return [
            `${borderTopStyle} ${borderTopWidth}`,
            ...(style.forcedColorAdjust === 'none' ? [named(color), named(backgroundColor)] : []),
            ...(element.matches(':focus') ? [outlineStyle, named(outlineColor)] : []),
          ].join(' ');
        },
      );
    });
    expect(seen).toEqual(['solid 1px', 'solid 1px', 'solid 1px', 'solid 1px HighlightText Highlight solid CanvasText']);
  });

  test.each(screens)(
    'on %s, every text follows the text size that the visitor has set in the browser',
    async (_, go, looks) => {
      await go();
      const session = await page.context().newCDPSession(page);
      await session.send('Page.setFontSizes', { fontSizes: { standard: 24 } });
      const larger = looks.map((line) => line.replace(/(\d+)px, (?=\d00)/, (_, size) => `${Number(size) * 1.5}px, `));
      expect((await look()).sort()).toEqual(larger.sort());
    },
  );

  test.each(screens)('on %s, every control shows that it has the focus', async (_, go) => {
    await go();
    // The browser shows the focus to those who use the keyboard.
    await page.keyboard.press('Tab');
    const outlines: string[] = [];
    for (const control of await page.locator('button, input, a').all()) {
      await control.focus();
      outlines.push(await outline());
    }
    expect(outlines).not.toEqual([]);
    expect(outlines.filter((line) => !/: solid 3px (#fff|var\(--accent\)), 2px away$/.test(line))).toEqual([]);
  });

  test.each(screens)('on %s, the browser may translate every text', async (_, go) => {
    await go();
    const texts = await page
      .locator('body *')
      .evaluateAll((all) =>
        all.map((each) => [
          each.localName,
          (each as HTMLElement).translate && !each.matches('.notranslate *, .notranslate'),
        ]),
      );
    expect(texts).not.toEqual([]);
    expect(texts.filter(([, isTranslated]) => !isTranslated)).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'texts, lines and the focus stand out from what is behind them: %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      // WCAG 2.2, 1.4.3 and 1.4.11.
      const [text, line] = [4.5, 3];
      const pairs = [
        ['text', 'card', text],
        ['muted', 'card', text],
        ['error', 'card', text],
        ['accent', 'card', text],
        ['on-accent', 'accent', text],
        ['line', 'card', line],
      ] as const;
      const luminanceOf = (name: string) =>
        page.evaluate((name) => {
          const probe = document.body.appendChild(document.createElement('i'));
          probe.style.color = `var(--${name})`;
          const channels = getComputedStyle(probe).color.match(/\d+/g) ?? [];
          probe.remove();
          const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
            const share = Number(channel) / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        }, name);
      for (const [front, behind, least] of pairs) {
        const both = [await luminanceOf(front), await luminanceOf(behind)];
        const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
        expect([front, behind, contrast >= least]).toEqual([front, behind, true]);
      }
    },
  );
});
