import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { engineProgram } from '../../infra/engine.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';

const bench = resolve(import.meta.dirname, '../bench.ts');

// Checks that the bench works, and not its figures: on a machine that also runs tests, they mean nothing.
describeWith(engineProgram(), findTool(engineProgram()), 'The bench of the infrastructure', () => {
  test('measures the synthesis and a rehearsal, and shows what a deployment waits for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    const page = join(folder, 'page.md');
    await writeFile(
      page,
      '<!-- pnpm bench -->kept<!-- /pnpm bench -->\n<!-- pnpm bench infra -->\nold\n<!-- /pnpm bench infra -->\nAfter\n',
    );
    const env = { ...process.env, BENCH_ROUNDS: '1' };
    await promisify(execFile)(process.execPath, [bench, 'infra', page], { env });
    const text = await readFile(page, 'utf8');
    await rm(folder, { recursive: true });

    expect(text).toMatch(/^<!-- pnpm bench -->kept<!-- \/pnpm bench -->\n<!-- pnpm bench infra -->\n.*\nAfter\n$/s);
    expect(text).not.toContain('old');
    expect(text.match(/^\| .+ \| [\d.]+ s \| [\d.]+ s \|$/gm)).toHaveLength(4);
    for (const name of ['dev', 'prd']) {
      expect(text).toMatch(
        new RegExp(`^\\| ${name} \\| \\d+ \\| \\d+ min \\d+ s \\| 0 s \\| \\d+ min \\d+ s \\|$`, 'm'),
      );
    }
    expect(text).toMatch(/^\| cluster\/control-plane \| \d+ min \d+ s \|$/m);
    expect(text).toMatch(/^\| edge\/vpc-origin-80 \| ≤ 15 min 0 s \|$/m);
  });
});
