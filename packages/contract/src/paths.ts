/** Every address that the API and the site share, and the ports they have on a developer's machine and in their images. */
export const paths = {
  sum: '/backend',
  live: '/backend/health/live',
  ready: '/backend/health/ready',
  openapi: '/backend/openapi.json',
  docs: '/backend/docs',
  metrics: '/metrics',
  site: '/frontend',
  siteHealth: '/frontend/health',
} as const;

export const ports = { api: 7000, site: 5000 } as const;

/** Header by which a client may send the same operation again, and it is stored once: the same key, the same operation. */
export const idempotencyKeyHeader = 'idempotency-key';

/** Media type of every error answer (RFC 9457). Not beside its schema: the site needs this alone, and would get TypeBox too. */
export const problemMediaType = 'application/problem+json';
