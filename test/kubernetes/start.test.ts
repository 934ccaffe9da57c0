import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { describeWithCluster } from '../support/describe-with-cluster.ts';
import { eventually } from '../support/eventually.ts';

/** What `missingFor` says on a machine with only these programs, where nothing was built. */
function missing(nodes: 'simulated' | 'real', ...programs: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const name of programs) writeFileSync(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
  const program = "import { missingFor } from './start.ts'; console.log(missingFor(process.argv[1]))";
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program, nodes], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { PATH: folder, XDG_CACHE_HOME: folder },
  }).trim();
}

test.each(['simulated', 'real'] as const)('on a machine without kubectl, %s nodes need it', (nodes) => {
  expect(missing(nodes)).toBe('kubectl: https://kubernetes.io/docs/tasks/tools');
});

test('simulated nodes need kind with Docker, or a build', () => {
  const needed = 'kind with Docker, or Kubernetes built by Go: node test/kubernetes/build.ts';
  expect(missing('simulated', 'kubectl')).toBe(needed);
  expect(missing('simulated', 'kubectl', 'kind')).toBe(needed);
  expect(missing('simulated', 'kubectl', 'kind', 'docker')).toBe('undefined');
});

test('kind is not enough for a real node', () => {
  expect(missing('real', 'kubectl', 'kind', 'docker')).not.toBe('undefined');
});

describeWithCluster('simulated', 'a cluster', () => {
  test('ends with the process that started it, even if that is killed', async () => {
    const command = ['sh', '-c', 'echo $KUBECONFIG; exec sleep 1000'];
    const child = spawn(process.execPath, [join(import.meta.dirname, 'with.ts'), ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    try {
      const [kubeconfig] = (await once(createInterface(child.stdout), 'line')) as [string];
      expect(existsSync(kubeconfig)).toBe(true);
      child.kill('SIGKILL');
      await eventually(async () => !existsSync(dirname(kubeconfig)));
    } finally {
      // The command outlives its parent.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }
  });
});
