import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { waivers } from '../checkov-waivers.ts';
import { synthesiseAll } from './support/program.ts';

interface Report {
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
  readonly results: { readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[] };
}

describeWith('checkov', findTool('checkov'), 'checkov on all stacks', (checkov) => {
  let report: Report;

  beforeAll(async () => {
    const out = await synthesiseAll();
    const folder = await mkdtemp(join(tmpdir(), 'checkov-'));
    for (const stack of ['bootstrap', 'dev', 'prd']) {
      await mkdir(join(folder, stack));
      await copyFile(join(out, 'stacks', stack, 'cdk.tf.json'), join(folder, stack, 'cdk.tf.json'));
    }
    const args = ['--framework', 'terraform_json', '--directory', folder, '--output', 'json', '--compact', '--quiet'];
    const { stdout } = await promisify(execFile)(checkov, [...args, '--soft-fail'], { maxBuffer: 64 * 1024 ** 2 });
    report = JSON.parse(stdout);
  });

  test('reads every stack', () => {
    expect(report.summary.parsing_errors).toBe(0);
    expect(report.summary.passed).toBeGreaterThan(400);
  });

  test('has no findings without a waiver', () => {
    const found = report.results.failed_checks.filter(({ check_id }) => !(check_id in waivers));
    expect(found.map(({ check_id, resource }) => `${check_id} ${resource}`)).toEqual([]);
  });

  test('still has a finding for every waiver', () => {
    const found = new Set(report.results.failed_checks.map(({ check_id }) => check_id));
    expect(Object.keys(waivers).filter((id) => !found.has(id))).toEqual([]);
  });
});
