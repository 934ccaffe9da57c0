import { defineConfig } from 'vite';

// One file. Only AWS's SDK is left out, which is part of Lambda's runtime.
export default defineConfig({
  ssr: {
    noExternal: true,
    external: ['@aws-sdk/client-cloudwatch', '@aws-sdk/client-rds', '@aws-sdk/client-s3'],
  },
  build: {
    ssr: true,
    target: 'node24',
    rolldownOptions: { input: 'src/index.ts', output: { entryFileNames: 'index.mjs', comments: false } },
  },
});
