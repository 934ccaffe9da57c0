/**
 * What programs extract from AWS's schemas and policies is as they wrote it: nobody changes a limit or a permission by hand.
 * After a renewal, `pnpm test extracted-data -u` writes the snapshot again.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const files = [
  'constraints/aws.json',
  'rights/actions.json',
  'rights/managed-policies/policies.json',
  ...readdirSync(join(root, 'schemas')).flatMap((name) => (name.endsWith('.gz') ? [`schemas/${name}`] : [])),
];

test('extracted data has the digests in the snapshot', () => {
  expect(files.length).toBeGreaterThan(6);
  const digest = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(root, file)))
      .digest('base64url');
  expect(Object.fromEntries(files.map((file) => [file, digest(file)]))).toMatchSnapshot();
});
