// Time limits are defined where they are used: in TypeScript, in nginx's configuration, in manifests. These tests check
// how they relate to one another. All in milliseconds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { application as apiApplication } from '../../apps/calculadora-api/application.ts';
import { retryTime } from '../../apps/calculadora-api/src/database/operation-store.ts';
import { batchLimits } from '../../apps/calculadora-api/src/database/operations-database.ts';
import { timeLimits } from '../../apps/calculadora-api/src/server.ts';
import { queueSize } from '../../apps/calculadora-api/src/telemetry/bounded-queue.ts';
import { tracesPerSecond } from '../../apps/calculadora-api/src/telemetry/open-telemetry.ts';
import { application as siteApplication } from '../../apps/magic-calculator/application.ts';
import type { DeploymentManifest } from '../../delivery/manifests.ts';
import { patience } from '../../delivery/rollout.ts';
import { deregistrationDelay } from '../../infra/constructs/edge/load-balancer.ts';
import { environments } from '../../infra/environments/all.ts';
import { timeLimits as secretsLimits } from '../../infra/functions/database-logins/src/secret.ts';
import { timeLimits as signozLimits } from '../../infra/functions/signoz/src/signoz.ts';
import { type Block, type Synthesised, synthesise } from '../../infra/test/support/synthesised.ts';
import { limits } from '../../packages/contract/src/index.ts';
import { readyTimeout } from '../../packages/database/src/index.ts';
import { longestTransaction } from '../../packages/database/src/mysql/compare-table.ts';
import { requestLimits } from '../../packages/database/src/mysql/mysql-adapter.ts';
import { comparisonTime } from '../../packages/database/src/run-comparison.ts';
import { rotationTime, timeLimit } from '../../packages/database/src/run-migration.ts';
import { applications } from '../../packages/platform/src/applications.ts';

const api = (file: string) => read(`apps/calculadora-api/${file}`);
const site = (file: string) => read(`apps/magic-calculator/${file}`);
const nginx = site('nginx/nginx.conf');

test('a sum is stored or fails within the time that the contract promises to clients', () => {
  expect(retryTime).toBeLessThan(batchLimits.answerTimeout);
  expect(batchLimits.answerTimeout).toBeLessThan(limits.storageTimeout);
});

test('an operation may wait as long as a batch is sent again, and its own batch has a second then', () => {
  expect(batchLimits.waitTimeout).toBeGreaterThan(retryTime);
  expect(batchLimits.answerTimeout - batchLimits.waitTimeout).toBeGreaterThanOrEqual(1_000);
});

test('a query that takes too long gives its connection back by the time its operations are refused', () => {
  const { acquireTimeout, queryTimeout } = requestLimits;
  expect(acquireTimeout + queryTimeout).toBeLessThanOrEqual(batchLimits.answerTimeout);
});

test('a commit may take a second, as while the server writes a checkpoint', () => {
  expect(requestLimits.queryTimeout).toBeGreaterThanOrEqual(2_000);
});

test('an attempt to read the login ends while a visitor still waits, even if Secrets Manager does not answer', () => {
  const secrets = read('packages/database/src/mysql/secrets.ts');
  const attempts = number(secrets, '.*\\bmaxAttempts:');
  expect(attempts * number(secrets, '.*\\brequestTimeout:')).toBeLessThan(limits.clientTimeout);
});

test.each([
  ['the site', limits.clientTimeout],
  ['the API itself', timeLimits.connectionTimeout],
  ["Compose's nginx", seconds(site('nginx/backend.conf'), 'proxy_read_timeout')],
])('%s waits longer for a sum than the API waits for its storage', (_who, timeout) => {
  expect(timeout).toBeGreaterThan(limits.storageTimeout);
});

test('a visitor waits no longer than ten seconds for a sum', () => {
  expect(limits.clientTimeout).toBeLessThanOrEqual(10_000);
});

test('the API checks for slow clients within the headers timeout, which is shorter than the request timeout', () => {
  const { connectionsCheckingInterval, headersTimeout } = timeLimits.http;
  expect(connectionsCheckingInterval).toBeLessThan(headersTimeout);
  expect(headersTimeout).toBeLessThan(timeLimits.requestTimeout);
});

test('the API answers the readiness probe before it times out, but gives the database a second', () => {
  expect(readyTimeout).toBeGreaterThanOrEqual(1_000);
  const probe = api('k8s/base/deployment.yaml').split('readinessProbe:')[1] ?? '';
  expect(readyTimeout).toBeLessThan(seconds(probe, 'timeoutSeconds:'));
});

