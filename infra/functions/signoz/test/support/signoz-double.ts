import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Account {
  readonly id: string;
  readonly name: string;
  status: 'active' | 'deleted';
  readonly roles: string[];
}
interface Key {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly account: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}
export interface StoredChannel {
  readonly id: string;
  readonly name: string;
  data: string;
}
// biome-ignore lint/suspicious/noExplicitAny: SigNoz stores what it gets
type Json = any;
export interface StoredRule {
  readonly id: string;
  content: Json;
  readonly createdBy: string;
}
export interface StoredDashboard {
  readonly id: string;
  data: Json;
  locked: boolean;
  readonly createdBy: string;
}

/** The routes that the job uses. Any other request is refused, also one that differs in its query or a slash alone. */
const routes = [
  /^GET \/api\/v1\/(health|roles|service_accounts|channels|dashboards)$/,
  /^GET \/api\/v1\/service_accounts\/[^/?]+\/(roles|keys)$/,
  /^GET \/api\/v2\/rules$/,
  /^POST \/api\/v2\/(sessions\/email_password|rules)$/,
  /^POST \/api\/v1\/(service_accounts|channels|dashboards)$/,
  /^POST \/api\/v1\/service_accounts\/[^/?]+\/(roles|keys)$/,
  /^DELETE \/api\/v1\/service_accounts\/[^/?]+\/keys\/[^/?]+$/,
  /^(PUT|DELETE) \/api\/(v1\/channels|v1\/dashboards|v2\/rules)\/[^/?]+$/,
  /^PUT \/api\/v1\/dashboards\/[^/?]+\/lock$/,
];

const token = 'token-1';
const roles = ['signoz-viewer', 'signoz-admin', 'signoz-editor'].map((name) => ({ id: `role-${name}`, name }));

/** A request that SigNoz refuses. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * What SigNoz v0.131.0 answers. Statuses, refusals and added fields were compared with its own server. The routes are in
 * `pkg/apiserver/signozapiserver`, dashboards in `pkg/query-service/app/http_handler.go`.
 * https://github.com/SigNoz/signoz/tree/v0.131.0/pkg
 */
export class SignozDouble {
  readonly user = { email: 'admin@example.internal', password: 'Secret-1', orgId: 'o-1' };
  accounts: Account[] = [];
  keys: Key[] = [];
  channels: StoredChannel[] = [];
  rules: StoredRule[] = [];
  dashboards: StoredDashboard[] = [];
  /** Requests that changed a channel, rule or dashboard. */
  readonly changes: string[] = [];
  /** Names of the keys with which they were made. */
  readonly usedKeys = new Set<string>();
  /** Requests whose connection is cut, from now on. */
  cuts = 0;
  /** Changes that still succeed. The next one fails. */
  changesLeft = Number.POSITIVE_INFINITY;
  failure = 500;
  /** Answers with this page, in place of SigNoz. */
  isProxy = false;
  proxyStatus = 200;
  page = '<html>Sign in</html>';
  /** Roles that it knows. */
  readonly roles = [...roles];
  /** Seconds for which the keys were made. */
  readonly lives: number[] = [];
  #server: Server | undefined;

