/** Bundles all functions and pages with Vite, which is asynchronous; constructs are not. Argument: the folder for them. */
import { join } from 'node:path';
import { build } from 'vite';
import { bundles } from './bundle.ts';

const [, , out = ''] = process.argv;
await Promise.all(
  bundles.map((name) => {
    const root = join(import.meta.dirname, name);
    return build({
      root,
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: join(out, name.replace('/', '-')), emptyOutDir: true },
    });
  }),
);
