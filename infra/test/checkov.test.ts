import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { waivers } from '../checkov-waivers.ts';
import { covers as coversPlace, recordedResults, recordResults } from './support/checkov-results.ts';
import { combinedChoices, settingsChoices } from './support/choices.ts';
import { synthesiseAll } from './support/program.ts';
import { synthesise } from './support/synthesised.ts';

/** The environments with all choices that their files offer, and with those of the settings. */
const choices = [...combinedChoices, ...settingsChoices.filter(([title, name]) => title !== name)];

interface Report {
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
  readonly results: { readonly failed_checks: readonly Finding[]; readonly passed_checks: readonly Finding[] };
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
    for (const [index, [, name, changes]] of choices.entries()) {
      await mkdir(join(folder, `${name}-${index}`));
      const { terraform } = synthesise(name, changes);
      await writeFile(join(folder, `${name}-${index}`, 'cdk.tf.json'), JSON.stringify(terraform));
    }
    for (const stack of ['bootstrap', 'dev', 'prd']) {
      await mkdir(join(folder, stack));
      await copyFile(join(out, 'stacks', stack, 'cdk.tf.json'), join(folder, stack, 'cdk.tf.json'));
    }
    const args = ['--framework', 'terraform_json', '--directory', folder, '--output', 'json', '--compact'];
    const { stdout } = await promisify(execFile)(checkov, [...args, '--soft-fail'], { maxBuffer: 64 * 1024 ** 2 });
    report = JSON.parse(stdout);
  }, 900_000);

  test('reads every stack', () => {
    expect(report.summary.parsing_errors).toBe(0);
    expect(report.summary.passed).toBeGreaterThan(250 * (choices.length + 3));
  });

  test('says of the stacks as they are what the waivers are tested by at each change', () => {
    const { failed_checks, passed_checks } = report.results;
    const results = Object.entries({ failed: failed_checks, passed: passed_checks }).flatMap(([result, checks]) =>
      checks.map((check) => ({ id: check.check_id, place: placeOf(check), result })),
    );
    const lines = results
      .filter(({ id, place }) => id in waivers && !place.startsWith('"'))
      .map(({ id, place, result }) => `${id} ${result} ${place}`);
    const found = [...new Set(lines)].toSorted();
    if (process.env.RECORD) recordResults(found);
    expect(found).toEqual(recordedResults());
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
  const [, folder = ''] = file_path.split('/');
  const [stack, choice] = folder.split('-');
  const title = choice === undefined ? stack : `"${choices[Number(choice)]?.[0]}"`;
  return `${title} ${resource
    .split('.')
    .at(-1)
    ?.replace(/_[0-9A-F]{8}$/, '')}`;
}

/**
 * Whether the waiver's place, in which `*` stands for anything, is that of the finding. What a choice leaves out may be
 * what the other environment may lack, so a choice is covered by the waivers of both.
 */
function covers(where: string, finding: Finding): boolean {
  const place = placeOf(finding);
  const [stack = '', ...rest] = where.split(' ');
  const anywhere = place.startsWith('"') && stack !== 'bootstrap';
  return coversPlace(`${anywhere ? '"*"' : stack} ${rest.join(' ')}`, place);
}
