import react from '@vitejs/plugin-react';
import { paths, ports } from 'contract';
import { defineConfig } from 'vite';
import { prerendered, selfContained } from './build/self-contained.ts';
import { servedLikeNginx } from './build/served-like-nginx.ts';

const apiUrl = process.env.API_URL ?? `http://localhost:${ports.api}`;

export default defineConfig({
  base: `${paths.site}/`,
  appType: 'mpa',
  plugins: [react(), prerendered(), selfContained(), servedLikeNginx()],
  server: {
    port: ports.site,
    strictPort: true,
    proxy: { [paths.sum]: apiUrl },
  },
  build: {
    outDir: 'dist/frontend',
    // The oldest browsers that the site works in. The first and third are the last that run on Windows 7 and 8.
    target: ['chrome109', 'edge109', 'firefox115', 'safari16.4'],
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { input: ['index.html', '404.html'] },
  },
});
