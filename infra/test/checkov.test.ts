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
  readonly results: { readonly failed_checks: readonly Finding[] };
}

interface Finding {
  readonly check_id: string;
  readonly file_path: string;
  readonly resource: string;
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
    const found = report.results.failed_checks.filter(
      (finding) => !waivers[finding.check_id]?.where.some((where) => covers(where, finding)),
    );
    expect(found.map((finding) => `${finding.check_id} ${placeOf(finding)}`)).toEqual([]);
  });

  test('still has a finding for every waiver and place', () => {
    const unused = Object.entries(waivers).flatMap(([id, { where }]) =>
      where
        .filter((each) => !report.results.failed_checks.some((one) => one.check_id === id && covers(each, one)))
        .map((each) => `${id} ${each}`),
    );
    expect(unused).toEqual([]);
  });
});

/** Stack and name of the finding's resource, without the type and the hash that CDKTF adds. */
function placeOf({ file_path, resource }: Finding): string {
  const [, stack] = file_path.split('/');
  return `${stack} ${resource
    .split('.')
    .at(-1)
    ?.replace(/_[0-9A-F]{8}$/, '')}`;
}

/** Whether the waiver's place, in which `*` stands for anything, is that of the finding. */
function covers(where: string, finding: Finding): boolean {
  return new RegExp(`^${where.replaceAll('*', '.*')}$`).test(placeOf(finding));
}
