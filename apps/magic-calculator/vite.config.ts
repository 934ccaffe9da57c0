import react from '@vitejs/plugin-react';
import { paths, ports } from 'contract';
import { defineConfig } from 'vite';

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
  build: {
    // The strict Content-Security-Policy allows no data: address and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
