import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { limits, paths, problemMessages } from 'contract';
import type { FastifyInstance, FastifyReply, FastifyRequest, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { KeyReused, Overloaded, StorageRefused, StorageUnavailable } from '../src/domain/operations.ts';
import { AnswerLog } from '../src/routes/answer-log.ts';
import { buildServer } from '../src/server.ts';

const valid = { nome: 'Wander', operador1: 5, operador2: 10 };
const post = (payload: object | string = valid, headers: Record<string, string> = {}): InjectOptions => ({
  method: 'POST',
  url: paths.sum,
  headers: { 'content-type': 'application/json', ...headers },
  payload,
});

/** A server with a scripted storage, and everything that it logged. */
async function newServer(level = 'info') {
  const lines: string[] = [];
  const state: { isReady: boolean; isDraining: boolean; error?: Error } = { isReady: true, isDraining: false };
  const app = await buildServer({
    operations: {
      async record() {
        if (state.error) throw state.error;
      },
    },
    storage: {
      isReady: async () => state.isReady,
      operationsStored: () => 5,
      connections: () => ({ used: 2, idle: 1, waiting: 3, maximum: 4 }),
      waiting: () => 6,
    },
    logger: { level, stream: { write: (line: string) => void lines.push(line) } },
    isDraining: () => state.isDraining,
  });
  /** The log lines, without the fields that differ in each run. */
  const logged = (): { msg?: string }[] =>
    lines.map((line) => {
      const { time, pid, hostname, ...said } = JSON.parse(line);
      expect([typeof time, pid, typeof hostname]).toEqual(['number', process.pid, 'string']);
      return said;
    });
  return { app, state, logged };
}

/** The whole response, without its date and length. */
async function ask(app: FastifyInstance, request: InjectOptions | string) {
  const { statusCode, headers, body } = await app.inject(request);
  const { date, 'content-length': length, ...others } = headers;
  expect(Date.parse(String(date))).not.toBeNaN();
  expect(length).toMatch(/^\d+$/);
  return { status: statusCode, headers: others, body };
}

const policy = "default-src 'none'; frame-ancestors 'none'";
const common = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-request-id': expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
  connection: 'keep-alive',
};
const json = { ...common, 'content-type': 'application/json; charset=utf-8' };
const problemJson = { ...common, 'content-type': 'application/problem+json' };
const text = { ...common, 'content-type': 'text/plain; charset=utf-8' };

