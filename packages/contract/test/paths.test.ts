import { expect, test } from '@jest/globals';
import { idempotencyKeyHeader, limits, paths, ports, problemMediaType } from '../src/index.ts';

test('paths and ports are those that clients, bookmarks, probes and the load balancer use', () => {
  expect(paths).toEqual({
    sum: '/backend',
    live: '/backend/health/live',
    ready: '/backend/health/ready',
    openapi: '/backend/openapi.json',
    docs: '/backend/docs',
    visits: '/backend/visits',
    metrics: '/metrics',
    site: '/frontend',
    siteHealth: '/frontend/health',
  });
  expect(ports).toEqual({ api: 7000, site: 5000 });
});

test('the idempotency header and the media type of errors follow the standards', () => {
  expect(idempotencyKeyHeader).toBe('idempotency-key');
  expect(problemMediaType).toBe('application/problem+json');
});

test('the limits are the published ones', () => {
  expect(limits).toEqual({
    nome: { minimum: 3, maximum: 255 },
    integer: { minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 },
    idempotencyKey: { maximum: 255 },
    bodyBytes: 16_384,
    storageTimeout: 5_000,
    clientTimeout: 10_000,
  });
});
