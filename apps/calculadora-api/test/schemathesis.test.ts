import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { limits, paths } from 'contract';
import { describeWith, findTool } from '../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from './support/api.ts';
import { newDatabaseFile } from './support/databases.ts';

const run = promisify(execFile);

/** The parts of schemathesis's report that these tests read. */
interface Report {
  stop_reason: string;
  operations: { total: number; tested: number };
  test_cases: { generated: number };
  failures: unknown[];
  errors: unknown[];
  warnings: Record<string, unknown[]>;
}

describeWith('schemathesis', findTool('schemathesis'), "The API's OpenAPI description", (schemathesis) => {
  let folder: string;
  let api: Api;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'schemathesis-'));
    api = await startApi({ ...(await newDatabaseFile()).env, LOG_LEVEL: 'warn' });
    await untilReady(api);
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true });
  });

  /** Runs schemathesis: it generates the same requests from a description each time, and checks the responses. */
  async function findings(...options: string[]): Promise<Report> {
    const report = join(folder, 'report.json');
    const bounded = ['--max-examples=100', '--seed=1', '--workers=1', '--generation-database=none', '--no-color'];
    const args = ['run', ...options, ...bounded, '--report=json', `--report-json-path=${report}`];
    const { stdout } = await run(schemathesis, args, { cwd: folder }).catch((error) => {
      // It exits with 1 if it finds a problem. Its output is the best error message.
      throw new Error(error.stdout || error.message);
    });
    process.stdout.write(stdout.slice(stdout.indexOf('API Operations:')));
    return JSON.parse(await readFile(report, 'utf8'));
  }

  function expectNothingFound(report: Report) {
    expect(report).toMatchObject({ stop_reason: 'completed', failures: [], errors: [] });
    // For example about a part of the description that it cannot use.
    expect(Object.values(report.warnings).flat()).toEqual([]);
    expect(report.operations).toMatchObject({ total: 4, tested: 4 });
    expect(report.test_cases.generated).toBeGreaterThan(100);
  }

  test('matches the responses to any generated request', async () => {
    // No schema can express that the sum of two fields has a limit, or that a key belongs to one operation. So the API
    // refuses many of the generated requests. The next test checks which ones it must accept.
    const checks = ['--checks=all', '--exclude-checks=positive_data_acceptance'];
    const { warnings, ...report } = await findings(api.url + paths.openapi, ...checks);
    const { validation_mismatch: _, ...others } = warnings;
    expectNothingFound({ ...report, warnings: others });
  });

  test('generates only accepted requests, as long as the sum is within its limits', async () => {
    const document = JSON.parse(await (await fetch(api.url + paths.openapi)).text());
    const { properties } = document.paths[paths.sum].post.requestBody.content['application/json'].schema;
    for (const operand of [properties.operador1, properties.operador2]) {
      operand.minimum = Math.ceil(limits.integer.minimum / 2);
      operand.maximum = Math.floor(limits.integer.maximum / 2);
    }
    document.paths[paths.sum].post.parameters = [];
    const narrowed = join(folder, 'openapi.json');
    await writeFile(narrowed, JSON.stringify(document));
    expectNothingFound(
      await findings(narrowed, `--url=${api.url}`, '--mode=positive', '--checks=positive_data_acceptance'),
    );
  });
});