test('the API finishes requests that wait for storage and sends its traces before it exits, and exits before Kubernetes kills it', () => {
  const deployment = api('k8s/base/deployment.yaml');
  const closeTime = number(api('src/main.ts'), 'const closeTime =');
  const drainTime = number(api('src/drain.ts'), 'const drainTime =');
  const telemetryTime = number(api('src/telemetry/bounded-queue.ts'), 'const closeTimeout =');
  expect(closeTime).toBeGreaterThan(drainTime + limits.storageTimeout + telemetryTime);
  expect(seconds(deployment, 'terminationGracePeriodSeconds:')).toBeGreaterThan(preStop(deployment) + closeTime);
  expect(apiApplication.stopTime * 1_000).toBe(closeTime);
});

test('a comparison with a restored copy allows for the longest request, and for no loss of minutes', () => {
  expect(longestTransaction).toBeGreaterThan(limits.storageTimeout);
  expect(longestTransaction).toBeLessThan(60_000);
  const deadline = number(read('infra/drill/comparison-job.ts'), 'const jobDeadline =') * 1_000;
  expect(comparisonTime).toBeLessThan(deadline);
});

test('the API sends as many traces as the documentation says, and can keep all of them for one attempt to send them', () => {
  const [, documented] = /at most (\d+) a second and pod/.exec(read('docs/architecture.md')) ?? [];
  expect(tracesPerSecond).toBe(Number(documented));
  const attempt = number(api('src/telemetry/open-telemetry.ts'), 'const sendTimeout =') / 1_000;
  // Ordinary and failed requests, with three spans each.
  expect(queueSize).toBeGreaterThanOrEqual(2 * tracesPerSecond * 3 * attempt);
});

describe.each(applications)('a release of $name', ({ name }) => {
  const deployment = read(`apps/${name}/k8s/base/deployment.yaml`);
  const deadline = seconds(deployment, 'progressDeadlineSeconds:');
  const startup = seconds(deployment.split('startupProbe:')[1] ?? '', 'failureThreshold:');

  test('stops a pod only after the load balancer has stopped sending it requests', () => {
    expect(preStop(deployment)).toBeGreaterThan(deregistrationDelay * 1_000);
  });

  test.each(Object.values(environments))(
    'waits in $name for a node, twice if there is no spot capacity',
    (environment) => {
      const node = environment.cluster.nodeProvisionMinutes * 60_000;
      expect(node).toBeGreaterThanOrEqual(4 * 60_000);
      expect(deadline).toBeGreaterThan(2 * node + startup + seconds(deployment, 'minReadySeconds:'));
    },
  );

  test('ends before its workflow, even if the migration, the pods and the rollback take as long as they may', () => {
    const wait = patience({ spec: { progressDeadlineSeconds: deadline / 1_000 } } as DeploymentManifest) * 1_000;
    expect(wait).toBeGreaterThan(deadline);
    const release = read('.github/workflows/ci-cd.yml').split('\n  release:')[1] ?? '';
    expect(number(release, 'timeout-minutes:') * 60_000).toBeGreaterThan(3 * wait);
  });
});

test("the job of SigNoz's definitions waits longer than SigNoz for a request, as long as a node takes to come, and ends before Kubernetes ends it", () => {
  const chart = read('infra/charts/signoz-maintenance/templates/definitions.yaml');
  // SigNoz's own limit: https://github.com/SigNoz/signoz/blob/v0.131.0/conf/example.yaml
  expect(signozLimits.request).toBeGreaterThan(30_000);
  expect(signozLimits.request).toBeLessThanOrEqual(60_000);
  // The autoscaler waits up to five minutes for a node, and SigNoz's migrations run before it answers.
  expect(signozLimits.start).toBeGreaterThanOrEqual(10 * 60_000);
  expect(signozLimits.start).toBeLessThan(number(chart, 'activeDeadlineSeconds:') * 1_000);
});

test('a rotation fails, instead of hanging, if Secrets Manager does not answer', () => {
  expect(secretsLimits.throwOnRequestTimeout).toBe(true);
  // Lambda ends the function after 30 s, without a reason in its log.
  expect(secretsLimits.connectionTimeout + secretsLimits.requestTimeout).toBeLessThan(15_000);
});

test("the site's nginx exits before Kubernetes kills it", () => {
  const deployment = site('k8s/base/deployment.yaml');
  const grace = seconds(deployment, 'terminationGracePeriodSeconds:');
  const shutdown = seconds(nginx, 'worker_shutdown_timeout');
  expect(grace).toBeGreaterThan(preStop(deployment) + shutdown);
  expect(siteApplication.stopTime * 1_000).toBe(shutdown);
});

