import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Plugin, runnerImport } from 'vite';

/** File with the hashes of the pages' inline styles and scripts, relative to the pages' folder. */
export const hashesFile = '../inline-hashes.conf';

/** Stands in index.html for the HTML that React renders. */
const placeholder = '<!--app-->';

/** Prerenders the first screen into index.html, so that it is painted before the script arrives. */
export function prerendered(): Plugin {
  return {
    name: 'prerendered',
    transformIndexHtml: {
      order: 'pre',
      async handler(html) {
        if (!html.includes(placeholder)) return html;
        const options = { root: join(import.meta.dirname, '..'), configFile: false, logLevel: 'error' } as const;
        const { module } = await runnerImport<typeof import('../src/prerender.tsx')>('/src/prerender.tsx', options);
        return html.replace(placeholder, () => module.html);
      },
    },
  };
}

/**
 * Inlines the style sheet and the script into each page that references them. A page then needs no second response,
 * which could come from a replica of another release (decision 0011). The build fails if there is another file to load.
 *
 * Also writes the hashes that nginx.conf includes: its Content-Security-Policy allows only these styles and scripts.
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
        return this.error(`Expected pages and, to inline into them, one style sheet and one script. Found: ${names}`);
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

/** The script goes to the end of the page, so that the form arrives first. */
function inlined(page: string, style: string, script: string): string {
  const link = /<link rel="stylesheet"[^>]*>/;
  const reference = /\s*<script type="module"[^>]*><\/script>/;
  const withStyle = page.replace(link, () => `<style>${style.trim()}</style>`);
  if (!reference.test(page)) return withStyle;
  // `</script` would end the element, and `<!--` would start a comment. Both occur only in strings and regular
  // expressions, where \x3c means <.
  const code = script.trim().replaceAll(/<(?=\/script|!--)/gi, '\\x3c');
  return withStyle.replace(reference, '').replace('</body>', () => `<script type="module">${code}</script>\n  </body>`);
}

/** Content-Security-Policy hashes of the inline scripts and styles, as lines of an nginx `map`. */
function hashesOf(pages: readonly string[]): string {
  return ['script', 'style']
    .map((name) => {
      const texts = pages.flatMap((page) => [...page.matchAll(new RegExp(`<${name}[^>]*>(.*?)</${name}>`, 'gs'))]);
      const hashes = texts.map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
      return `${name} "${[...new Set(hashes)].join(' ')}";\n`;
    })
    .join('');
}
