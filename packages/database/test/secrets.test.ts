import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loginsOf } from '../src/mysql/logins.ts';
import { readLogin } from '../src/mysql/secrets.ts';

describe('A login in Secrets Manager', () => {
  let endpoint: Server;
  /** Responses to the next requests. The last one is repeated. If empty, requests get no response. */
  let answers: { status?: number; body: object }[];
  let requests: { target: unknown; body: unknown }[];
  const secret = (value: unknown) => ({
    body: { SecretString: typeof value === 'string' ? value : JSON.stringify(value) },
  });
  const failure = (type: string, message: string, status = 400) => ({ status, body: { __type: type, message } });
  const login = { user: 'app', password: 'only-for-tests' };
  const valid = secret({ username: 'app', password: 'only-for-tests', host: 'db' });

  beforeAll(async () => {
    endpoint = createServer(async (request, response) => {
      requests.push({ target: request.headers['x-amz-target'], body: await json(request) });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined) return;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer.body));
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
    });
  });
  beforeEach(() => {
    answers = [valid];
    requests = [];
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => {
    endpoint.closeAllConnections();
    endpoint.close();
  });

  test('is read by the name of the secret', async () => {
    expect(await readLogin('api')).toEqual(login);
    expect(requests).toEqual([
      { target: 'secretsmanager.GetSecretValue', body: { SecretId: 'api', VersionStage: 'AWSCURRENT' } },
    ]);
  });

  const noLogin = 'The secret api is not JSON with "username" and "password"';
  test.each([
    ['is text', secret('only-for-tests'), noLogin],
    ['has no user', secret({ password: 'only-for-tests' }), noLogin],
    ['has no password', secret({ username: 'app' }), noLogin],
    ['has a number as password', secret({ username: 'app', password: 5 }), noLogin],
    ['is null', secret('null'), noLogin],
    ['is binary', { body: { SecretBinary: 'eA==' } }, noLogin],
    [
      'does not exist',
      failure('ResourceNotFoundException', 'Not found'),
      'The secret api does not exist or has no value yet',
    ],
    ['is forbidden', failure('AccessDeniedException', 'Not for you'), 'The secret api could not be read: Not for you'],
  ])('is refused if the secret %s, with an error that does not contain its value', async (_what, answer, message) => {
    answers = [answer];
    const error = await readLogin('api').catch((failed) => failed);
    expect(error).toMatchObject({ name: 'SecretUnavailable', message });
    expect(requests).toHaveLength(1);
  });

  test('is requested again once when AWS fails', async () => {
    answers = [failure('InternalServiceError', 'Later', 500), valid];
    expect(await readLogin('api')).toEqual(login);
    answers = [failure('InternalServiceError', 'Later', 500)];
    requests = [];
    await expect(readLogin('api')).rejects.toThrow('The secret api could not be read: Later');
    expect(requests).toHaveLength(2);
  });

  test('is read once for concurrent callers, and again after a failure', async () => {
    const logins = loginsOf({ secret: 'api' });
    answers = [failure('AccessDeniedException', 'Not for you'), valid];
    const failed = await Promise.allSettled([logins.current(), logins.current()]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([logins.current(), logins.current()])).toEqual([login, login]);
    expect(requests).toHaveLength(2);
  });

  test('is read once for many refused logins', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(60_000);
    const logins = loginsOf({ secret: 'api' });
    expect(await logins.current()).toEqual(login);
    clock.mockReturnValue(120_000);
    requests = [];
    for (let refusal = 0; refusal < 20; refusal++) expect(await logins.renew(await logins.current())).toBe(false);
    expect(requests).toHaveLength(1);
  });

  test.each([
    { username: 'app', password: 'a new one' },
    { username: 'another', password: 'only-for-tests' },
  ])(
    'is read again after two seconds at the earliest, and is renewed if user or password differs: %j',
    async (next) => {
      const clock = jest.spyOn(performance, 'now').mockReturnValue(60_000);
      const logins = loginsOf({ secret: 'api' });
      const first = await logins.current();
      answers = [secret(next)];
      clock.mockReturnValue(61_999);
      expect(await logins.renew(first)).toBe(false);
      expect(await logins.current()).toBe(first);
      clock.mockReturnValue(62_000);
      expect(await logins.renew(first)).toBe(true);
      expect(await logins.current()).toEqual({ user: next.username, password: next.password });
      // A caller that was refused with the old login can already use the new one.
      expect(await logins.renew(first)).toBe(true);
      expect(requests).toHaveLength(2);
    },
  );

  test('that comes from the settings never changes', async () => {
    const logins = loginsOf(login);
    expect(await logins.current()).toBe(login);
    expect(await logins.renew(login)).toBe(false);
    expect(requests).toEqual([]);
  });

  test('fails after a time limit if the endpoint accepts the connection but never responds', async () => {
    answers = [];
    const reading = Promise.race([readLogin('api'), sleep(30_000, undefined, { ref: false })]);
    await expect(reading).rejects.toThrow('The secret api could not be read');
    expect(requests).toHaveLength(2);
  });
});
