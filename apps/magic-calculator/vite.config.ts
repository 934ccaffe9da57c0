import react from '@vitejs/plugin-react';
import { paths, ports } from 'contract';
import { defineConfig, type Plugin } from 'vite';
import { prerendered, selfContained } from './build/self-contained.ts';
import { servedLikeNginx } from './build/served-like-nginx.ts';

const apiUrl = process.env.API_URL ?? `http://localhost:${ports.api}`;
/** CloudFront serves the status page. `pnpm dev` has a server for it. */
const statusUrl = process.env.STATUS_URL;

/** The oldest supported browsers. For Chrome, Edge and Firefox, the last versions that run on Windows 7 and 8. */
export const oldestBrowsers = ['chrome109', 'edge109', 'firefox115', 'safari16.4'];

/** Removes React's connection to its developer tools, which visitors do not have. Saves 0.4 kB, compressed. */
const withoutDeveloperTools: Plugin = {
  name: 'without-developer-tools',
  apply: 'build',
  config: () => ({ define: { __REACT_DEVTOOLS_GLOBAL_HOOK__: 'undefined' } }),
};

export default defineConfig({
  base: `${paths.site}/`,
  appType: 'mpa',
  plugins: [react(), withoutDeveloperTools, prerendered(), selfContained(), servedLikeNginx()],
  server: {
    port: ports.site,
    strictPort: true,
    proxy: { [paths.sum]: apiUrl, ...(statusUrl && { '/status': statusUrl }) },
  },
  build: {
    outDir: 'dist/frontend',
    target: oldestBrowsers,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { input: ['index.html', '404.html'] },
  },
});
