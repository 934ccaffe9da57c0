import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { paths, ports } from 'contract';

// The image itself is tested in test/images, which needs Docker.
test('the Dockerfile sets the user, the health check and the stop signal', async () => {
  const dockerfile = await readFile(join(import.meta.dirname, '../Dockerfile'), 'utf8');
  const directives = dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const base = directives.findLastIndex((line) => line.startsWith('FROM '));
  expect(directives.slice(base)).toEqual([
    expect.stringMatching(/^FROM nginxinc\/nginx-unprivileged:[\d.]+-alpine-slim(@sha256:[0-9a-f]{64})?$/),
    'LABEL org.opencontainers.image.title="magic-calculator" ' +
      'org.opencontainers.image.description="The site of the calculator, as static files" ' +
      'org.opencontainers.image.licenses="MIT"',
    'COPY apps/magic-calculator/nginx/nginx.conf /etc/nginx/nginx.conf',
    'COPY --from=build /repository/apps/magic-calculator/dist/inline-hashes.conf /etc/nginx/pages/',
    'COPY --from=build /repository/apps/magic-calculator/dist/frontend /srv/frontend',
    'USER 101:101',
    `EXPOSE ${ports.site}`,
    'STOPSIGNAL SIGQUIT',
    'HEALTHCHECK --interval=10s --timeout=3s --start-period=10s ' +
      `CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${ports.site}${paths.siteHealth}"]`,
    'ENTRYPOINT ["nginx"]',
  ]);

  const run = directives.filter((line) => line.startsWith('RUN '));
  expect(run.map((line) => line.replace(/--mount=\S+ /, ''))).toEqual([
    'RUN npm install --global pnpm@12',
    'RUN pnpm install --frozen-lockfile --ignore-scripts',
    'RUN pnpm build',
    'RUN gzip --best --keep --no-name apps/magic-calculator/dist/frontend/*',
  ]);
});
