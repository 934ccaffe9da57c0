import { createHash } from 'node:crypto';
import { paths, ports } from 'contract';
import type { Answer, Application } from 'platform';

export const application: Application = {
  name: 'magic-calculator',
  path: paths.site,
  port: ports.site,
  healthPath: paths.siteHealth,
  livePath: paths.siteHealth,
  stopTime: 15,
  homePage: `${paths.site}/index.html`,
  team: 'site',
  after: ['calculadora-api'],
  smokeTest: [{ path: `${paths.site}/`, expected: allowsItsScript }],
  dev: {
    variables: { port: 'SITE_PORT' },
    args: ({ port }) => ['node_modules/vite/bin/vite.js', '--port', String(port)],
    env: ({ addressOf }) => ({ API_URL: addressOf('calculadora-api') }),
    pages: [{ title: 'Site', path: `${paths.site}/` }],
  },
};

/** Checks that the policy allows the page's script. If the two come from different builds, the form does nothing. */
function allowsItsScript({ body, headers }: Answer): void {
  const script = /<script type="module">(.*?)<\/script>/s.exec(body)?.[1];
  if (script === undefined) {
    throw new Error(`sem script em / no script in ${JSON.stringify(body.slice(0, 200))}`);
  }
  const policy = headers.get('content-security-policy') ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  if (!policy.includes(`'sha256-${hash}'`)) {
    throw new Error(`o script da página é proibido por / the page's script is forbidden by ${JSON.stringify(policy)}`);
  }
}
