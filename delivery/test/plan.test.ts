import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { engineProgram } from '../../infra/engine.ts';
import { copyRepository, root } from '../../infra/test/support/program.ts';
import { Rehearsal } from '../../infra/test/support/rehearsal.ts';
import { synthesise } from '../../infra/test/support/synthesised.ts';
import { linkPackages } from '../../test/support/packages.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { folded } from '../report.ts';
import { type Outcome, stepFiles } from './support/delivery.ts';

// The tests depend on each other: each one continues with the environment of the one before.
describeWith(engineProgram(), findTool(engineProgram()), 'a plan of the infrastructure, without a cloud,', () => {
  let stage: Rehearsal;
  let copy: string;
  let approved: Outcome;

  /** Runs `pnpm delivery` in a copy of the repository, as a step of a workflow does. */
  async function delivery(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const files = await stepFiles();
    const outcome = await stage.program(copy, 'delivery/cli.ts', args, { ...files.env, ...env });
    return { ...outcome, ...(await files.read()) };
  }
  const counts = (summary: string) => summary.split('\n').find((line) => /^\| \d/.test(line));
  const flag = (dev: boolean, prd = false) =>
    writeFile(join(copy, 'infra/destroy_config.json'), JSON.stringify({ dev, prd }));

  beforeAll(async () => {
    stage = await Rehearsal.start();
    copy = await copyRepository();
    const filter = (path: string) => basename(path) !== 'node_modules';
    await cp(join(root, 'delivery'), join(copy, 'delivery'), { recursive: true, filter });
    await linkPackages(copy);
  });
  afterAll(async () => {
    await stage?.stop();
    await rm(copy, { recursive: true, force: true });
  });

  test('counts the resources of a new environment, and shows no values', async () => {
    approved = await delivery(['plan', 'dev', '--out', 'plan.json'], { INFRA_OWNER: 'somebody-private' });
    expect(approved.code).toBe(0);
    expect(approved.outputs).toEqual({
      changes: 'true',
      risks: '0',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(counts(approved.summary)).toMatch(/^\| \d{3} \| 0 \| 0 \| 0 \|$/);
    // In a public repository, anybody can read the log of a run.
    expect(approved.output + approved.summary).not.toContain('somebody-private');
    expect(approved.summary).not.toMatch(/perda de dados/);
    const report = JSON.parse(await readFile(join(copy, 'plan.json'), 'utf8'));
    expect(folded(report)).toBe(approved.summary.trim());
  });

  test('has the same fingerprint when nothing has changed, and another when a value has', async () => {
    const again = await delivery(['plan', 'dev'], { INFRA_OWNER: 'somebody-private' });
    expect(again.outputs.fingerprint).toBe(approved.outputs.fingerprint);
    const other = await delivery(['plan', 'dev'], { INFRA_OWNER: 'somebody-else' });
    expect(other.outputs.fingerprint).not.toBe(approved.outputs.fingerprint);
    expect(counts(other.summary)).toBe(counts(approved.summary));
  });

  test('that differs from the approved one is not applied, and is shown', async () => {
    const { code, output, summary } = await delivery(
      ['apply', 'dev', '--fingerprint', String(approved.outputs.fingerprint)],
      { INFRA_OWNER: 'somebody-else' },
    );
    expect(code).toBe(1);
    expect(output).toContain('nothing was applied');
    expect(output).toContain('Re-run all jobs');
    expect(summary).toContain('Criados');
    expect(stage.changes().filter(({ action }) => action === 'create')).toEqual([]);
  });

  test('that was approved is applied, and leaves nothing to plan', async () => {
    const env = { INFRA_OWNER: 'somebody-private' };
    const args = ['apply', 'dev', '--fingerprint', String(approved.outputs.fingerprint)];
    const applied = await delivery(args, env);
    const made = Number(/Apply complete! Resources: (\d+) added/.exec(applied.output)?.[1]);
    expect(counts(approved.summary)).toBe(`| ${made} | 0 | 0 | 0 |`);
    expect(applied.code).toBe(0);
    const { outputs, summary } = await delivery(['plan', 'dev'], env);
    expect(outputs.changes).toBe('false');
    expect(summary).toContain('Nothing changes');
  });

  test('that would replace the database shows that in bold', async () => {
    const { address } = synthesise('dev').one('aws_db_instance');
    const { summary } = await delivery(['plan', 'dev'], {
      INFRA_OWNER: 'somebody-private',
      TF_CLI_ARGS_plan: `-replace=${address}`,
    });
    expect(summary).toContain('**Haverá perda de dados**');
    expect(summary).toContain('- **substitui `aws_db_instance.database_instance`: o banco de dados');
  });

  test('destroys the environment if the file says so, and lists the data that will be lost', async () => {
    await flag(true);
    const { outputs, summary } = await delivery(['plan', 'dev'], { INFRA_OWNER: 'somebody-private' });
    expect(outputs.changes).toBe('true');
    expect(summary).toContain('**O ambiente dev inteiro será apagado');
    expect(summary).toMatch(/destrói `aws_db_instance\.database_instance`: o banco de dados/);
    const args = ['apply', 'dev', '--fingerprint', String(outputs.fingerprint)];
    const applied = await delivery(args, { INFRA_OWNER: 'somebody-private' });
    expect(applied.output).toContain('Apply complete! Resources: 0 added, 0 changed');
    expect(applied.code).toBe(0);
  });

  test('to destroy a protected environment is refused', async () => {
    await flag(false, true);
    const { code, output } = await delivery(['plan', 'prd']);
    expect(code).toBe(2);
    expect(output).toContain('prd is protected');
  });

  test('is refused if the file is ambiguous, and nothing is done', async () => {
    await writeFile(join(copy, 'infra/destroy_config.json'), '{"dev": "yes"}');
    stage.changes();
    for (const args of [
      ['plan', 'dev'],
      ['apply', 'dev', '--fingerprint', '0'.repeat(64)],
    ]) {
      const { code, output } = await delivery(args);
      expect([code, output]).toEqual([2, expect.stringContaining('dev is "yes", not true or false')]);
    }
    expect(stage.changes()).toEqual([]);
  });
});
