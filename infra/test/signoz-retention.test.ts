import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { describeWith, findTool } from '../../test/support/tools.ts';

const script = resolve(import.meta.dirname, '../charts/signoz-maintenance/files/retention.sh');
let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** Starts a server that responds like SigNoz and records POST requests in `requests`. Returns its URL. */
async function signoz(requests: string[], status = 200): Promise<string> {
  const started = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (request.method === 'POST') requests.push(`${request.headers.authorization ?? 'nobody'} ${request.url} ${body}`);
    const login = request.url?.startsWith('/api/v2/sessions');
    response.statusCode = request.url === '/api/v1/health' || login ? 200 : status;
    response.end(JSON.stringify(login ? { status: 'success', data: { tokenType: 'bearer', accessToken: 'abc' } } : {}));
  });
  server = started;
  await new Promise<void>((listening) => started.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const run = (url: string) =>
  promisify(execFile)('sh', [script], {
    env: {
      PATH: process.env.PATH,
      SIGNOZ_URL: url,
      EMAIL: 'admin@example.internal',
      PASSWORD: 'Secret-1',
      ORGANISATION: 'o-1',
      RETENTION_DAYS: '3',
    },
  });

// The job's image has wget; the machine that runs this test may not.
describeWith('wget', findTool('wget'), "the job that sets SigNoz's retention", () => {
  test('signs in and sets the retention of metrics, traces and logs', async () => {
    const requests: string[] = [];
    await run(await signoz(requests));
    expect(requests).toEqual([
      'nobody /api/v2/sessions/email_password {"email":"admin@example.internal","password":"Secret-1","orgId":"o-1"}',
      'Bearer abc /api/v1/settings/ttl?type=metrics&duration=72h {}',
      'Bearer abc /api/v1/settings/ttl?type=traces&duration=72h {}',
      'Bearer abc /api/v2/settings/ttl {"type":"logs","defaultTTLDays":3,"ttlConditions":[]}',
    ]);
  });

  test('fails, so that the job is retried, if SigNoz rejects the change', async () => {
    await expect(run(await signoz([], 409))).rejects.toThrow();
  });
});