/** An error response with all its headers. */
const problem = (status: number, title: string, code: string, detail: string, headers: object = {}) => ({
  status,
  headers: { ...problemJson, ...headers },
  body: JSON.stringify({ type: 'about:blank', title, status, code, detail }),
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('The whole response', () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    ({ app } = await newServer());
  });

  test.each([
    ['the greeting', paths.sum, { status: 200, headers: text, body: 'API em execução!' }],
    ['the greeting without a body', { method: 'HEAD', url: paths.sum }, { status: 200, headers: text, body: '' }],
    ['the liveness', paths.live, { status: 200, headers: json, body: '{"status":"ok"}' }],
    ['the readiness', paths.ready, { status: 200, headers: json, body: '{"status":"ok"}' }],
    ['the sum', post(), { status: 200, headers: json, body: '{"resultado":15}' }],
    [
      'the OpenAPI description',
      paths.openapi,
      { status: 200, headers: json, body: expect.stringMatching(/^\{"openapi":"3\.1\.0",/) },
    ],
    [
      'the description, as the documentation page requests it',
      `${paths.docs}/json`,
      { status: 200, headers: { ...json, 'content-security-policy': expect.any(String) }, body: expect.any(String) },
    ],
    [
      'the metrics',
      paths.metrics,
      {
        status: 200,
        headers: { ...text, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
        body: expect.stringMatching(/^# HELP /),
      },
    ],
    ['an unknown path', '/nada', problem(404, 'Not Found', 'not_found', 'Endereço não encontrado.')],
    [
      'a URL that cannot be decoded',
      '/%zz',
      problem(400, 'Bad Request', 'bad_request', 'O pedido não pôde ser entendido.'),
    ],
    [
      'a method that is not allowed',
      { method: 'PUT', url: paths.sum },
      problem(405, 'Method Not Allowed', 'method_not_allowed', 'Método não permitido neste endereço.', {
        allow: 'GET, HEAD, POST',
      }),
    ],
    [
      'a body that is not JSON',
      post('{'),
      problem(
        400,
        'Bad Request',
        'malformed_json',
        'Erro ao processar dados para soma. São aceitos apenas números inteiros.',
        { connection: 'close' },
      ),
    ],
    [
      'a body that is too large',
      post(' '.repeat(limits.bodyBytes + 1)),
      problem(413, 'Payload Too Large', 'payload_too_large', 'O pedido passa do limite de 16 KiB.', {
        connection: 'close',
      }),
    ],
    [
      'a body of another type',
      post('x', { 'content-type': 'text/plain' }),
      problem(415, 'Unsupported Media Type', 'unsupported_media_type', 'Envie os dados como application/json.'),
    ],
    [
      'a compressed body',
      post('x', { 'content-encoding': 'br' }),
      problem(
        415,
        'Unsupported Media Type',
        'compressed_body',
        'Corpos comprimidos não são aceitos. Envie os dados sem Content-Encoding.',
        { 'accept-encoding': 'identity', connection: 'close' },
      ),
    ],
    [
      'an invalid key',
      post(valid, { 'idempotency-key': 'a b' }),
      problem(
        400,
        'Bad Request',
        'invalid_idempotency_key',
        'O cabeçalho Idempotency-Key deve ter de 1 a 255 caracteres ASCII visíveis.',
      ),
    ],
  ] as [string, InjectOptions | string, object][])('is as expected for %s', async (_what, request, expected) => {
    expect(await ask(app, request)).toEqual(expected);
  });

  test("names each invalid field and its error, in the seed's words", async () => {
    const { status, headers, body } = await ask(app, post({ nome: 'Wa', operador1: '5', operador2: 10 }));
    expect({ status, headers }).toEqual({ status: 400, headers: problemJson });
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      code: 'bad_request',
      detail:
        'Nome deve ter pelo menos 3 caracteres; Erro ao processar dados para soma. São aceitos apenas números inteiros.',
      errors: [
        { pointer: '#/nome', code: 'name_too_short', detail: 'Nome deve ter pelo menos 3 caracteres' },
        {
          pointer: '#/operador1',
          code: 'not_integer',
          detail: 'Erro ao processar dados para soma. São aceitos apenas números inteiros.',
        },
      ],
    });
  });

  test.each([
    [
      'the storage is unavailable',
      new StorageUnavailable(new Error('of the database')),
      problem(
        503,
        'Service Unavailable',
        'storage_unavailable',
        'O banco de dados não respondeu a tempo. Tente de novo em alguns segundos.',
        { 'retry-after': '2' },
      ),
    ],
    [
      'too many operations are waiting',
      new Overloaded(),
      problem(
        503,
        'Service Unavailable',
        'overloaded',
        'Há pedidos demais neste momento. Nada foi guardado; tente de novo em alguns segundos.',
        { 'retry-after': '2' },
      ),
    ],
    [
      'the storage refuses the operation',
      new StorageRefused(new Error('of the database')),
      problem(
        500,
        'Internal Server Error',
        'storage_refused',
        'O banco de dados recusou a operação, e nada foi guardado. Tentar de novo não resolve: avise a equipe da API.',
      ),
    ],
    [
      'the key belongs to another operation',
      new KeyReused(),
      problem(
        422,
        'Unprocessable Entity',
        'idempotency_key_reused',
        'Esta Idempotency-Key já foi usada com outros dados. Use uma nova para cada operação.',
      ),
    ],
    [
      'the code of the API fails',
      new TypeError('of ours'),
      problem(
        500,
        'Internal Server Error',
        'internal_error',
        'Erro inesperado no servidor. Tente de novo; se continuar, avise a equipe da API.',
      ),
    ],
    [
      'a library refuses the request',
      Object.assign(new Error('of a library'), { statusCode: 418 }),
      problem(400, 'Bad Request', 'bad_request', 'O pedido não pôde ser entendido.'),
    ],
    [
      'a library fails with a status that is not an error',
      Object.assign(new Error('of a library'), { statusCode: 300 }),
      problem(
        500,
        'Internal Server Error',
        'internal_error',
        'Erro inesperado no servidor. Tente de novo; se continuar, avise a equipe da API.',
      ),
    ],
  ])('hides the cause of the error when %s', async (_what, error, expected) => {
    const { app, state } = await newServer();
    state.error = error;
    expect(await ask(app, post())).toEqual(expected);
  });

  test('is 503 for readiness while not ready, and has `Connection: close` while draining', async () => {
    const { app, state } = await newServer();
    state.isReady = false;
    const notReady = { status: 503, headers: json, body: '{"status":"unavailable"}' };
    expect(await ask(app, paths.ready)).toEqual(notReady);
    Object.assign(state, { isReady: true, isDraining: true });
    const draining = { ...json, connection: 'close' };
    expect(await ask(app, paths.ready)).toEqual({ ...notReady, headers: draining });
    expect(await ask(app, paths.live)).toEqual({ status: 200, headers: draining, body: '{"status":"ok"}' });
    expect(await ask(app, post())).toEqual({ status: 200, headers: draining, body: '{"resultado":15}' });
    expect((await ask(app, '/nada')).headers).toMatchObject({ connection: 'close' });
    expect((await ask(app, paths.docs)).headers).toMatchObject({ connection: 'close' });
  });

  test.each(['a', 'client:1.2_3-B', 'x'.repeat(128)])("has the client's request id: %s", async (id) => {
    for (const request of [post(), { url: '/%zz' }, { url: paths.docs }]) {
      const { headers } = await ask(app, { ...request, headers: { ...request.headers, 'x-request-id': id } });
      expect(headers['x-request-id']).toBe(id);
    }
  });

  test.each(['', 'x'.repeat(129), 'a b', 'a\tb', 'é', 'a,b'])('has a new request id instead of %j', async (id) => {
    const { headers } = await ask(app, { url: paths.sum, headers: { 'x-request-id': id } });
    expect(headers).toMatchObject({ 'x-request-id': common['x-request-id'] });
  });
});