test('a migration waits for the first rotation of its secrets, and ends by itself before Kubernetes ends its job', () => {
  const deadline = seconds(api('k8s/base/migration.yaml'), 'activeDeadlineSeconds:');
  // The rotation is a function that AWS starts, and that may be tried again.
  expect(rotationTime).toBeGreaterThanOrEqual(2 * 60_000);
  expect(rotationTime).toBeLessThan(timeLimit);
  expect(timeLimit).toBeLessThan(deadline);
});

test("at shutdown, the site's nginx waits for in-flight responses as long as they can take", () => {
  const shutdown = seconds(nginx, 'worker_shutdown_timeout');
  expect(shutdown).toBeGreaterThan(seconds(site('nginx/backend.conf'), 'proxy_read_timeout'));
  expect(shutdown).toBeGreaterThan(seconds(nginx, 'send_timeout'));
});

test("at shutdown, the site's nginx keeps idle connections open for a while, for requests on their way", () => {
  const idle = seconds(nginx, 'keepalive_min_timeout');
  expect(idle).toBeGreaterThan(0);
  expect(idle).toBeLessThan(seconds(nginx, 'worker_shutdown_timeout'));
});

test("Compose's nginx reports that it cannot reach the API before the site gives up", () => {
  expect(seconds(site('nginx/backend.conf'), 'proxy_connect_timeout')).toBeLessThan(limits.clientTimeout);
});

describe.each(['dev', 'prd'] as const)('in %s', (name) => {
  let stack: Synthesised;
  let idleTimeout: number;
  let origins: Block[];
  beforeAll(() => {
    stack = synthesise(name);
    idleTimeout = Number(stack.one('aws_lb').idle_timeout) * 1_000;
    const all = stack.all('aws_cloudfront_distribution').flatMap(({ origin }) => origin as Block[]);
    // The other one is a bucket.
    origins = all.filter(({ vpc_origin_config }) => vpc_origin_config);
    expect(origins).not.toEqual([]);
  });

  test.each([
    ['The API', timeLimits.keepAliveTimeout],
    ["The site's nginx", seconds(nginx, 'keepalive_timeout')],
  ])('%s keeps idle connections open longer than the load balancer, which may reuse them', (_who, keepAlive) => {
    expect(keepAlive).toBeGreaterThan(idleTimeout);
  });

  test('the load balancer keeps idle connections open longer than CloudFront, which may reuse them', () => {
    for (const { vpc_origin_config } of origins) {
      expect(vpc_origin_config.origin_keepalive_timeout * 1_000).toBeLessThan(idleTimeout);
    }
  });

  test('the load balancer and CloudFront wait longer for a sum than the API waits for its storage', () => {
    expect(idleTimeout).toBeGreaterThan(limits.storageTimeout);
    for (const { vpc_origin_config } of origins) {
      expect(vpc_origin_config.origin_read_timeout * 1_000).toBeGreaterThan(limits.storageTimeout);
    }
  });

  test('CloudFront and the load balancer outlast the API, and CloudFront is not the last to give up', () => {
    expect(origins.length).toBeGreaterThan(1);
    for (const { vpc_origin_config } of origins) {
      const readTimeout = vpc_origin_config.origin_read_timeout * 1_000;
      expect(readTimeout).toBeGreaterThan(timeLimits.connectionTimeout);
      expect(readTimeout).toBeGreaterThan(timeLimits.requestTimeout);
      expect(readTimeout).toBeLessThanOrEqual(idleTimeout);
    }
  });

  test('the API answers the load balancer’s health check before it times out', () => {
    const checks = stack.all('aws_lb_target_group').map(({ health_check }) => health_check as Block);
    expect(checks).not.toEqual([]);
    for (const { timeout } of checks) expect(timeout * 1_000).toBeGreaterThan(readyTimeout);
  });
});

function read(file: string): string {
  return readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
}

/** The number after this name at the start of a line. @throws if there is none */
function number(content: string, name: string): number {
  const found = new RegExp(`^\\s*${name}\\s*([\\d_]+)`, 'm').exec(content)?.[1];
  if (found === undefined) throw new Error(`There is no number after ${name}`);
  return Number(found.replaceAll('_', ''));
}

function seconds(content: string, name: string): number {
  return number(content, name) * 1_000;
}

function preStop(deployment: string): number {
  return seconds(deployment.split('preStop:')[1] ?? '', 'seconds:');
}
