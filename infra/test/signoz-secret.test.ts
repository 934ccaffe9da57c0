import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Outcome, outcomeOf } from '../../test/support/outcome.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { putPrograms } from './support/job-programs.ts';

const script = resolve(import.meta.dirname, '../charts/signoz/files/secret.sh');

const image = putPrograms(mkdtempSync(join(tmpdir(), 'programs-')));
afterAll(() => rmSync(image, { recursive: true }));

interface Secret {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData: Readonly<Record<string, string>>;
}

describeWith('curl', findTool('curl'), "the job that creates SigNoz's secret", () => {
  let server: Server;
  let account: string;
  let status: number;
  /** Whether the API ends the connection without an answer. */
  let breaksOff: boolean;
  let sent: { request: string; secret: Secret }[];

  beforeEach(async () => {
    sent = [];
    breaksOff = false;
    server = createServer(async (request, response) => {
      const line = `${request.method} ${request.url} ${request.headers.authorization}`;
      const body = await text(request);
      const secret: Secret = JSON.parse(body);
      sent.push({ request: line, secret });
      if (breaksOff) {
        request.socket.destroy();
        return;
      }
      // As Kubernetes does: it reads no forms, creates nothing but secrets at this address, and answers with what it
      // created, or with an explanation.
      const isJson = request.headers['content-type'] === 'application/json';
      const isSecret = secret.apiVersion === 'v1' && secret.kind === 'Secret';
      const answer = !isJson ? 415 : isSecret ? status : 400;
      response.writeHead(answer, { 'content-type': 'application/json' });
      response.end(answer === 201 ? body : '{ "kind": "Status", "status": "Failure" }');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    account = await mkdtemp(join(tmpdir(), 'account-'));
    await writeFile(join(account, 'token'), 'abc');
  });
  afterEach(async () => {
    server.close();
    await rm(account, { recursive: true });
  });

  const run = (PATH = `${image}:${process.env.PATH}`): Promise<Outcome> =>
    outcomeOf(
      promisify(execFile)('sh', [script], {
        env: {
          PATH,
          API: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          ACCOUNT: account,
          NAMESPACE: 'observability',
          SECRET: 'signoz-secret-1',
          EMAIL: 'admin@example.internal',
        },
      }),
    );

  test('sends generated passwords to the Kubernetes API, and ClickHouse the hash of its own', async () => {
    status = 201;
    // The log is collected, and says nothing else.
    expect(await run()).toEqual({ code: 0, output: 'Created signoz-secret-1.\n' });
    const [{ request, secret }] = sent as [(typeof sent)[number]];
    expect(request).toBe('POST /api/v1/namespaces/observability/secrets Bearer abc');
    expect(secret.metadata.name).toBe('signoz-secret-1');
    const { 'clickhouse-password': clickhouse = '', 'clickhouse.xml': xml, ...others } = secret.stringData;
    const long = expect.stringMatching(/^[A-Za-z0-9]{40}$/);
    expect(clickhouse).toEqual(long);
    expect(others).toEqual({
      email: 'admin@example.internal',
      password: expect.stringMatching(/^Aa1-[A-Za-z0-9]{40}$/),
      'token-secret': long,
    });
    const hash = createHash('sha256').update(clickhouse).digest('hex');
    expect(xml).toBe(`<clickhouse><signoz_password>${hash}</signoz_password></clickhouse>`);
  });

  test('generates other passwords each time, none of them twice', async () => {
    status = 201;
    await run();
    await run();
    const passwords = sent.flatMap(({ secret: { stringData } }) =>
      ['password', 'token-secret', 'clickhouse-password'].map((key) => stringData[key]),
    );
    expect(new Set(passwords).size).toBe(6);
  });

  test('sends them only to the API whose certificate the cluster vouches for', async () => {
    const programs = await mkdtemp(join(tmpdir(), 'programs-'));
    await writeFile(join(programs, 'curl'), `#!/bin/sh\necho "$@" > ${programs}/args\necho 201\n`, { mode: 0o755 });
    status = 201;
    await run(`${programs}:${process.env.PATH}`);
    const args = await readFile(join(programs, 'args'), 'utf8');
    expect(args).toContain(`--cacert ${account}/ca.crt`);
    expect(args).not.toMatch(/--insecure|(^| )-\w*k/);
  });

  test('succeeds if the secret exists already', async () => {
    status = 409;
    expect(await run()).toEqual({ code: 0, output: 'signoz-secret-1 exists already.\n' });
  });

  test.each([200, 401, 403, 404, 422, 429, 500, 503])(
    'fails, so that the job is retried, if the API answers %d',
    async (refusal) => {
      status = refusal;
      expect(await run()).toEqual({ code: 1, output: `The Kubernetes API answered ${refusal}.\n` });
    },
  );

  test('fails, and leaves the reason in the log, if the API gives no answer', async () => {
    breaksOff = true;
    const { code, output } = await run();
    expect(code).toBeGreaterThan(0);
    // The words differ between versions of curl.
    expect(output).toMatch(/^curl: \(\d+\) .+\n$/);
  });
});