  /** @returns its URL */
  async start(): Promise<string> {
    this.#server = createServer(async (request, response) => {
      let text = '';
      for await (const part of request) text += part;
      if (this.cuts > 0) {
        this.cuts--;
        request.socket.destroy();
        return;
      }
      if (this.isProxy) {
        response.writeHead(this.proxyStatus, { 'content-type': 'text/html' }).end(this.page);
        return;
      }
      try {
        const { status, data } = this.#answer(request, text === '' ? undefined : JSON.parse(text));
        response.writeHead(status, { 'content-type': 'application/json' });
        // An empty list of Go is null.
        const sent = Array.isArray(data) && data.length === 0 ? null : data;
        response.end(status === 204 ? undefined : JSON.stringify({ status: 'success', data: sent }));
      } catch (error) {
        const { message, status = 500 } = error as Refused;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ status: 'error', error: { code: 'some_code', message } }));
      }
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  #answer(request: IncomingMessage, body: Json): { status: number; data?: unknown } {
    const { method = '', url = '' } = request;
    const parts = url.split('/').slice(3);
    const [kind = '', id, below, belowId] = parts;
    if (!routes.some((route) => route.test(`${method} ${url}`))) throw new Refused(404, `no route ${method} ${url}`);
    const type = request.headers['content-type'];
    if (body !== undefined && type !== 'application/json') throw new Refused(415, `a body of the type ${type}`);
    if (url === '/api/v1/health') return { status: 200 };
    if (url === '/api/v2/sessions/email_password') {
      const { email, orgId, password } = this.user;
      if (body.email !== email || body.orgId !== orgId) {
        throw new Refused(404, `user with email ${body.email} in org ${body.orgId} not found`);
      }
      if (body.password !== password) throw new Refused(401, 'invalid email or password');
      return { status: 200, data: { tokenType: 'bearer', accessToken: token, expiresIn: 1_800 } };
    }
    const key = this.#keyOf(request);
    const isUser = request.headers.authorization === `Bearer ${token}`;
    if (!isUser && key === undefined) throw new Refused(401, 'unauthenticated');
    const isAdmin =
      isUser || this.accounts.some((one) => one.id === key?.account && one.roles.includes('role-signoz-admin'));
    if (!isAdmin) throw new Refused(403, 'only administrators');

    if (url === '/api/v1/roles' && method === 'GET') return { status: 200, data: this.roles };
    if (url.startsWith('/api/v1/service_accounts')) return this.#accounts(method, body, id, below, belowId);
    if (method !== 'GET') {
      if (this.changesLeft-- <= 0) throw new Refused(this.failure, 'database is locked');
      this.changes.push(`${method} ${url}`);
      if (key) this.usedKeys.add(key.name);
    }
    if (url.startsWith('/api/v1/channels')) return this.#channels(method, body, id);
    const author = this.accounts.find((one) => one.id === key?.account)?.name;
    const createdBy = author === undefined ? this.user.email : `${author}@signozserviceaccount.com`;
    if (url.startsWith('/api/v2/rules')) return this.#rules(method, body, createdBy, id);
    if (url.startsWith('/api/v1/dashboards')) return this.#dashboards(method, body, createdBy, isUser, id, below);
    throw new Error(`${kind} is not in this double`);
  }

  #keyOf({ headers }: IncomingMessage): Key | undefined {
    const found = this.keys.find(({ key }) => key === headers['signoz-api-key']);
    if (found && found.expiresAt !== 0 && found.expiresAt * 1_000 < Date.now()) {
      throw new Refused(401, 'unauthenticated');
    }
    return found;
  }

  #accounts(method: string, body: Json, id?: string, below?: string, belowId?: string) {
    if (id === undefined) {
      if (method === 'GET') return { status: 200, data: this.accounts };
      this.#mustBe(/^[a-z][a-z0-9-]{0,49}$/, body.name);
      if (this.accounts.some(({ name, status }) => name === body.name && status === 'active')) {
        throw new Refused(409, 'service account already exists');
      }
      const account: Account = { id: randomUUID(), name: body.name, status: 'active', roles: [] };
      this.accounts.push(account);
      return { status: 201, data: { id: account.id } };
    }
    const account = this.#one(this.accounts, id);
    if (below === 'roles') {
      const given = roles.filter((role) => account.roles.includes(role.id));
      if (method === 'GET') return { status: 200, data: given };
      account.roles.push(this.#one(roles, body.id).id);
      return { status: 201, data: { id: body.id } };
    }
    const ofAccount = this.keys.filter(({ account }) => account === id);
    if (method === 'GET') return { status: 200, data: ofAccount.map(({ key: _, ...rest }) => rest) };
    if (method === 'DELETE') {
      this.#one(ofAccount, belowId);
      this.keys = this.keys.filter((key) => key.id !== belowId);
      return { status: 204 };
    }
    this.#mustBe(/^[a-z][a-z0-9-]{0,79}$/, body.name);
    if (ofAccount.some(({ name }) => name === body.name)) throw new Refused(409, 'api key already exists');
    // SigNoz reads it into an unsigned integer.
    if (!Number.isInteger(body.expiresAt) || body.expiresAt < 0) throw new Refused(400, 'failed to parse request body');
    const key: Key = { id: randomUUID(), name: body.name, key: randomUUID(), account: id, expiresAt: body.expiresAt };
    this.keys.push(key);
    this.lives.push(body.expiresAt - Date.now() / 1_000);
    return { status: 201, data: { id: key.id, key: key.key } };
  }

  #channels(method: string, body: Json, id?: string) {
    if (method === 'GET') return { status: 200, data: this.channels };
    if (method === 'DELETE') {
      const { name } = this.#one(this.channels, id);
      const users = this.rules.filter(({ content }) => channelsIn(content).includes(name)).map((rule) => rule.id);
      if (users.length > 0) {
        throw new Refused(400, `channel "${name}" cannot be deleted because it is used by: ${users}`);
      }
      this.channels = this.channels.filter((channel) => channel.id !== id);
      return { status: 204 };
    }
    const [[type = '', [config] = []] = []] = Object.entries<Json[]>(body).filter(([name]) =>
      name.endsWith('_configs'),
    );
    if (config === undefined) throw new Refused(400, 'must have at least one notification configuration');
    const { http_config, sigv4 } = alertmanagerDefaults;
    const receiver = {
      ...config,
      http_config: { ...http_config, ...config.http_config },
      sigv4: { ...sigv4, ...config.sigv4 },
    };
    const data = JSON.stringify({ name: body.name, [type]: [receiver] });
    if (method === 'PUT') {
      const channel = this.#one(this.channels, id);
      if (channel.name !== body.name) throw new Refused(400, 'cannot update channel name');
      channel.data = data;
      return { status: 204 };
    }
    if (this.channels.some(({ name }) => name === body.name))
      throw new Refused(400, 'the receiver name has to be unique, please choose a different name');
    const channel = { id: randomUUID(), name: body.name, type: 'sns', data };
    this.channels.push(channel);
    return { status: 201, data: channel };
  }

  #rules(method: string, body: Json, createdBy: string, id?: string) {
    if (method === 'GET') {
      const times = { createdAt: '2026-11-01T00:00:00Z', updatedAt: '2026-11-02T00:00:00Z' };
      const data = this.rules.map(({ content, ...rest }) => ({
        ...withDefaults(content),
        ...rest,
        ...{ ...times, updatedBy: rest.createdBy },
      }));
      return { status: 200, data };
    }
    if (method === 'DELETE') {
      this.#one(this.rules, id);
      this.rules = this.rules.filter((rule) => rule.id !== id);
      return { status: 204 };
    }
    if (body.version !== 'v5') throw new Refused(400, 'version: only v5 is supported');
    for (const name of Object.keys(body.labels)) this.#mustBe(/^[a-zA-Z_.][a-zA-Z0-9_.]*$/, name);
    const unknown = channelsIn(body).filter((used) => !this.channels.some(({ name }) => name === used));
    if (unknown.length > 0) throw new Refused(400, `channels: ${unknown} do not exist`);
    if (method === 'PUT') {
      this.#one(this.rules, id).content = body;
      return { status: 204 };
    }
    const rule = { id: randomUUID(), content: body, createdBy };
    this.rules.push(rule);
    return { status: 201, data: rule };
  }

  #dashboards(method: string, body: Json, createdBy: string, isUser: boolean, id?: string, below?: string) {
    if (method === 'GET') return { status: 200, data: this.dashboards };
    if (method === 'POST') {
      // Even if there is one of the same title.
      const dashboard = { id: randomUUID(), data: body, locked: false, createdBy };
      this.dashboards.push(dashboard);
      return { status: 201, data: dashboard };
    }
    const dashboard = this.#one(this.dashboards, id);
    if (below === 'lock') {
      if (typeof body.lock !== 'boolean') throw new Refused(400, 'lock is missing in the request payload');
      dashboard.locked = body.lock;
      return { status: 200 };
    }
    if (dashboard.locked) throw new Refused(400, 'dashboard is locked');
    if (method === 'DELETE') {
      this.dashboards = this.dashboards.filter((one) => one.id !== id);
      return { status: 204 };
    }
    const kept = body.widgets.map((widget: { id: string }) => widget.id);
    const removed = dashboard.data.widgets.filter((widget: { id: string }) => !kept.includes(widget.id));
    if (isUser && removed.length > 1) throw new Refused(400, 'deleting more than one panel is not supported');
    dashboard.data = body;
    return { status: 200, data: dashboard };
  }

  #one<Item extends { readonly id: string }>(items: readonly Item[], id: string | undefined): Item {
    const found = items.find((item) => item.id === id);
    if (found === undefined) throw new Refused(404, `there is no ${id}`);
    return found;
  }

  #mustBe(form: RegExp, value: string): void {
    if (!form.test(value)) throw new Refused(400, `invalid name: ${value}`);
  }
}