describe('The documentation page', () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    ({ app } = await newServer());
  });

  test('is sent with a content security policy that allows only its own files', async () => {
    const { headers } = await app.inject(paths.docs);
    const [own, style] = [/'sha256-[^']+'/g, "'sha256-…'"];
    expect(String(headers['content-security-policy']).replace(own, style).split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' ${style}`,
      "img-src 'self' data:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
  });

  test('shows the content of openapi.json', async () => {
    expect((await app.inject(`${paths.docs}/json`)).json()).toEqual((await app.inject(paths.openapi)).json());
  });

  test('is built once, on its first request', async () => {
    const { app } = await newServer();
    const description = jest.spyOn(app, 'swagger');
    await app.inject(paths.sum);
    expect(description).toHaveBeenCalledTimes(0);
    for (const url of [paths.docs, `${paths.docs}/static/swagger-ui.css`]) await app.inject(url);
    expect(description).toHaveBeenCalledTimes(1);
  });

  test('is found with and without a trailing slash', async () => {
    for (const url of [paths.docs, `${paths.docs}/`]) {
      expect(await ask(app, url)).toMatchObject({
        status: 200,
        headers: {
          ...common,
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': expect.any(String),
        },
        body: expect.stringContaining('<title>Swagger UI</title>'),
      });
    }
  });
});

