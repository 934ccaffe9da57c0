import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { paths } from 'contract';
import type { Connect, Plugin } from 'vite';
import { hashesFile } from './self-contained.ts';

const root = join(import.meta.dirname, '..');

/** Gives `vite` and `vite preview` the redirects and 404 page of nginx.conf, and the latter its security policy. */
export function servedLikeNginx(): Plugin {
  return {
    name: 'served-like-nginx',
    configureServer({ middlewares, transformIndexHtml }) {
      middlewares.use(redirects);
      return () => {
        middlewares.use(notFound((url) => transformIndexHtml(url, readFileSync(join(root, '404.html'), 'utf8'))));
      };
    },
    configurePreviewServer({ config, middlewares }) {
      const folder = resolve(root, config.build.outDir);
      const policy = contentSecurityPolicy(join(folder, hashesFile));
      middlewares.use((_, response, next) => {
        response.setHeader('content-security-policy', policy);
        next();
      });
      middlewares.use(redirects);
      return () => {
        middlewares.use(notFound(async () => readFileSync(join(folder, '404.html'), 'utf8')));
      };
    },
  };
}

const redirects: Connect.NextHandleFunction = ({ url }, response, next) => {
  const status = { '/': 302, [paths.site]: 308 }[url?.split('?')[0] ?? ''];
  if (status) response.writeHead(status, { location: `${paths.site}/` }).end();
  else next();
};

/** Runs after Vite's static files and before Vite serves index.html, the site's only page. */
function notFound(page: (url: string) => Promise<string>): Connect.NextHandleFunction {
  return ({ url = '' }, response, next) => {
    if (url.split('?')[0] === '/index.html') return next();
    page(url).then(
      (html) => response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' }).end(html),
      (error) => next(error),
    );
  };
}

function contentSecurityPolicy(file: string): string {
  const config = readFileSync(join(root, 'nginx/nginx.conf'), 'utf8');
  const [, policy] = /Content-Security-Policy "([^"]+)"/.exec(config) ?? [];
  if (policy === undefined) throw new Error('nginx/nginx.conf sends no Content-Security-Policy');
  const hashes = readFileSync(file, 'utf8');
  return policy.replaceAll(
    /\$(\w+)_hashes/g,
    (_, name) => new RegExp(`^${name} "(.*)";$`, 'm').exec(hashes)?.[1] ?? "'none'",
  );
}
