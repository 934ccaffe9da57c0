import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { putPrograms } from './support/job-programs.ts';

const script = resolve(import.meta.dirname, '../charts/signoz-maintenance/files/retention.sh');
let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** What SigNoz answers, as its source has it: https://github.com/SigNoz/signoz, pkg/query-service/model/response.go */
class SignozDouble {
  /** POST requests: who asked, path, body. */
  readonly requests: string[] = [];
  /** Whether the tables exist. Before that, SigNoz accepts a change and then fails. */
  hasTables = true;
  /** Checks until a change that was accepted is done. */
  slowness = 0;
  status = 200;
  /** Requests that it refuses while it starts. */
  startsIn = 0;
  password = 'Secret-1';
  readonly days: Record<string, number> = { metrics: 30, traces: 15, logs: 15 };
  readonly #pending = new Map<string, { readonly days: number; checks: number }>();

  async start(): Promise<string> {
    const started = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://signoz');
      if (request.method === 'POST') {
        this.requests.push(`${request.headers.authorization ?? 'nobody'} ${request.url} ${body}`);
      }
      if (this.startsIn-- > 0) return void response.writeHead(503).end();
      const isForm = request.method === 'POST' && request.headers['content-type'] !== 'application/json';
      if (isForm) return void response.writeHead(415).end();
      const isTtl = pathname.endsWith('/settings/ttl');
      if (isTtl && request.headers.authorization !== 'Bearer abc') return void response.writeHead(401).end();
      // The first version asks for a signal, and the second is for logs alone.
      const type = searchParams.get('type');
      const isKnown = pathname.startsWith('/api/v1/') ? /^(metrics|traces|logs)$/.test(type ?? '') : type === null;
      const others = ['POST /api/v2/sessions/email_password', 'GET /api/v1/health'];
      if (!isTtl && !others.includes(`${request.method} ${request.url}`)) return void response.writeHead(404).end();
      if (isTtl && !isKnown) return void response.writeHead(400).end();
      response.statusCode = isTtl && request.method === 'POST' ? this.status : 200;
      if (pathname === '/api/v2/sessions/email_password') {
        const isKnown = JSON.parse(body).password === this.password;
        const data = isKnown ? { tokenType: 'bearer', accessToken: 'abc' } : {};
        response.end(JSON.stringify({ status: 'success', data }));
      } else if (isTtl && request.method === 'POST') {
        const signal = type ?? JSON.parse(body).type;
        const hours = Number.parseInt(searchParams.get('duration') ?? '', 10);
        if (this.status === 200) this.#accept(signal, hours / 24 || JSON.parse(body).defaultTTLDays);
        response.end('{"message":"move ttl has been successfully set up"}');
      } else {
        response.end(JSON.stringify(isTtl ? this.#retention(type ?? 'logs') : { status: 'ok' }));
      }
    });
    server = started;
    await new Promise<void>((listening) => started.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
  }

  /** A change that is under way, as when a person made one. */
  begin(signal: string, days: number): void {
    this.#pending.set(signal, { days, checks: 1 });
  }

  #accept(signal: string, days: number): void {
    if (this.hasTables) this.#pending.set(signal, { days, checks: this.slowness });
    // The next change finds them.
    this.hasTables = true;
  }

  #retention(signal: string): object {
    const change = this.#pending.get(signal);
    if (change !== undefined && change.checks-- <= 0) {
      this.days[signal] = change.days;
      this.#pending.delete(signal);
    }
    const status = this.#pending.has(signal) ? 'pending' : 'success';
    const days = this.days[signal] ?? 0;
    const expected = this.#pending.get(signal)?.days ?? days;
    if (signal === 'logs') return { version: 'v2', status, default_ttl_days: days, cold_storage_ttl_days: -1 };
    return {
      [`${signal}_ttl_duration_hrs`]: days * 24,
      [`${signal}_move_ttl_duration_hrs`]: -1,
      [`expected_${signal}_ttl_duration_hrs`]: expected * 24,
      status,
    };
  }
}

const programs = putPrograms(mkdtempSync(join(tmpdir(), 'programs-')));
afterAll(() => rmSync(programs, { recursive: true }));

const run = (url: string, env: Record<string, string> = { ATTEMPTS: '3', CHECKS: '3', PAUSE: '0' }, path = '') =>
  promisify(execFile)('sh', [script], {
    // It would ask for health for ever.
    timeout: 20_000,
    env: {
      ...env,
      PATH: `${path}${programs}:${process.env.PATH}`,
      SIGNOZ_URL: url,
      EMAIL: 'admin@example.internal',
      PASSWORD: 'Secret-1',
      ORGANISATION: 'o-1',
      RETENTION_DAYS: '3',
    },
  });