describe('The log', () => {
  const answered = (line: object) => ({
    level: 30,
    reqId: 'id',
    method: 'POST',
    route: paths.sum,
    elapsedTime: expect.any(Number),
    msg: 'Request answered',
    ...line,
  });
  const withId = (request: InjectOptions): InjectOptions => ({
    ...request,
    headers: { ...request.headers, 'x-request-id': 'id' },
  });

  test('has one line for each refused request, and none for a successful one', async () => {
    const { app, logged } = await newServer();
    await app.inject(withId(post()));
    await app.inject(withId(post({})));
    await app.inject(withId({ method: 'PUT', url: `${paths.sum}?nome=Maria` }));
    await app.inject(withId({ url: '/Maria' }));
    await app.inject(withId({ url: '/%zz' }));
    expect(logged()).toEqual([
      answered({ statusCode: 400 }),
      answered({ method: 'PUT', route: undefined, statusCode: 405 }),
      answered({ method: 'GET', route: undefined, statusCode: 404 }),
      { level: 30, reqId: 'id', reason: 'address', refused: 1, msg: 'Requests refused before reaching a route' },
    ]);
  });

  test('has an extra line with the cause for a server error, but not for overload', async () => {
    const { app, state, logged } = await newServer();
    state.error = new StorageUnavailable(new Error('connect ECONNREFUSED'));
    await app.inject(withId(post()));
    state.error = new StorageRefused(new Error('disk full'));
    await app.inject(withId(post()));
    state.error = new Overloaded();
    await app.inject(withId(post()));
    state.error = new KeyReused();
    await app.inject(withId(post()));
    const fault = (type: string, message: string, msg: string) => ({
      level: 50,
      reqId: 'id',
      err: expect.objectContaining({ type, message, stack: expect.stringContaining('caused by: Error: ') }),
      msg,
    });
    expect(logged()).toEqual([
      fault('StorageUnavailable', 'The storage is unavailable: connect ECONNREFUSED', 'Service Unavailable'),
      answered({ statusCode: 503 }),
      fault('StorageRefused', 'The storage refused the operation: disk full', 'Internal Server Error'),
      answered({ statusCode: 500 }),
      answered({ statusCode: 503 }),
      answered({ statusCode: 422 }),
    ]);
  });

  test.each(['debug', 'trace'])('has a line for each sum at level %s', async (level) => {
    const { app, logged } = await newServer(level);
    await app.inject(withId(post()));
    expect(logged().filter(({ msg }) => msg === 'Request answered')).toEqual([
      answered({ level: 20, statusCode: 200 }),
    ]);
  });

  test.each([
    [200, 1_000, 20],
    [200, 1_000.1, 30],
    [399, 0, 20],
    [400, 0, 30],
  ])('has a response with status %i after %d ms at level %i', (statusCode, elapsedTime, level) => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
    const request = { method: 'POST', routeOptions: { url: paths.sum } } as FastifyRequest;
    const reply = { log, statusCode, elapsedTime } as unknown as FastifyReply;
    new AnswerLog().requestCompleted(null, request, reply);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level,
        method: 'POST',
        route: paths.sum,
        statusCode,
        elapsedTime,
        msg: 'Request answered',
      }),
    ]);
  });

  test('has no line for probes, metrics, the documentation page and reports of visits, whatever the response', async () => {
    const { app, state, logged } = await newServer('debug');
    state.isReady = false;
    for (const url of [paths.live, paths.ready, paths.metrics, paths.docs, `${paths.docs}/static/nada.css`]) {
      await app.inject(url);
    }
    // Anybody can send reports of visits, as many as they like.
    for (const payload of [{ time: 1, sums: [] }, {}]) await app.inject({ method: 'POST', url: paths.visits, payload });
    expect(logged()).toEqual([]);
  });
});

