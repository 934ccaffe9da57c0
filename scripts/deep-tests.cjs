// The deep tests take minutes: they wait for faults, drive a browser, measure, or rehearse a deployment. `pnpm test` leaves
// them out, `pnpm test:deep` runs them alone. jest loads this file for `--filter`, and cannot read TypeScript here.

const deep = [
  'apps/calculadora-api/test/faults/',
  'apps/calculadora-api/test/schemathesis',
  'apps/magic-calculator/test/browser/',
  'bench/test/',
  'delivery/test/each-application',
  'delivery/test/failure',
  'delivery/test/manifests-in-a-cluster',
  'delivery/test/plan',
  'delivery/test/release',
  'infra/test/capacity',
  'infra/test/checkov',
  'infra/test/cdktn',
  'infra/test/deployers',
  'infra/test/drillers',
  'infra/test/edits',
  'infra/test/interrupted-release',
  'infra/test/manifests',
  'infra/test/planners',
  'infra/test/published-charts',
  'infra/test/readiness-gate',
  'infra/test/rehearsal',
  'infra/test/rehearse',
  'infra/test/second-region-rehearsal',
  'infra/test/two-accounts-rehearsal',
  'rehearsal/test/providers',
  'rehearsal/test/rules/choices',
  'rehearsal/test/rules/refused-values',
  'scripts/test/diagrams',
  'scripts/test/generators',
  'test/cluster/',
  'test/images/',
  'test/kubernetes/',
];

/** @param {readonly string[]} paths */
module.exports = (paths) => {
  const wanted = process.env.TESTS === 'deep';
  const isDeep = (path) => deep.some((part) => path.replaceAll('\\', '/').includes(`/${part}`));
  return { filtered: paths.filter((path) => isDeep(path) === wanted) };
};
