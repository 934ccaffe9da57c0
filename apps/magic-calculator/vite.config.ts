import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { paths, ports } from 'contract';
import { defineConfig } from 'vite';

const apiUrl = process.env.API_URL ?? `http://localhost:${ports.api}`;

export default defineConfig({
  base: `${paths.site}/`,
  plugins: [react()],
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