describe('The metrics', () => {
  test('are these, with help, labels and values', async () => {
    const { app } = await newServer();
    await app.inject(post());
    await app.inject('/nada');
    await app.inject('/%zz');
    const page = (await app.inject(paths.metrics)).body;
    const labels = (method: string, route: string, status: number, le = '') =>
      `{${le}http_request_method="${method}",http_route="${route}",http_response_status_code="${status}"}`;
    const duration = 'http_server_request_duration_seconds';
    const bounds = [
      '0.005',
      '0.01',
      '0.025',
      '0.05',
      '0.075',
      '0.1',
      '0.25',
      '0.5',
      '0.75',
      '1',
      '2.5',
      '5',
      '7.5',
      '10',
    ];
    const durations = (method: string, route: string, status: number) => [
      ...[...bounds, '+Inf'].map((le) => `${duration}_bucket${labels(method, route, status, `le="${le}",`)} n`),
      `${duration}_sum${labels(method, route, status)} n`,
      `${duration}_count${labels(method, route, status)} 1`,
    ];
    const own = page
      .split('\n')
      .filter((line: string) => line !== '' && !/^(# \w+ )?(process|nodejs|calculadora_site)_/.test(line))
      // Durations differ in each run.
      .map((line: string) => (/_(bucket|sum)\{/.test(line) ? line.replace(/\S+$/, 'n') : line));
    expect(own).toEqual([
      `# HELP ${duration} Duration of HTTP server requests`,
      `# TYPE ${duration} histogram`,
      ...durations('POST', paths.sum, 200),
      ...durations('GET', 'unmatched', 404),
      '# HELP calculadora_requests_refused_total Requests refused before reaching a route, by reason. Not included in the request duration',
      '# TYPE calculadora_requests_refused_total counter',
      'calculadora_requests_refused_total{reason="address"} 1',
      'calculadora_requests_refused_total{reason="body_length"} 0',
      'calculadora_requests_refused_total{reason="headers_too_large"} 0',
      'calculadora_requests_refused_total{reason="incomplete"} 0',
      'calculadora_requests_refused_total{reason="malformed"} 0',
      'calculadora_requests_refused_total{reason="method"} 0',
      'calculadora_requests_refused_total{reason="timeout"} 0',
      '# HELP calculadora_operations_stored_total Operations stored since the process started',
      '# TYPE calculadora_operations_stored_total counter',
      'calculadora_operations_stored_total 5',
      '# HELP calculadora_operations_waiting Operations waiting to be stored',
      '# TYPE calculadora_operations_waiting gauge',
      'calculadora_operations_waiting 6',
      '# HELP db_client_connection_count Database connections, by state',
      '# TYPE db_client_connection_count gauge',
      'db_client_connection_count{db_client_connection_state="used"} 2',
      'db_client_connection_count{db_client_connection_state="idle"} 1',
      '# HELP db_client_connection_pending_requests Requests waiting for a database connection',
      '# TYPE db_client_connection_pending_requests gauge',
      'db_client_connection_pending_requests 3',
      '# HELP db_client_connection_max Maximum number of database connections',
      '# TYPE db_client_connection_max gauge',
      'db_client_connection_max 4',
    ]);
    expect(page).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(page).toMatch(/^nodejs_eventloop_lag_seconds \S+$/m);
    // Reading the metrics again does not add to the counters.
    expect((await app.inject(paths.metrics)).body).toMatch(/^calculadora_operations_stored_total 5$/m);
    expect((await app.inject(paths.metrics)).body).toMatch(
      /^calculadora_requests_refused_total\{reason="address"\} 1$/m,
    );
  });
});

test('The metrics of visits are in seconds, by outcome, and need no collector of traces', async () => {
  const { app } = await newServer();
  const sum = (outcome: string, duration: number) => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    start: 0,
    duration,
    outcome,
  });
  const sums = [sum('ok', 400), sum('ok', 1_001), sum('timeout', 10_000), sum('of_a_later_release', 60_000)];
  const payload = { time: 60_000, load: 700, sums };
  expect((await app.inject({ method: 'POST', url: paths.visits, payload })).statusCode).toBe(204);
  const bounds = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 7.5, 10, 30, '+Inf'];
  const histogram = (name: string, seconds: number, label = '') => [
    ...bounds.map((le) => {
      const labels = `{${[`le="${le}"`, ...(label ? [label] : [])].join(',')}}`;
      return `calculadora_site_${name}_seconds_bucket${labels} ${Number(le === '+Inf' || seconds <= Number(le))}`;
    }),
    `calculadora_site_${name}_seconds_sum${label && `{${label}}`} ${seconds}`,
    `calculadora_site_${name}_seconds_count${label && `{${label}}`} 1`,
  ];
  const page = (await app.inject(paths.metrics)).body;
  expect(page.split('\n').filter((line: string) => line.startsWith('calculadora_site_'))).toEqual([
    ...histogram('load', 0.7),
    ...histogram('sum', 0.4, 'outcome="ok"'),
    ...histogram('sum', 1.001, 'outcome="slow"'),
    ...histogram('sum', 10, 'outcome="timeout"'),
    ...histogram('sum', 60, 'outcome="other"'),
    'calculadora_site_reports_dropped_total 0',
  ]);
});

