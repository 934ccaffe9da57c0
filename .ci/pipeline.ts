/** Runs every check in turn. A failed step does not stop the later ones. The last line is the total. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBaseImages } from './base-images.ts';
import { installPlugins, startEngine } from './docker-engine.ts';
import { type Outcome, readJestReport } from './jest-report.ts';
import { startMysql } from './mysql.ts';
import { endAll, run, show, showInBackground } from './processes.ts';

let passed = 0;
const summary: string[] = [];
const skipped: string[] = [];
/** Repeated at the end, because the output of a whole run is long. */
const failures: string[] = [];
const folder = await mkdtemp(join(tmpdir(), 'ci-'));
const cleanUp: (() => Promise<void>)[] = [];
/** Environment variables for the later steps. The earlier steps add to it as they succeed. */
const environment: Record<string, string> = { REQUIRE_TOOLS: '1' };

let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => end(`Interrupted by ${signal}`));

await step(
  'tools',
  asOne(() => run('bash', ['.ci/install-tools'])),
);
// Go needs minutes of both cores for it. The next steps often wait, and these programs get the time that they leave.
const built = run('nice', ['-n', '19', process.execPath, 'test/kubernetes/build.ts']);
// A failure is told by the step that needs them.
built.catch(() => undefined);
await step(
  'check',
  asOne(() => pnpm('check')),
);
await step(
  'build',
  asOne(() => pnpm('build')),
);
await step('engine', asOne(startServers));
await step('test', () => jest('test', 'test'));
await step(
  'cluster',
  asOne(async () => {
    await built;
    await run(process.execPath, ['test/kubernetes/with.ts', '--real', 'true']);
  }),
);
// These tests measure no time. They run while the steps after them wait, and then get both cores.
const unmeasured = ['infra', 'delivery', 'rehearsal', 'scripts', 'kubernetes'];
const programs = step('programs', () =>
  jestInBackground('programs', 'test:deep', '--maxWorkers=100%', '--selectProjects', ...unmeasured),
);
await step('deep', () => jest('deep', 'test:deep', '--ignoreProjects', 'images', 'cluster', ...unmeasured));
await step('images', () => jest('images', 'test:deep', '--selectProjects=images'));
// One after another: a machine can run only one real node.
await step('release', () => jest('release', 'test:deep', '--runInBand', '--selectProjects', 'cluster'));
await programs;
await end();

/** Runs one step and records its result and duration. A step that throws counts as one failure. */
async function step(name: string, work: () => Promise<Outcome>): Promise<void> {
  console.log(`\n=== ${name}`);
  const start = performance.now();
  let outcome: Outcome;
  try {
    outcome = await work().finally(() => {
      // A step that was interrupted has no result, and none may follow it.
      if (isEnding) return new Promise(() => undefined);
    });
  } catch (error) {
    console.error(error);
    outcome = {
      passed: 0,
      skipped: [],
      failures: [`${name}: ${error instanceof Error ? error.message.slice(-2000) : error}`],
    };
  }
  passed += outcome.passed;
  skipped.push(...outcome.skipped);
  failures.push(...outcome.failures);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const counts = `${outcome.passed} passed, ${outcome.failures.length} failed`;
  summary.push(`${name.padEnd(8)} ${seconds.padStart(6)} s  ${counts}`);
}

/** Makes a step that counts as one check. */
function asOne(work: () => Promise<void>): () => Promise<Outcome> {
  return async () => {
    await work();
    return { passed: 1, skipped: [], failures: [] };
  };
}

/** Starts the Docker engine with its plugins and base images, and MySQL in it. */
async function startServers(): Promise<void> {
  const engine = await startEngine(folder, cleanUp);
  Object.assign(environment, engine.env);
  await installPlugins(engine, folder);
  await makeBaseImages(engine, folder);
  const mysql = await startMysql(engine);
  cleanUp.push(mysql.stop);
  Object.assign(environment, mysql.env);
}

async function pnpm(...args: string[]): Promise<void> {
  if (!(await show('npx', ['pnpm@12', ...args], { env: environment }))) {
    throw new Error(`pnpm ${args.join(' ')} failed`);
  }
}

function jest(name: string, script: 'test' | 'test:deep', ...args: string[]): Promise<Outcome> {
  return reported(show, name, script, args);
}

function jestInBackground(name: string, script: 'test' | 'test:deep', ...args: string[]): Promise<Outcome> {
  return reported(showInBackground, name, script, args);
}

async function reported(
  runner: typeof show,
  name: string,
  script: 'test' | 'test:deep',
  args: readonly string[],
): Promise<Outcome> {
  const report = join(folder, `${name}.json`);
  // A failed test may leave a server running, which would keep jest from exiting.
  const options = ['--forceExit', '--json', `--outputFile=${report}`, ...args];
  const hasPassed = await runner('npx', ['pnpm@12', script, ...options], { env: environment });
  const outcome = await readJestReport(report);
  if (!hasPassed && outcome.failures.length === 0) {
    outcome.failures.push(`${name}: jest failed, although every test and every file passed`);
  }
  return outcome;
}

async function end(failure?: string): Promise<never> {
  isEnding = true;
  await endAll();
  for (const clean of cleanUp.reverse()) await clean().catch(console.error);
  await rm(folder, { recursive: true, force: true });
  if (failure !== undefined) failures.push(failure);
  for (const text of failures) console.log(`\n● ${text}`);
  for (const text of skipped) console.log(`\n○ ${text}`);
  console.log(`\n${summary.join('\n')}\n`);
  const left = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  console.log(`${passed} passed, ${failures.length} failed${left}`);
  process.exit(failures.length === 0 && passed > 0 ? 0 : 1);
}
