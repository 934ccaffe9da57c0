import { defineConfig } from 'vite';

// One file, for a config map.
export default defineConfig({
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: 'node24',
    rolldownOptions: { input: 'src/index.ts', output: { entryFileNames: 'index.mjs', comments: false } },
  },
});
