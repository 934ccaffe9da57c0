import { defineConfig } from 'vite';

// One file instead of some thousand: Node starts in half the time and takes a quarter less memory.
export default defineConfig({
  ssr: {
    noExternal: true,
    // The first is loaded only where it is needed, and the second brings files that are no programs.
    external: ['@aws-sdk/client-secrets-manager', '@fastify/swagger-ui'],
  },
  build: {
    ssr: true,
    target: 'node24',
    rolldownOptions: {
      input: ['src/main.ts', 'src/migrate.ts'],
      // The engine keeps a program's text, and takes two bytes for each of its characters if there is one beyond Latin-1.
      output: { charset: 'ascii', comments: false },
    },
  },
});
