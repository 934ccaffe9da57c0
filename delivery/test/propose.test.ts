import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { delivery } from './support/delivery.ts';
import { Programs } from './support/programs.ts';

/** Fake `gh` that writes down how it was called. The file `open` holds the number of the open issue, if there is one. */
const github = `
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const args = process.argv.slice(2);
if (args.slice(0, 2).join(' ') === 'issue list') {
  const open = __dirname + '/open';
  const isAsked = args.includes('--state=open') && args.includes('--label=versions');
  console.log(isAsked && existsSync(open) ? '[{"number":' + readFileSync(open, 'utf8') + '}]' : '[]');
} else {
  const input = args.includes('--body-file=-') ? [readFileSync(0, 'utf8')] : [];
  appendFileSync(__dirname + '/calls', JSON.stringify([...args, ...input]) + '\\n');
  console.log('https://github.example/owner/name/issues/8');
}
`;

describe('the weekly proposal of versions', () => {
  let programs: Programs;
  let tree: string;
  let origin: string;
  const git = (...args: string[]) => execFileSync('git', args, { cwd: tree, encoding: 'utf8', stdio: 'pipe' }).trim();

  beforeEach(async () => {
    programs = new Programs().node('gh', github);
    tree = join(programs.folder, 'tree');
    origin = join(programs.folder, 'origin.git');
    await mkdir(join(tree, 'infra/environments'), { recursive: true });
    await writeFile(join(tree, 'infra/environments/dev.ts'), "nodeRelease: '1.36.2-20260714'\n");
    await writeFile(join(programs.folder, 'calls'), '');
    git('init', '--quiet', '--initial-branch=develop');
    git('init', '--quiet', '--bare', origin);
    git('remote', 'add', 'origin', origin);
    git('add', '.');
    git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '--quiet', '--message=First');
  });

  const raise = (release: string) => writeFile(join(tree, 'infra/environments/dev.ts'), `nodeRelease: '${release}'\n`);

  async function propose(printed: string) {
    const report = join(tree, 'report.txt');
    await writeFile(report, printed);
    const run = 'https://github.example/owner/name/actions/runs/1';
    const env = { ...programs.env, GIT_DIR: join(tree, '.git'), GIT_WORK_TREE: tree };
    const outcome = await delivery(['propose', '--report', report, '--run', run], env);
    const calls = programs.read('calls').split('\n').filter(Boolean);
    return { ...outcome, calls: calls.map((line) => JSON.parse(line) as string[]) };
  }

  test('is pushed with the environment files alone, and an issue leads to the pull request', async () => {
    await raise('1.36.3-20261110');
    const { calls, code, output } = await propose('dev: 1.36.2-20260714 → 1.36.3-20261110\n');
    expect([code, output]).toEqual([0, expect.stringContaining('Issue opened')]);
    expect(git('--git-dir', origin, 'show', '--name-only', '--format=', 'propose/versions')).toBe(
      'infra/environments/dev.ts',
    );
    expect(git('--git-dir', origin, 'show', 'propose/versions:infra/environments/dev.ts')).toContain('20261110');
    expect(calls.map(([, action]) => action)).toEqual(['create', 'create']);
    const body = calls[1]?.at(-1);
    expect(body).toContain('https://github.example/owner/name/compare/develop...propose/versions?expand=1&title=');
    expect(body).toContain('```text\ndev: 1.36.2-20260714 → 1.36.3-20261110\n```');
  });

  test('replaces the one before, and keeps its issue', async () => {
    for (const release of ['1.36.3-20261110', '1.36.4-20261117']) {
      git('switch', '--quiet', '--force', 'develop');
      await raise(release);
      await propose(`→ ${release}`);
      await writeFile(join(programs.folder, 'open'), '8');
    }
    expect(git('--git-dir', origin, 'log', '--format=%s', 'propose/versions').split('\n')).toHaveLength(2);
    expect(git('--git-dir', origin, 'show', 'propose/versions:infra/environments/dev.ts')).toContain('20261117');
    const actions = programs
      .read('calls')
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as string[])[1]);
    expect(actions).toEqual(['create', 'create', 'edit', 'comment']);
  });

  test('pushes nothing if something is in the way, and tells what', async () => {
    const { calls, code } = await propose('dev: Kubernetes 1.36\n\n✗ O EKS avisa\n');
    expect([code, git('--git-dir', origin, 'branch', '--list')]).toEqual([0, '']);
    expect(calls[1]?.at(-1)).toContain('✗ O EKS avisa');
    expect(calls[1]?.at(-1)).not.toContain('/compare/');
  });

  test('says nothing as long as nothing can be raised, and closes the issue', async () => {
    expect((await propose('Nothing to raise.')).calls).toEqual([]);
    await writeFile(join(programs.folder, 'open'), '8');
    const { calls } = await propose('Nothing to raise.');
    expect(calls.map(([, action, issue]) => [action, issue])).toEqual([['close', '8']]);
  });
});
