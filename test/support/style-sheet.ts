import { readFileSync } from 'node:fs';

/** The text of a style sheet, without its comments. */
export const readStyleSheet = (file: string): string => readFileSync(file, 'utf8').replace(/\/\*.*?\*\//gs, '');

/** The declarations of the first rule with exactly this selector. */
export function declarationsOf(sheet: string, selector: string): Record<string, string> {
  const start = sheet.search(new RegExp(`^\\s*${selector.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} \\{$`, 'm'));
  if (start === -1) throw new Error(`The style sheet has no rule for ${selector}`);
  const body = sheet.slice(sheet.indexOf('{', start) + 1, sheet.indexOf('}', start));
  return Object.fromEntries(
    body
      .split(';')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
}

/** The contrast of two colours, such as `#fff`: from 1 to 21, as WCAG 2.2 defines it. */
export function contrastOf(one = '', other = ''): number {
  const [bright = 0, dark = 0] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => b - a);
  return (bright + 0.05) / (dark + 0.05);
}

function luminanceOf(colour: string): number {
  const digits = /^#([\da-f]{3}|[\da-f]{6})$/.exec(colour)?.[1];
  if (digits === undefined) throw new Error(`${colour} is no colour such as #fff`);
  const size = digits.length / 3;
  const [red = 0, green = 0, blue = 0] = [0, 1, 2].map((index) => {
    const part = digits.slice(index * size, (index + 1) * size);
    const value = Number.parseInt(size === 1 ? part + part : part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
