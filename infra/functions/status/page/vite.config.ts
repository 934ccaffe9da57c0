import { defineConfig } from 'vite';

/** A page with one script and one style sheet. The Content-Security-Policy allows files of the same host only. */
export default defineConfig({
  base: '/status/',
  build: {
    // The oldest browsers that the site supports, and those of wall screens.
    target: ['chrome109', 'edge109', 'firefox115', 'safari16.4'],
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { output: { entryFileNames: 'page.js', assetFileNames: 'page.[ext]' } },
  },
});
