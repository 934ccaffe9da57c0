/** How long a program that hangs is waited for, how long its answer may be, and which variables it gets. */
import * as childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Ask } from '../doctor/aws.ts';

interface Limits {
  readonly env?: NodeJS.ProcessEnv;
  readonly timeout?: number;
  readonly maxBuffer?: number;
}
const asked: { readonly program: string; readonly limits: Limits }[] = [];
jest.unstable_mockModule('node:child_process', () => ({
  ...childProcess,
  execFile: Object.assign(() => undefined, {
    [promisify.custom]: (program: string, args: readonly string[], limits: Limits) => {
      asked.push({ program: [program, ...args.slice(0, 2)].join(' '), limits });
      const stdin = Object.assign(new EventEmitter(), { end: () => undefined });
      const stdout = program === 'helm' ? 'metadata: {name: one}\n' : '{"found": true}';
      return Object.assign(Promise.resolve({ stdout, stderr: '' }), { child: { stdin } });
    },
  }),
  spawnSync: (program: string, args: readonly string[], limits: Limits) => {
    asked.push({ program: [program, ...args.slice(0, 2)].join(' '), limits });
    return { stdout: '{"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ana"}' };
  },
}));
const { askIn } = await import('../doctor/aws.ts');
const { findEngine } = await import('../engine.ts');
const { dev } = await import('../environments/dev.ts');
const { callerIdentity } = await import('../prerequisites.ts');
const { readSettings } = await import('../settings.ts');
const { updateInCluster } = await import('../upgrade/crds.ts');
const { preflight } = await import('../upgrade/preflight.ts');

const path = process.env.PATH;
beforeEach(() => {
  asked.length = 0;
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const name of ['aws', 'helm', 'kubectl']) writeFileSync(join(folder, name), '', { mode: 0o755 });
  process.env.PATH = folder;
  delete process.env.TERRAFORM_BINARY_NAME;
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  process.env.PATH = path;
  jest.restoreAllMocks();
});

const seconds = ({ limits: { timeout = 0 } }: (typeof asked)[number]) => timeout / 1000;

test('AWS and Terraform are waited for as long as a slow answer takes, and not for minutes', async () => {
  expect(await askIn('sa-east-1')('eks', 'list-clusters')).toEqual({ found: true });
  expect(callerIdentity()).toMatchObject({ Account: '123456789012' });
  findEngine();
  const programs = ['aws eks list-clusters', 'aws sts get-caller-identity', 'terraform version'];
  expect(asked.map(({ program }) => program)).toEqual(programs);
  for (const one of asked) {
    expect(seconds(one)).toBeGreaterThanOrEqual(10);
    expect(seconds(one)).toBeLessThanOrEqual(60);
  }
  // All versions of an add-on are some megabytes.
  expect(asked[0]?.limits.maxBuffer).toBeGreaterThanOrEqual(20 * 1024 ** 2);
});

test('Helm may fetch a chart, and the cluster take its definitions, for a minute or more, and not for ever', async () => {
  await updateInCluster('dev', [{ name: 'one', repository: 'https://charts.example', version: '1.2.3' }]);
  expect(asked.map(({ program }) => program)).toEqual([
    ...['aws eks update-kubeconfig', 'helm show crds', 'kubectl apply --server-side'],
  ]);
  for (const one of asked.slice(1)) {
    expect(seconds(one)).toBeGreaterThanOrEqual(60);
    expect(seconds(one)).toBeLessThanOrEqual(600);
  }
  expect(asked[1]?.limits.maxBuffer).toBeGreaterThanOrEqual(20 * 1024 ** 2);
});

test('each gets all variables of the person or workflow, of which some are its credentials, and no more', async () => {
  const { nodeRelease, version } = dev.cluster;
  const ask = (async (_: string, operation: string) =>
    operation === 'describe-cluster' ? { cluster: { version, status: 'ACTIVE' } } : undefined) as Ask;
  const given = { AWS_PROFILE: 'one', AWS_SESSION_TOKEN: 'token', HTTPS_PROXY: 'http://proxy.example' };
  Object.assign(process.env, given);
  try {
    await askIn('sa-east-1')('eks', 'list-clusters');
    callerIdentity();
    findEngine();
    await updateInCluster('dev', [{ name: 'one', repository: 'https://charts.example', version: '1.2.3' }]);
    await preflight('dev', { nodeRelease, version }, readSettings('', {}), ask);
    const programs = new Set(asked.map(({ program }) => program.split(' ').slice(0, 2).join(' ')));
    expect([...programs]).toEqual([
      ...['aws eks', 'aws sts', 'terraform version', 'helm show', 'kubectl apply', 'kubectl get'],
    ]);
    // Terraform is told not to ask its maker for a newer version.
    const compared = ({ CHECKPOINT_DISABLE: _, ...variables }: NodeJS.ProcessEnv) => variables;
    for (const { limits, program } of asked) {
      // Without any of its own, Node gives a program all.
      const { env = process.env } = limits;
      expect([program, compared(env)]).toEqual([program, compared(process.env)]);
    }
  } finally {
    for (const name of Object.keys(given)) delete process.env[name];
  }
});
