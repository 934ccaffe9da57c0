import { defineConfig } from 'vite';

// One file without dependencies. Only AWS's SDK is left out, which is part of Lambda's runtime.
export default defineConfig({
  ssr: { noExternal: true, external: ['@aws-sdk/client-secrets-manager'] },
  build: {
    ssr: true,
    target: 'node24',
    rolldownOptions: { input: 'src/index.ts', output: { entryFileNames: 'index.mjs', comments: false } },
  },
});
