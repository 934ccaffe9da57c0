import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { endAll, run, show, showInBackground } from '../../.ci/processes.ts';
import { eventually } from '../../test/support/eventually.ts';

test('an interrupted check ends the programs that run, and those that they started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'processes-'));
  const script = (name: string) => `sh -c 'echo $$ >${name}; exec sleep 60'; exit 3`;
  const ends = [
    run('sh', ['-c', script('run')], { cwd: folder }).catch(({ message }) => message),
    show('sh', ['-c', script('show')], { cwd: folder }),
    showInBackground('sh', ['-c', script('background')], { cwd: folder }),
  ];
  const ids = () => ['run', 'show', 'background'].map((name) => Number(readFileSync(join(folder, name), 'utf8')));
  await eventually(async () => ids().every((id) => id > 0));
  const started = ids();
  await endAll();
  const isThere = (id: number) => {
    try {
      return process.kill(id, 0);
    } catch {
      return false;
    }
  };
  expect(started.map(isThere)).toEqual([false, false, false]);
  expect(await Promise.all(ends)).toEqual([expect.stringContaining('exited with SIGINT'), false, false]);
  // Nothing is left to be ended.
  await endAll();
  rmSync(folder, { recursive: true });
});