/** Added to each receiver of SNS. The fields of `sigv4` have no names for JSON. */
const alertmanagerDefaults = {
  http_config: {
    tls_config: { insecure_skip_verify: false },
    follow_redirects: true,
    enable_http2: true,
    proxy_url: '',
  },
  sigv4: {
    Region: '',
    AccessKey: '',
    SecretKey: '',
    Profile: '',
    RoleARN: '',
    ExternalID: '',
    UseFIPSSTSEndpoint: false,
    ServiceName: '',
  },
};

const channelsIn = (rule: Json): string[] =>
  rule.condition.thresholds.spec.flatMap(({ channels }: { channels: string[] }) => channels);

/** As SigNoz returns a rule: with fields that it did not get. */
function withDefaults(rule: Json): Json {
  const spec = rule.condition.thresholds.spec.map((one: Json) => ({ targetUnit: '', recoveryTarget: null, ...one }));
  const { compositeQuery, thresholds } = rule.condition;
  const queries = compositeQuery.queries.map(({ spec: query, type }: Json) => ({
    type,
    spec: { disabled: false, step: 0, stats: false, ...query },
  }));
  return {
    state: 'inactive',
    ...rule,
    condition: {
      ...rule.condition,
      compositeQuery: { ...compositeQuery, queries },
      thresholds: { ...thresholds, spec },
    },
  };
}
