/**
 * The workflows and actions as GitHub gets them, and what Renovate gets, whole: the diff of a pull request shows what a
 * change does to the rights, conditions and order of each job. After a change that is meant, `pnpm test whole-workflows
 * -u` writes the snapshot again: read its diff like the code's. That they do the right thing is for the other tests.
 *
 * Left out are the workflows of each application, which `workflows.test.ts` compares with one another, so that a new
 * application changes no snapshot.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { environmentNames } from 'platform';
import { applications } from 'platform/applications';
import { parse, stringify } from 'yaml';
import { root } from './support/workflows.ts';

// As YAML, as people read it, instead of jest's own form.
expect.addSnapshotSerializer({
  test: () => true,
  serialize: (value) => stringify(value, { lineWidth: 0, sortMapEntries: true }),
});

const ofApplications = environmentNames.flatMap((environment) =>
  applications.map(({ name }) => `-${environment}-${name}.yml`),
);
const files = readdirSync(join(root, '.github'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.(ya?ml|json)$/.test(file) && !ofApplications.some((end) => file.endsWith(end)))
  .toSorted();

test('there are workflows, actions and settings', () => {
  expect(files).toEqual(expect.arrayContaining(['actions/connect/action.yml', 'renovate.json', 'workflows/ci-cd.yml']));
  expect(files.length).toBeGreaterThan(10);
});

test.each(files)('%s is the one in the snapshot', (file) => {
  const text = readFileSync(join(root, '.github', file), 'utf8');
  // Renovate raises the versions of actions, and cannot write the snapshot.
  expect(parse(text.replaceAll(/(uses: [\w/-]+@)[0-9a-f]{40}/g, '$1(version)'))).toMatchSnapshot();
});
