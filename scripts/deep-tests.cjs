// Which tests are deep: they take minutes, because they wait for faults, drive a browser, measure or rehearse a deployment. jest calls
// this with `--filter`, and does not read TypeScript here. `pnpm test` leaves them out, `pnpm test:deep` runs them alone.

const deep = [
  'apps/calculadora-api/test/faults/',
  'apps/calculadora-api/test/schemathesis',
  'apps/magic-calculator/test/browser/',
  'bench/test/',
  'delivery/test/failure',
  'delivery/test/manifests',
  'delivery/test/plan',
  'delivery/test/release',
  'infra/test/checkov',
  'infra/test/cdktn',
  'infra/test/deployers',
  'infra/test/manifests',
  'infra/test/rehearsal',
  'scripts/test/generators',
  'test/cluster/',
  'test/images/',
];

/** @param {readonly string[]} paths */
module.exports = (paths) => {
  const wanted = process.env.TESTS === 'deep';
  const isDeep = (path) => deep.some((part) => path.replaceAll('\\', '/').includes(`/${part}`));
  return { filtered: paths.filter((path) => isDeep(path) === wanted) };
};
