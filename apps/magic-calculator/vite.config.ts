import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
// By its file: Vite finds the packages of its configuration before `resolve.conditions` below is known.
import { paths, ports } from '../../packages/contract/src/paths.ts';

const apiUrl = process.env.API_URL ?? `http://localhost:${ports.api}`;

export default defineConfig({
  base: `${paths.site}/`,
  plugins: [react()],
  // `source` makes the contract resolve to its TypeScript: the site needs no build of it first.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  server: {
    port: ports.site,
    strictPort: true,
    proxy: { [paths.sum]: apiUrl },
  },
  // `vite preview` shows the built site as production serves it: what the policy forbids there must not work here.
  preview: { headers: { 'content-security-policy': productionPolicy() } },
  build: {
    // The policy allows no data: address and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

/** The Content-Security-Policy that nginx sends. */
function productionPolicy(): string {
  const config = readFileSync(`${import.meta.dirname}/nginx/nginx.conf`, 'utf8');
  const [, policy] = /Content-Security-Policy "([^"]+)"/.exec(config) ?? [];
  if (policy === undefined) throw new Error('nginx/nginx.conf sends no Content-Security-Policy');
  return policy;
}
