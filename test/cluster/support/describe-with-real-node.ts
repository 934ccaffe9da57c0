import { missingFor } from '../../kubernetes/start.ts';
import { usableDocker } from '../../support/docker.ts';
import { describeWith } from '../../support/tools.ts';

/** A group of tests that needs a cluster with a real node, and Docker to build its images. */
export function describeWithRealNode(name: string, tests: () => void): void {
  const missing = missingFor('real');
  describeWith(
    missing ?? 'Docker with a running engine',
    missing === undefined ? usableDocker() : undefined,
    name,
    tests,
  );
}
