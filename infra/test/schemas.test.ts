import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from './support/program.ts';
import { synthesise, synthesiseBootstrap } from './support/synthesised.ts';

test('a rehearsal has the schemas of the provider versions that the stacks require', () => {
  const schemas = readdirSync(join(root, 'rehearsal/schemas'));
  const required = [synthesise('dev'), synthesise('prd'), synthesiseBootstrap()].flatMap(({ terraform }) =>
    Object.entries(terraform.terraform.required_providers),
  );
  expect(required.length).toBeGreaterThan(4);
  for (const [name, { version }] of required) expect(schemas).toContain(`${name}-${version}.json.gz`);
});