// The job's image has wget; the machine that runs this test may not.
describeWith('wget', findTool('wget'), "the job that sets SigNoz's retention", () => {
  const signIn =
    'nobody /api/v2/sessions/email_password {"email":"admin@example.internal","password":"Secret-1","orgId":"o-1"}';
  const [metrics, traces, logs] = [
    'Bearer abc /api/v1/settings/ttl?type=metrics&duration=72h {}',
    'Bearer abc /api/v1/settings/ttl?type=traces&duration=72h {}',
    'Bearer abc /api/v2/settings/ttl {"type":"logs","defaultTTLDays":3,"ttlConditions":[]}',
  ];
  const done = ['metrics', 'traces', 'logs'].map((signal) => `SigNoz keeps ${signal} for 3 days.\n`).join('');

  test('signs in and sets the retention of metrics, traces and logs', async () => {
    const signoz = new SignozDouble();
    expect((await run(await signoz.start())).stdout).toBe(done);
    expect(signoz.requests).toEqual([signIn, metrics, signIn, traces, signIn, logs]);
  });

  test('changes nothing the second time', async () => {
    const signoz = new SignozDouble();
    const url = await signoz.start();
    await run(url);
    signoz.requests.length = 0;
    expect((await run(url)).stdout).toBe(done);
    expect(signoz.requests).toEqual([signIn, signIn, signIn]);
  });

  test('waits for a change that SigNoz has only accepted', async () => {
    const signoz = new SignozDouble();
    signoz.slowness = 2;
    await run(await signoz.start());
    expect(signoz.requests).toEqual([signIn, metrics, signIn, traces, signIn, logs]);
  });

  test('does not take another change, which is still under way, for its own', async () => {
    const signoz = new SignozDouble();
    Object.assign(signoz.days, { metrics: 3 });
    signoz.begin('metrics', 7);
    await run(await signoz.start());
    expect(signoz.requests).toEqual([signIn, metrics, signIn, traces, signIn, logs]);
    expect(signoz.days).toEqual({ metrics: 3, traces: 3, logs: 3 });
  });

  test('pauses for five seconds before it asks again, and asks for a minute before it tries again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sleep-'));
    writeFileSync(join(folder, 'sleep'), `#!/bin/sh\necho "$@" >>${folder}/slept\n`, { mode: 0o755 });
    const signoz = Object.assign(new SignozDouble(), { startsIn: 2, slowness: 100 });
    const url = await signoz.start();
    await expect(run(url, { ATTEMPTS: '2' }, `${folder}:`)).rejects.toMatchObject({ code: 1 });
    expect(signoz.requests).toEqual([signIn, metrics, signIn, metrics]);
    const slept = readFileSync(join(folder, 'slept'), 'utf8').trim().split('\n');
    expect(slept).toEqual(Array(2 + 2 * 12).fill('5'));
    rmSync(folder, { recursive: true });
  });

  test('waits until SigNoz answers', async () => {
    const signoz = new SignozDouble();
    signoz.startsIn = 2;
    await run(await signoz.start());
    expect(signoz.requests).toEqual([signIn, metrics, signIn, traces, signIn, logs]);
  });

  test('fails, and asks for nothing, if SigNoz does not let it in', async () => {
    const signoz = new SignozDouble();
    signoz.password = 'another';
    await expect(run(await signoz.start())).rejects.toMatchObject({
      code: 1,
      stderr: 'SigNoz returned no access token.\n',
    });
    expect(signoz.requests).toEqual([signIn]);
  });

  test('asks again if SigNoz had no tables yet', async () => {
    const signoz = new SignozDouble();
    signoz.hasTables = false;
    await run(await signoz.start());
    expect(signoz.requests).toEqual([signIn, metrics, signIn, metrics, signIn, traces, signIn, logs]);
  });

  test.each([
    ['rejects the change', { status: 409 }],
    ['never gets it done', { slowness: 100 }],
  ])('fails, so that the job is retried, if SigNoz %s', async (_, fault) => {
    const url = await Object.assign(new SignozDouble(), fault).start();
    await expect(run(url)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^SigNoz does not keep metrics for 3 days\. Its last answer: \{/),
    });
  });
});

test('all attempts for the three signals together end before Kubernetes ends the job', () => {
  const chart = resolve(script, '../..');
  const limit = (name: string) => {
    const [, value] = new RegExp(`^${name}=\\$\\{\\w+:-(\\d+)\\}$`, 'm').exec(readFileSync(script, 'utf8')) ?? [];
    return Number(value);
  };
  const [, deadline] =
    /activeDeadlineSeconds: (\d+)/.exec(readFileSync(resolve(chart, 'templates/retention.yaml'), 'utf8')) ?? [];
  const seconds = 3 * limit('attempts') * limit('checks') * limit('pause');
  // A quarter of an hour for each: SigNoz makes its tables only after it has started.
  expect(seconds).toBeGreaterThanOrEqual(3 * 900);
  expect(seconds).toBeLessThan(Number(deadline));
});
