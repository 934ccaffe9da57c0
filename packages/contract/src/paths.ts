/** Paths of the API and the site. */
export const paths = {
  sum: '/backend',
  live: '/backend/health/live',
  ready: '/backend/health/ready',
  openapi: '/backend/openapi.json',
  docs: '/backend/docs',
  visits: '/backend/visits',
  metrics: '/metrics',
  site: '/frontend',
  siteHealth: '/frontend/health',
} as const;

/** Ports on a developer's machine and in the images. */
export const ports = { api: 7000, site: 5000 } as const;

/** Header for safe retries: an operation that is sent again with the same key is stored only once. */
export const idempotencyKeyHeader = 'idempotency-key';

/**
 * Media type of every error response (RFC 9457). It is not in problem.ts, because the site needs only this constant and
 * would bundle TypeBox with it.
 */
export const problemMediaType = 'application/problem+json';