test.each([...['ok', 'refused', 'offline', 'timeout', 'unavailable', 'unexpected'], ...Object.keys(problemMessages)])(
  'A sum of a visit with the outcome %s is counted under that name',
  async (outcome) => {
    const { app } = await newServer();
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const payload = { time: 1_000, sums: [{ ...ids, start: 0, duration: 1_000, outcome }] };
    await app.inject({ method: 'POST', url: paths.visits, payload });
    const page = (await app.inject(paths.metrics)).body;
    expect(page).toMatch(new RegExp(`^calculadora_site_sum_seconds_count\\{outcome="${outcome}"\\} 1$`, 'm'));
  },
);

test('Fifty reports of visits in a second are read, and more are only counted', async () => {
  const { app } = await newServer();
  jest.spyOn(performance, 'now').mockReturnValue(5_000);
  const payload = { time: 1_000, load: 700, sums: [] };
  for (let report = 0; report < 60; report++) await app.inject({ method: 'POST', url: paths.visits, payload });
  const page = (await app.inject(paths.metrics)).body;
  expect(page).toMatch(/^calculadora_site_load_seconds_count 50$/m);
  expect(page).toMatch(/^calculadora_site_reports_dropped_total 10$/m);
});

test('The server has the time limits for slow clients and the load balancer, and the options for HTTP', async () => {
  const { app } = await newServer();
  expect(app.server).toMatchObject({
    connectionsCheckingInterval: 1_000,
    headersTimeout: 5_000,
    requestTimeout: 10_000,
    timeout: 15_000,
    keepAliveTimeout: 75_000,
    requireHostHeader: false,
    joinDuplicateHeaders: true,
    httpAllowHalfOpen: true,
  });
});

test('An unexpected error is logged with its stack and its cause, and the response does not reveal it', async () => {
  const { app, state, logged } = await newServer();
  state.error = new TypeError('private', { cause: new Error('the cause of it') });
  const answer = await app.inject(post());
  expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal_error']);
  expect(answer.body).not.toMatch(/private|the cause of it/);
  expect(logged()).toContainEqual(
    expect.objectContaining({
      level: 50,
      reqId: answer.headers['x-request-id'],
      err: expect.objectContaining({
        type: 'TypeError',
        message: 'private: the cause of it',
        stack: expect.stringMatching(/ at .*answers\.test\.ts[\s\S]*caused by: Error: the cause of it\n +at /),
      }),
    }),
  );
});
