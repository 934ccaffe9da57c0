import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { hashesFile, selfContained } from '../build/self-contained.ts';

const shell =
  '<html><head><link rel="stylesheet" href="/a.css"></head><body>FORM<script type="module" src="/a.js"></script></body></html>';

const style = 'p {\n  color: red\n}';

/** Runs the plugin on a page, as Vite does. @returns the page, and the file of its hashes that nginx includes */
async function build(page: string, code: string): Promise<{ html: string; hashes: string }> {
  const { generateBundle, writeBundle } = selfContained() as unknown as Record<string, (...args: unknown[]) => unknown>;
  const index = { type: 'asset', fileName: 'index.html', source: page };
  const bundle = {
    'index.html': index,
    'a.css': { type: 'asset', fileName: 'a.css', source: style },
    'a.js': { type: 'chunk', fileName: 'a.js', code },
  };
  generateBundle?.({}, bundle);
  expect(Object.keys(bundle)).toEqual(['index.html']);
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  await writeBundle?.({ dir: join(folder, 'frontend') });
  const hashes = await readFile(join(folder, 'frontend', hashesFile), 'utf8');
  await rm(folder, { recursive: true });
  return { html: index.source, hashes };
}

test('the build fails if a page would need another file', () => {
  const { generateBundle } = selfContained() as unknown as { generateBundle(...args: unknown[]): void };
  const context = {
    error(message: string) {
      throw new Error(message);
    },
  };
  const bundle = ['index.html', 'a.css', 'b.css'].map((fileName) => [
    fileName,
    { type: 'asset', fileName, source: '' },
  ]);
  const script = { type: 'chunk', fileName: 'a.js', code: '' };
  expect(() => generateBundle.call(context, {}, { ...Object.fromEntries(bundle), 'a.js': script })).toThrow(
    /^Expected pages and, to inline into them, one style sheet and one script\. Found: index\.html, a\.css, b\.css, a\.js$/,
  );
});

test('a page has its style in the head and its script after the form', async () => {
  const { html } = await build(shell, 'start()\n');
  expect(html.replace(/\s*\n\s*/g, '')).toBe(
    '<html><head><style>p {color: red}</style></head><body>FORM<script type="module">start()</script></body></html>',
  );
});

test('a script with the end of a script element or the start of a comment in a string is not cut off', async () => {
  const code = 'globalThis.parts = ["</script>", "</SCRIPT",\n "<!--", "$&", "a < /b/"]';
  const { html, hashes } = await build(shell, code);
  const [, inPage = ''] = /<script type="module">(.*?)<\/script/is.exec(html) ?? [];
  expect(inPage).not.toContain('<!--');
  // It means the same.
  expect(new Function(`return ${inPage.replace('globalThis.parts =', '')}`)()).toEqual(
    new Function(`return ${code.replace('globalThis.parts =', '')}`)(),
  );
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  expect(hashes).toBe(`script "${hash(inPage)}";\nstyle "${hash(style)}";\n`);
});
