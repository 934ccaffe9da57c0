/**
 * `pnpm test` runs all tests but the deep ones, which take long. With part of a path, it runs every test there.
 * `pnpm test:deep` runs the deep tests. Options are passed on to jest.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { both } from '../packages/command-line/src/index.ts';
import { root } from './repository.ts';

const given = process.argv.slice(2);
const isDeep = given[0] === '--deep';
const args = isDeep ? given.slice(1) : given;
const namesTests = args.some((arg) => !arg.startsWith('-'));
const filter = namesTests && !isDeep ? [] : [`--filter=${join(root, 'scripts/deep-tests.cjs')}`];
/** All tests but the deep ones. */
const isFast = !isDeep && !namesTests;
// By default jest leaves one core unused: half of a machine with two.
const workers = isFast ? ['--maxWorkers=100%'] : [];

// Tests start our programs hundreds of times, and compiling them is a third of each start.
const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache');

// The tests write thousands of temporary folders. The deep ones keep the usual place: sockets of a real Kubernetes node
// need a short path.
const folder = isFast ? mkdtempSync(join(tmpdir(), 'tests-')) : undefined;
// As /tmp has it: database servers run as another user.
if (folder !== undefined) chmodSync(folder, 0o1777);
// On Ctrl-C jest ends, and then this program.
process.on('SIGINT', () => undefined);

const { status } = spawnSync(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...[join(root, 'node_modules/jest/bin/jest.js'), ...filter, ...workers, ...args],
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_COMPILE_CACHE,
      TESTS: isDeep ? 'deep' : 'fast',
      // Half an hour off and west of Greenwich: what takes local time for UTC gets another hour, minute or day.
      ...(!isDeep && { TZ: 'America/St_Johns' }),
      ...(folder !== undefined && { TMPDIR: folder }),
    },
  },
);
if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
if (isFast) {
  console.log(
    both(
      'Ficaram de fora falhas, navegador, bench, ensaio do Terraform, imagens e cluster: rode pnpm test:deep.',
      "Left out: faults, browser, bench, Terraform's rehearsal, images and cluster. Run pnpm test:deep.",
    ),
  );
}
process.exitCode = status ?? 1;
