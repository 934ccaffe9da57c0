import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Plugin, runnerImport } from 'vite';

/** Where the build writes the hashes of its pages' inline styles and scripts, as seen from the folder of the pages. */
export const hashesFile = '../inline-hashes.conf';

/** Where index.html has what React makes. */
const place = '<!--app-->';

/** Puts the page as it is first seen into index.html, so that it is painted before the script arrives. */
export function prerendered(): Plugin {
  return {
    name: 'prerendered',
    transformIndexHtml: {
      order: 'pre',
      async handler(html) {
        if (!html.includes(place)) return html;
        const options = { root: join(import.meta.dirname, '..'), configFile: false, logLevel: 'error' } as const;
        const { module } = await runnerImport<typeof import('../src/prerender.tsx')>('/src/prerender.tsx', options);
        return html.replace(place, () => module.html);
      },
    },
  };
}

/**
 * Puts the style and the script into each page that asks for them. A page then never needs a second answer, which could come
 * from a replica of another release (decision 0011). The build fails if there is anything else that a page could need.
 *
 * It also writes the hashes that nginx.conf includes: its Content-Security-Policy allows these styles and scripts alone.
 */
export function selfContained(): Plugin {
  let hashes: string;
  return {
    name: 'self-contained',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const files = Object.values(bundle);
      const pages = files.filter((file) => file.type === 'asset').filter(({ fileName }) => fileName.endsWith('.html'));
      const styles = files.filter((file) => file.type === 'asset').filter(({ fileName }) => fileName.endsWith('.css'));
      const scripts = files.filter((file) => file.type === 'chunk');
      const [style, script] = [styles[0], scripts[0]];
      if (!style || !script || files.length !== pages.length + 2) {
        const names = files.map(({ fileName }) => fileName).join(', ');
        return this.error(`Wanted are pages, one style and one script, which are put into the pages. Found: ${names}`);
      }

      for (const page of pages) page.source = inlined(String(page.source), String(style.source), script.code);
      for (const { fileName } of [style, script]) delete bundle[fileName];
      hashes = hashesOf(pages.map(({ source }) => String(source)));
    },
    async writeBundle({ dir = '' }) {
      await writeFile(join(dir, hashesFile), hashes);
    },
  };
}

/** The script goes to the end, so that the form comes before it. */
function inlined(page: string, style: string, script: string): string {
  const link = /<link rel="stylesheet"[^>]*>/;
  const reference = /\s*<script type="module"[^>]*><\/script>/;
  const withStyle = page.replace(link, () => `<style>${style.trim()}</style>`);
  if (!reference.test(page)) return withStyle;
  // `</script` would end the element and `<!--` begin a comment. Both occur only in strings and patterns, where \x3c means <.
  const code = script.trim().replaceAll(/<(?=\/script|!--)/gi, '\\x3c');
  return withStyle.replace(reference, '').replace('</body>', () => `<script type="module">${code}</script>\n  </body>`);
}

/** What a Content-Security-Policy allows by its hash, as lines of a `map` of nginx. */
function hashesOf(pages: readonly string[]): string {
  return ['script', 'style']
    .map((name) => {
      const texts = pages.flatMap((page) => [...page.matchAll(new RegExp(`<${name}[^>]*>(.*?)</${name}>`, 'gs'))]);
      const hashes = texts.map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
      return `${name} "${[...new Set(hashes)].join(' ')}";\n`;
    })
    .join('');
}
