import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { mariadbd } from '../../packages/database/test/support/mariadb.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';

const run = promisify(execFile);
const bench = resolve(import.meta.dirname, '..');
const tools = mariadbd && findTool('wrk') && findTool('go');

// Checks that the bench works, and not its figures: on a machine that also runs tests, they mean nothing.
describeWith('MariaDB, wrk and Go', tools, 'The bench', () => {
  test('measures every server and writes the tables between the markers of the page', async () => {
    const page = join(await mkdtemp(join(tmpdir(), 'bench-')), 'page.md');
    await writeFile(page, 'Before\n<!-- pnpm bench -->\nold\n<!-- /pnpm bench -->\nAfter\n');
    await run(process.execPath, ['--run', 'build'], { cwd: resolve(bench, '../apps/calculadora-api') });
    const env = { ...process.env, BENCH_SECONDS: '1', BENCH_ROUNDS: '1', BENCH_CONNECTIONS: '8' };
    await run(process.execPath, [join(bench, 'run.ts'), page], { env });

    const text = await readFile(page, 'utf8');
    expect(text).toMatch(/^Before\n<!-- pnpm bench -->\n.*\n<!-- \/pnpm bench -->\nAfter\n$/s);
    expect(text).not.toContain('old');
    const rows = text.split('\n').filter((line) => line.startsWith('| GET') || line.startsWith('| POST'));
    expect(rows).toHaveLength(14);
    for (const row of rows) expect(row).toMatch(/^\| (GET|POST) \| 8 \| .+ \| [\d,]{2,} \| .* \| 0 \|$/);
    const starts = text.split('\n').filter((line) => /^\| [^|]+(?: \| [\d,]+){3} \|$/.test(line));
    expect(starts).toHaveLength(7);
  });
});
