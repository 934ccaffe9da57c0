import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');

/**
 * How often each program names an environment. All others are told which one is meant: a `dev` in its place would act on the
 * wrong one, and show only with prd.
 */
const places = {
  // Where pull requests go to, and who approves what.
  'delivery/commands/image.ts': 2,
  'delivery/commands/propose.ts': 1,
  'delivery/cost-comparison.ts': 2,
  'delivery/delivered.ts': 1,
  'delivery/github-settings.ts': 4,
  'infra/constructs/identity/delivery-roles.ts': 1,
  // Faults are for dev alone.
  'infra/commands/drill.ts': 1,
  // prd gets what dev has run.
  'infra/commands/upgrade.ts': 4,
  // ECR is shared, so that prd gets dev's images.
  'infra/accounts.ts': 1,
  'infra/environments/dev.ts': 1,
  'infra/environments/prd.ts': 1,
  // The longest names are prd's.
  'scripts/new-application.ts': 1,
  'infra/settings.ts': 1,
  // For the tests: prd without its protection.
  'infra/unprotected.ts': 2,
  'infra/costs/page.ts': 4,
  'packages/platform/src/environments.ts': 2,
  // Names that only look the same: of a web site, of a device, of an application's description.
  'infra/constructs/edge/domain.ts': 1,
  'infra/costs/prices.ts': 1,
  'packages/database/src/sqlite/sqlite-file.ts': 1,
  'scripts/dev.ts': 1,
};

test('only these programs name an environment, and all others are told which one is meant', () => {
  const sources = [...globSync('{apps,delivery,infra,packages,scripts}/**/*.ts', { cwd: root })].filter(
    (file) => !/node_modules|\/test\/|\/dist\/|texts\.ts$/.test(file),
  );
  expect(sources.length).toBeGreaterThan(150);
  const found = sources.flatMap((file) => {
    const code = readFileSync(resolve(root, file), 'utf8');
    const named = code.match(/'(dev|prd)'|(?<=[\w)\]]\??\.)(dev|prd)\b/g) ?? [];
    return named.length > 0 ? [[file, named.length]] : [];
  });
  expect(Object.fromEntries(found)).toEqual(places);
});
