/**
 * The commands that bring an image into service, each as a whole: what it asks and tells other programs and the
 * application, what it prints, in both languages, how long it waits, and how it ends. After a change that is meant, `pnpm
 * test delivery/test/whole -u` writes the snapshots again: read their diff like the code's.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import { stringify } from 'yaml';
import { asText, loadCommands, type Situation } from './support/commands-in-world.ts';
import { type Answer, note } from './support/world.ts';

const runAsIs = await loadCommands();
/** Runs a command, and shortens the digests in what is told of it. */
const run: typeof runAsIs = (args, given = {}) =>
  runAsIs(args, { ...given, called: { [digest]: 'sha256:012…', [otherDigest]: 'sha256:fed…', ...given.called } });
// Their ends are the same: a name has the first digits.
const digest = `sha256:0123456789abcdef${'e'.repeat(48)}`;
const otherDigest = `sha256:fedcba9876543210${'e'.repeat(48)}`;
expect.addSnapshotSerializer(asText);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** An application that answers as told, in turn; the last answer stays. @returns its port */
function application(answers: Readonly<Record<string, readonly RequestListener[]>>): Promise<number> {
  const asked: Record<string, number> = {};
  return listen(
    createServer(async (request, response) => {
      const what = `${request.method} ${request.url}`;
      const { 'content-type': type, 'idempotency-key': key } = request.headers;
      const body = await request.setEncoding('utf8').toArray();
      note(`> ${[what, type, key, ...body].filter(Boolean).join(' ')}`);
      const turn = asked[what] ?? 0;
      asked[what] = turn + 1;
      const turns = answers[what] ?? [];
      const answer = turns[Math.min(turn, turns.length - 1)];
      response.setHeader('connection', 'close');
      if (answer) answer(request, response);
      else response.writeHead(404).end('nothing here');
    }),
  );
}
const says =
  (body: string, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status).end(body);
/** An answer after so many seconds, for a command that has its own clock. */
const slowly =
  (seconds: number, then: RequestListener): RequestListener =>
  (request, response) => {
    jest.setSystemTime(Date.now() + seconds * 1_000);
    then(request, response);
  };
const breaks: RequestListener = ({ socket }) => void socket.destroy();
const api = { 'GET /backend': [says('API em execução!')], 'POST /backend': [says('{"resultado":42}')] };
const page = says('<script type="module">start()</script><script>later()</script>');
/** The page with a policy, in which `HASH` stands for the hash of its script. */
const withPolicy =
  (policy: string): RequestListener =>
  (request, response) => {
    const hash = createHash('sha256').update('start()').digest('base64');
    response.setHeader('content-security-policy', policy.replace('HASH', `sha256-${hash}`));
    page(request, response);
  };
const site = withPolicy("script-src 'HASH'");

/** Until it has passed. */
const ended = (conclusion: string) => [{ status: 'completed', conclusion, url: 'https://github.example/run/9' }];
const notEnded = [{ status: 'in_progress', conclusion: '', url: 'https://github.example/run/9' }];
const asksRun = (file: string) =>
  `gh run list --workflow=${file} --commit=c0ffee --limit=1 --json=status,conclusion,url`;
const asksInfra = { to: asksRun('infra-prd.yml') };
const asksApi = { to: asksRun('api-prd-calculadora-api.yml') };

test.each<[string, Situation]>([
  [
    'all has ended well',
    {
      answers: [
        { ...asksInfra, prints: ended('success') },
        { ...asksApi, prints: ended('success') },
      ],
    },
  ],
  [
    'there is nothing to wait for',
    {
      answers: [
        { ...asksInfra, prints: '[]' },
        { ...asksApi, prints: '[]' },
      ],
    },
  ],
  [
    'both end in turn',
    {
      answers: [
        { ...asksInfra, turns: [notEnded, notEnded, ended('success')] },
        { ...asksApi, turns: [notEnded, ended('success')] },
      ],
    },
  ],
  ['one fails', { answers: [{ ...asksInfra, prints: ended('failure') }] }],
  ['one does not end', { each: 1_500, answers: [{ ...asksInfra, prints: notEnded }] }],
  [
    'the second does not end in what the first left of the time',
    {
      each: 1_500,
      answers: [
        { ...asksInfra, turns: [notEnded, ended('success')] },
        { ...asksApi, prints: notEnded },
      ],
    },
  ],
  ['one was skipped', { answers: [{ ...asksInfra, prints: ended('skipped') }] }],
  ['GitHub does not answer', { answers: [{ to: 'gh *', error: 'gh: HTTP 502' }] }],
  [
    'GitHub answers now and then',
    {
      answers: [
        {
          ...asksInfra,
          by(_, __, memory) {
            const asked = Number(memory.asked ?? 0) + 1;
            memory.asked = asked;
            if (asked % 5 > 0) throw new Error('gh: HTTP 502');
            return asked < 10 ? notEnded : ended('success');
          },
        },
        { ...asksApi, prints: '[]' },
      ],
    },
  ],
])('await of the site: %s', async (_, given) => {
  expect(await run('await magic-calculator prd --commit c0ffee', given)).toMatchSnapshot();
});

test('await of the API, for a time that was given', async () => {
  const answers = [{ to: asksRun('infra-dev.yml'), prints: notEnded }];
  expect(await run('await calculadora-api dev --commit c0ffee --timeout 45', { answers })).toMatchSnapshot();
});

test('await of an application that comes after two others, and of one after an unknown one', async () => {
  const { applications } = await import('platform/applications');
  const site = applications.find(({ name }) => name === 'magic-calculator');
  if (!site) throw new Error('There is no site');
  const answers = [{ to: 'gh run list *', prints: ended('success') }];
  const command = 'await magic-calculator dev --commit c0ffee';
  const { after } = site;
  try {
    Object.assign(site, { after: ['magic-calculator', 'calculadora-api'] });
    expect(await run(command, { answers })).toMatchSnapshot('two');
    Object.assign(site, { after: ['nobody'] });
    expect(await run(command, { answers })).toMatchSnapshot('unknown');
  } finally {
    Object.assign(site, { after });
  }
});

const connection = 'arn:aws:codeconnections:us-east-1:111122223333:connection/1b2c3d4e-1111-2222-3333-444455556666';
const settings = (given: object) => ({ 'infra/settings.json': { accountId: '111122223333', ...given } });
const withRunner: Situation = {
  runners: ['dev'],
  files: settings({ github: { repository: 'owner/name', connections: { dev: connection } } }),
};
const destroyed = { 'infra/destroy_config.json': { dev: true, prd: false } };
const eks = 'aws eks describe-cluster --name * --query cluster.endpoint';
/** As the AWS CLI says it, after an empty line. */
const refusedBy = (operation: string, code: string, message: string) =>
  `\nAn error occurred (${code}) when calling the ${operation} operation: ${message}\n`;
const isMissing = refusedBy('DescribeCluster', 'ResourceNotFoundException', 'No cluster found.');
const noCluster: Answer = { to: eks, error: isMissing, code: 254 };

test.each<[string, string, Situation]>([
  ['there is no cluster, and its API will be private', 'dev', { answers: [noCluster] }],
  [
    'there is no cluster, and its API will be public',
    'dev',
    { answers: [noCluster], files: settings({ clusterApiCidrs: { dev: ['203.0.113.7/32'] } }) },
  ],
  [
    'there is no cluster, and only the other environment will be public',
    'prd',
    { answers: [noCluster], files: settings({ clusterApiCidrs: { dev: ['203.0.113.7/32'] } }) },
  ],
  ['the cluster is being created', 'dev', { answers: [{ to: eks, prints: 'null\n' }] }],
  ['there is no cluster to destroy', 'dev', { answers: [noCluster], files: destroyed }],
  ['the first job inside', 'dev --inside true', { answers: [noCluster], ...withRunner }],
  [
    'a runner that the environment’s file lost',
    'dev --inside true',
    { answers: [noCluster], ...withRunner, runners: [] },
  ],
  [
    'a runner that the settings lost',
    'dev --inside true',
    { answers: [noCluster], ...withRunner, files: settings({}) },
  ],
  [
    'a runner that the settings have for another environment',
    'prd --inside true',
    { answers: [noCluster], ...withRunner, runners: ['dev', 'prd'] },
  ],
  [
    'a job inside that would destroy itself',
    'dev --inside true',
    { answers: [noCluster], ...withRunner, files: { ...withRunner.files, ...destroyed } },
  ],
  [
    'a job inside, while the other environment is to be destroyed and has no runner',
    'prd --inside true',
    {
      answers: [noCluster],
      runners: ['prd'],
      files: { ...settings({ github: { repository: 'owner/name', connections: { prd: connection } } }), ...destroyed },
    },
  ],
  ['a job outside, that destroys', 'dev --inside false', { answers: [noCluster], files: destroyed }],
  [
    'a flag of destruction that is neither true nor false',
    'dev',
    { answers: [noCluster], files: { 'infra/destroy_config.json': { dev: 'yes', prd: false } } },
  ],
  [
    'a flag of destruction that is neither true nor false, inside',
    'dev --inside true',
    {
      answers: [noCluster],
      ...withRunner,
      files: { ...withRunner.files, 'infra/destroy_config.json': { dev: null, prd: false } },
    },
  ],
  [
    'AWS refuses',
    'dev',
    { answers: [{ to: eks, error: refusedBy('DescribeCluster', 'AccessDeniedException', 'no'), code: 254 }] },
  ],
  ['neither true nor false', 'dev --inside perhaps', {}],
])('preflight: %s', async (_, args, given) => {
  expect(await run(`preflight ${args}`, given)).toMatchSnapshot();
});

test.each([
  ['a cluster that answers', {}],
  // A private API does not answer at all, and refuses nothing.
  ['a cluster that does not answer', { isLate: true }],
])('preflight of %s', async (_, given) => {
  const port = await listen(createSocketServer((socket) => socket.destroy()));
  const answers = [{ to: eks, prints: JSON.stringify(`https://127.0.0.1:${port}`) }];
  const called = { [`127.0.0.1:${port}`]: 'API' };
  expect(await run('preflight dev', { answers, called, ...given })).toMatchSnapshot();
});

test('preflight of a cluster whose address has no port', async () => {
  const answers = [{ to: eks, prints: JSON.stringify('https://ab12.gr7.us-east-1.eks.amazonaws.com') }];
  expect(await run('preflight dev', { answers, isLate: true })).toMatchSnapshot();
});

test('preflight of a cluster that refuses', async () => {
  const port = await listen(createSocketServer());
  await new Promise((closed) => servers.pop()?.close(closed));
  const answers = [{ to: eks, prints: JSON.stringify(`https://127.0.0.1:${port}`) }];
  expect(await run('preflight dev', { answers, called: { [`127.0.0.1:${port}`]: 'API' } })).toMatchSnapshot();
});

const kubeconfig = 'aws eks update-kubeconfig --name *';
const asksAddress = 'kubectl get * configmap infra-environment *';
const address = (SITE_ADDRESS: string) => ({ to: asksAddress, prints: { data: { SITE_ADDRESS } } });
/** kubectl looks up what the API has, five times, before it says why it failed. */
const unanswered = (reason: string, message: string): Answer => ({
  to: asksAddress,
  error: [
    ...Array(5).fill(
      `E1128 01:15:30.123456    4321 memcache.go:265] "Unhandled Error" err="couldn't get current server API group list: ${reason}"`,
    ),
    message,
  ].join('\n'),
});

test.each<[string, readonly Answer[]]>([
  ['there is a cluster', [{ to: kubeconfig }, address('https://site.example')]],
  ['there is no cluster', [{ to: kubeconfig, error: isMissing, code: 254 }]],
  // Newer versions of the AWS CLI begin like this.
  [
    'there is no cluster, as newer versions say it',
    [{ to: kubeconfig, error: isMissing.replace('\n', '\naws: [ERROR]: '), code: 254 }],
  ],
  [
    'AWS refuses',
    [
      {
        to: kubeconfig,
        error: refusedBy('DescribeCluster', 'ExpiredTokenException', 'The security token is expired'),
        code: 254,
      },
    ],
  ],
  ['AWS says nothing', [{ to: kubeconfig, code: 1 }]],
  ['the cluster is empty', [{ to: kubeconfig }, { to: asksAddress }]],
  ['there is no address yet', [{ to: kubeconfig }, address('')]],
  ['kubectl tells something else', [{ to: kubeconfig }, { to: asksAddress, prints: 'a warning' }]],
  ['the cluster gives no address', [{ to: kubeconfig }, { to: asksAddress, prints: {} }]],
  [
    'the cluster does not know our role',
    [
      { to: kubeconfig },
      unanswered(
        'the server has asked for the client to provide credentials',
        'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
      ),
    ],
  ],
  [
    'our role may not read',
    [
      { to: kubeconfig },
      {
        to: asksAddress,
        error:
          'Error from server (Forbidden): configmaps "infra-environment" is forbidden: User "x" cannot get resource',
      },
    ],
  ],
  [
    'kubectl is ended while it looks up what the API has',
    [{ to: kubeconfig }, unanswered('Get "https://ab12.gr7.us-east-1.eks.amazonaws.com/api?timeout=20s": EOF', '')],
  ],
  [
    'there is no way to the cluster',
    [
      { to: kubeconfig },
      unanswered(
        'Get "https://ab12.gr7.us-east-1.eks.amazonaws.com/api?timeout=20s": dial tcp 10.0.0.1:443: i/o timeout',
        'Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout',
      ),
    ],
  ],
  [
    'the name of the cluster’s API is unknown',
    [
      { to: kubeconfig },
      {
        to: asksAddress,
        error: 'Unable to connect to the server: dial tcp: lookup ab12.gr7.us-east-1.eks.amazonaws.com: no such host',
      },
    ],
  ],
])('connect: %s', async (_, answers) => {
  expect(await run('connect prd', { answers })).toMatchSnapshot();
});

const files = (...paths: string[]) => paths.map((path, index) => `100644 blob ${index}${index}\t${path}`).join('\n');
/** The files of an image, as git has them, among others that look like those that are ignored. */
const content: readonly Answer[] = [
  {
    to: 'git show HEAD:apps/*/Dockerfile',
    prints: [
      ...['FROM node', '# COPY everything ./', 'COPY package.json  pnpm-lock.yaml ./ '],
      ...[
        'COPY apps/calculadora-api apps/calculadora-api/',
        'COPY --link  --chmod=644 tsconfig.base.json ./',
        ...['COPY --from=build /dist dist', 'COPY --link --from=build /more more'],
        'RUN echo COPY nothing ./',
      ],
    ].join('\n'),
  },
  {
    to: 'git show HEAD:.dockerignore',
    prints: 'node_modules\n# **/src\n!**/main.ts\n**/two words\n**/*.test.*\n**/k8s\n**/Dockerfile\n',
  },
  {
    to: 'git ls-tree *',
    prints: files(
      ...['apps/calculadora-api/Dockerfile', 'apps/calculadora-api/src/main.ts', 'apps/calculadora-api/two'],
      ...[
        'apps/calculadora-api/src/contest.ts',
        'apps/calculadora-api/src/a.testing.ts',
        'apps/calculadora-api/my.k8s',
      ],
      ...['apps/calculadora-api/src/k8s.ts', 'apps/calculadora-api/src/main.test.ts', 'k8s/service.yaml'],
      ...['apps/calculadora-api/k8s/base/service.yaml', 'apps/calculadora-api/web/Dockerfile', 'package.json'],
    ),
  },
];
const inspect = (tag: string) => `docker buildx imagetools inspect * *:${tag}`;
const built: Answer = { to: inspect('content-*'), prints: `${digest}\n` };
const passed: Answer = { to: inspect('passed-dev-*'), prints: `${digest}\n` };
const notFound = (tag: string): Answer => ({ to: inspect(tag), error: 'ERROR: docker.io/us/it: not found' });
const ofDockerHub = { DOCKERHUB_USERNAME: 'us' };

test.each<[string, string, Record<string, string>, readonly Answer[]]>([
  ['that is not built', 'dev', ofDockerHub, [...content, notFound('content-*')]],
  ['that passed', 'dev', ofDockerHub, [...content, built, passed]],
  ['that did not pass', 'dev', ofDockerHub, [...content, built, notFound('passed-dev-*')]],
  ['whose mark is another one’s', 'dev', ofDockerHub, [...content, built, { ...passed, prints: otherDigest }]],
  ['for prd', 'prd', ofDockerHub, [...content, built, passed]],
  ['for prd, not built', 'prd', ofDockerHub, [...content, notFound('content-*')]],
  ['for prd, not passed', 'prd', ofDockerHub, [...content, built, notFound('passed-dev-*')]],
  [
    'in ECR',
    'prd',
    { IMAGE_REGISTRY: 'ecr', AWS_ACCOUNT_ID: '111122223333', AWS_REGION: 'us-east-1' },
    [...content, built, passed],
  ],
  ['in a registry of one’s own', 'dev', { IMAGE_REGISTRY: 'localhost:5000' }, [...content, built, passed]],
  [
    'whose registry is new',
    'dev',
    ofDockerHub,
    [
      ...content,
      { to: 'docker *', error: 'ERROR: pull access denied, repository does not exist or may require authorization' },
    ],
  ],
  [
    'whose registry is new, after a warning',
    'dev',
    ofDockerHub,
    [
      ...content,
      {
        to: 'docker *',
        error:
          'WARNING: config.json is readable by others\nERROR: pull access denied, repository does not exist or may require authorization\n',
      },
    ],
  ],
  [
    'that is not built, after which docker gives advice',
    'dev',
    ofDockerHub,
    [
      ...content,
      { to: 'docker *', error: "ERROR: docker.io/us/it: not found\n\nWhat's next:\n    Try docker buildx --help" },
    ],
  ],
  [
    'whose registry fails',
    'dev',
    ofDockerHub,
    [...content, { to: 'docker *', error: 'ERROR: 503 Service Unavailable' }],
  ],
  [
    'whose registry has no address',
    'dev',
    ofDockerHub,
    [...content, { to: 'docker *', error: 'ERROR: failed to do request: docker.io: not found by the resolver' }],
  ],
  [
    'whose registry was asked too often',
    'dev',
    ofDockerHub,
    [
      ...content,
      { to: 'docker *', error: 'WARNING: pull access denied\nERROR: pull access denied, too many requests' },
    ],
  ],
  [
    'if docker’s own program for logins is missing',
    'dev',
    ofDockerHub,
    [
      ...content,
      {
        to: 'docker *',
        error: 'ERROR: exec: "docker-credential-ecr-login": executable file not found in $PATH, out: ``',
      },
    ],
  ],
  ['if docker is killed', 'dev', ofDockerHub, [...content, { to: 'docker *', code: null }]],
  [
    'of more files than a program may print by default',
    'dev',
    ofDockerHub,
    [
      { to: 'git ls-tree *', prints: files(...Array.from({ length: 30_000 }, (_, index) => `apps/file-${index}.ts`)) },
      ...content,
      notFound('content-*'),
    ],
  ],
  ['without an account', 'dev', {}, []],
  ['without an AWS account', 'dev', { IMAGE_REGISTRY: 'ecr', AWS_REGION: 'us-east-1' }, []],
  ['without a region', 'dev', { IMAGE_REGISTRY: 'ecr', AWS_ACCOUNT_ID: '111122223333' }, []],
  ['in an unknown registry', 'dev', { IMAGE_REGISTRY: 'quay' }, []],
])('image %s', async (_, environment, env, answers) => {
  // Images go from dev to prd, and not back.
  expect(await run(`image calculadora-api ${environment}`, { env, answers, differs: 'all' })).toMatchSnapshot();
});

test.each([
  'failed to do request: Head "https://registry.example/v2/": dial tcp: lookup registry.example: no such host',
  'failed to do request: Head "https://registry.example/v2/": dial tcp 10.0.0.1:443: i/o timeout',
  'failed to do request: Head "https://registry.example/v2/": dial tcp 10.0.0.1:443: connect: connection refused',
  'failed to do request: Head "https://registry.example/v2/": net/http: TLS handshake timeout',
  'failed to do request: Head "https://registry.example/v2/": tls: failed to verify certificate: x509: unknown authority',
  'failed to do request: Head "https://registry.example/v2/": EOF',
  'failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized',
  'unexpected status from HEAD request to https://registry.example/v2/: 403 Forbidden',
  'unexpected status from HEAD request to https://registry.example/v2/: 429 Too Many Requests',
  'unexpected status from HEAD request to https://registry.example/v2/: 502 Bad Gateway',
])('image whose registry says "%s" is not one that is not built', async (error) => {
  const env = { IMAGE_REGISTRY: 'registry.example' };
  const answers = [...content, { to: 'docker *', error: `ERROR: ${error}` }];
  const told = await run('image calculadora-api prd', { env, answers, differs: 'all' });
  expect(told).toContain(`Could not look up registry.example/calculadora-api:content-`);
  expect(told).toContain(error);
  expect(told).toMatch(/exit code 1$/);
});

const image = `docker.io/us/calculadora-api@${digest}`;
const creates: Answer = { to: 'docker buildx imagetools create *' };

test.each<[string, readonly Answer[]]>([
  ['tags a new image', [notFound('*'), creates]],
  ['leaves the tags of the same image', [{ to: inspect('*'), prints: digest }]],
  ['moves the tag latest', [{ to: inspect('latest'), prints: otherDigest }, notFound('*'), creates]],
  [
    'does not take the name of another version',
    [{ to: inspect('dev-17'), prints: otherDigest }, notFound('*'), creates],
  ],
  ['fails if the registry refuses', [notFound('*'), { ...creates, error: 'ERROR: 401 Unauthorized' }]],
])('accept %s', async (_, answers) => {
  expect(await run(`accept ${image} dev --version dev-17`, { answers })).toMatchSnapshot();
});

test('accept refuses a tag, and a version that is no tag', async () => {
  expect(await run('accept docker.io/us/calculadora-api:latest dev --version dev-17')).toMatchSnapshot('tag');
  for (const wrong of [
    ...[`${image}0`, image.slice(0, -1), image.replace('0', 'g'), image.toUpperCase(), image.replace('256', '512')],
    ...[` ${image}`, `${image}\nand more`, `@${digest}`, `one two@${digest}`, `one@two@${digest}`],
  ]) {
    const told = await run(['accept', wrong, 'dev', '--version', 'dev-17']);
    expect([wrong, told]).toEqual([
      wrong,
      expect.stringMatching(/^! Falta o digest.*\n! The image .* has no digest .*\nexit code 2$/s),
    ]);
  }
  // The usage names both environments.
  expect(await run(`accept ${image} dev --version -17`, { differs: 'all' })).toMatchSnapshot('hyphen');
  expect(await run(`accept ${image} dev --version=${'1'.repeat(102)}`)).toMatchSnapshot('length');
});

const metadata = { namespace: 'calculator', labels: { 'app.kubernetes.io/name': 'calculadora-api' } };
const named = (kind: string, name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...metadata },
  ...more,
});
/** As many kinds as a release distinguishes. */
const objects = [
  named('ConfigMap', 'calculadora-api-bc87md978c', { data: { LOG_LEVEL: 'info' } }),
  named('ServiceAccount', 'calculadora-api'),
  named('Service', 'calculadora-api', { spec: { ports: [{ port: 80 }] } }),
  named('Job', 'calculadora-api-migration', { spec: { backoffLimit: 1 } }),
  named('Deployment', 'calculadora-api', {
    metadata: { name: 'calculadora-api', ...metadata, annotations: { 'example.org/team': 'api' } },
    spec: {
      progressDeadlineSeconds: 150,
      template: {
        metadata: { labels: { ...metadata.labels, team: 'api' } },
        spec: {
          serviceAccountName: 'calculadora-api',
          topologySpreadConstraints: [{ maxSkew: 1 }],
          terminationGracePeriodSeconds: 30,
          securityContext: { runAsNonRoot: true },
          volumes: [{ name: 'tmp', emptyDir: {} }],
          containers: ['calculadora-api', 'proxy'].map((name) => ({
            ...{ name, image, lifecycle: { preStop: { sleep: { seconds: 10 } } } },
            ...{ ports: [{ containerPort: 7000 }], env: [{ name: 'DB_HOST', value: 'db' }] },
            envFrom: [{ configMapRef: { name: 'calculadora-api-bc87md978c' } }],
            ...{ readinessProbe: { httpGet: { path: '/ready' } }, livenessProbe: { httpGet: { path: '/live' } } },
            ...{ startupProbe: { httpGet: { path: '/live' } }, resources: { limits: { memory: '256Mi' } } },
            ...{
              securityContext: { readOnlyRootFilesystem: true },
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          })),
        },
      },
    },
  }),
];
const yaml = (given: readonly object[]) => given.map((object) => stringify(object)).join('---\n');
const kustomize = 'kubectl kustomize *';

/** A deployment or replica set with its revision, and the name of its version. It wants more pods than it has. */
const revised = (number: number, name = '', availableReplicas?: number) => ({
  apiVersion: 'apps/v1',
  metadata: {
    annotations: {
      'deployment.kubernetes.io/desired-replicas': '10',
      'deployment.kubernetes.io/max-replicas': '11',
      'deployment.kubernetes.io/revision': String(number),
      'deployment.kubernetes.io/revision-history': '90,91',
      'kubernetes.io/change-cause': name,
    },
    labels: { ...metadata.labels, 'pod-template-hash': `hash${number}` },
    creationTimestamp: `2026-11-0${number % 10}T12:00:00Z`,
    ...{ generation: 90 + number, resourceVersion: String(9_000 - number), uid: `1b2c-${number}` },
    ...{ name: `calculadora-api-hash${number}`, namespace: 'calculator' },
    ownerReferences: [{ kind: 'Deployment', name: 'calculadora-api', controller: true }],
  },
  spec: {
    replicas: 10,
    selector: { matchLabels: { ...metadata.labels, 'pod-template-hash': `hash${number}` } },
    template: {
      metadata: { annotations: null, labels: { ...metadata.labels, 'pod-template-hash': `hash${number}` } },
      spec: {
        initContainers: [{ name: 'wait', image: 'busybox' }],
        containers: [
          { name: 'calculadora-api', image: `docker.io/us/calculadora-api:${number}` },
          { name: 'proxy', image: 'proxy' },
        ],
      },
    },
  },
  status: {
    ...(availableReplicas !== undefined && { availableReplicas }),
    ...{ fullyLabeledReplicas: 10, observedGeneration: 90 + number, readyReplicas: 10 - number, replicas: 10 },
  },
});
/** The same with the released image, as after a release that changed only settings. */
const ofImage = (...given: Parameters<typeof revised>) => ({
  ...revised(...given),
  spec: { replicas: 10, template: { spec: { containers: [{ image }, { image: 'proxy' }] } } },
});
/** A replica set that no deployment made, with more pods than the others. Its name is one that a version may have. */
const unnumbered = {
  ...revised(0, '', 9),
  metadata: { ...revised(0).metadata, annotations: { 'kubernetes.io/change-cause': 'dev-0' } },
};
const sets = (...items: object[]): Answer => ({ to: 'kubectl get * replicasets *', prints: { items } });
const deployment = (...turns: unknown[]): Answer => ({
  to: 'kubectl get * deployment calculadora-api --namespace=calculator',
  turns,
});
const job = (...turns: unknown[]): Answer => ({
  to: 'kubectl get * job calculadora-api-migration-0123456789ab *',
  turns,
});
const pod = (...turns: unknown[]): Answer => ({ to: 'kubectl get * pod calculadora-api-trial *', turns });
const pods = (...items: object[]): Answer => ({ to: 'kubectl get * pods *', prints: { items } });
const isReady = {
  status: {
    phase: 'Running',
    conditions: [
      ...['PodReadyToStartContainers', 'Initialized'].map((type) => ({ type, status: 'True' })),
      // Something that is not in the pod may keep it from users.
      { type: 'Ready', status: 'False' },
      ...['ContainersReady', 'PodScheduled'].map((type) => ({ type, status: 'True' })),
    ],
  },
};
/** Conditions say much that is neither an end nor readiness. */
const isRunning = {
  status: {
    ...{ active: 1, failed: 1, ready: 1, terminating: 0, startTime: '2026-11-28T01:00:00Z' },
    conditions: [
      { type: 'Failed', status: 'False' },
      { type: 'Suspended', status: 'True' },
    ],
  },
};
const isPending = {
  status: {
    phase: 'Pending',
    conditions: [
      ...['PodScheduled', 'Initialized', 'PodReadyToStartContainers'].map((type) => ({ type, status: 'True' })),
      { type: 'ContainersReady', status: 'False' },
    ],
  },
};
const hasFailed = {
  status: {
    conditions: ['FailureTarget', 'Failed'].map((type) => ({ type, status: 'True', reason: 'BackoffLimitExceeded' })),
    ...{ failed: 2, ready: 0, terminating: 0, startTime: '2026-11-28T01:00:00Z', uncountedTerminatedPods: {} },
  },
};
/** At the second attempt. */
const hasSucceeded = {
  status: {
    completionTime: '2026-11-28T01:01:00Z',
    conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({
      type,
      status: 'True',
      reason: 'CompletionsReached',
    })),
    ...{ failed: 1, ready: 0, succeeded: 1, terminating: 0, uncountedTerminatedPods: {} },
  },
};
const rollout = 'kubectl rollout status *';
const undo = 'kubectl rollout undo *';

/** What a cluster answers where nothing else is said. */
const cluster: readonly Answer[] = [
  { to: kustomize, prints: yaml(objects) },
  { to: 'kubectl create *' },
  { to: 'kubectl apply *' },
  { to: 'kubectl delete *' },
  { to: 'kubectl get * deployment * --show-managed-fields' },
  deployment(revised(3), revised(4)),
  sets(revised(3, 'dev-3', 2), revised(4)),
  job(hasSucceeded),
  pod(isReady),
  { to: 'kubectl get * events *' },
  { to: 'kubectl get * pods *' },
  { to: 'kubectl get * serviceaccounts,* *' },
  { to: 'kubectl port-forward *', error: 'error: unable to forward' },
  { to: rollout, prints: 'deployment "calculadora-api" successfully rolled out\n' },
  { to: undo, prints: 'deployment.apps/calculadora-api rolled back\n' },
];
const command = `release calculadora-api dev --image ${image}`;

/** Runs a release. Its first calls are those of every release. */
const release = (answers: readonly Answer[], more = '', given: Situation = {}) =>
  run(command + more, {
    isShort: true,
    answers: [...answers, ...cluster],
    ...given,
  });

test('release of the first version, with all that the cluster gets', async () => {
  const port = await application(api);
  const forward: Answer = {
    to: 'kubectl port-forward *',
    prints: `W1128 a warning\nForwarding from 127.0.0.1:${port} -> 7000\n`,
    waits: true,
    isTorn: true,
  };
  const left = { kind: 'NetworkPolicy', metadata: { name: 'calculadora-api-migration' } };
  const owned = [
    { kind: 'ServiceAccount', metadata: { name: 'calculadora-api' } },
    { kind: 'NetworkPolicy', metadata: { name: 'magic-calculator' } },
    // Of another application.
    { kind: 'HorizontalPodAutoscaler', metadata: { name: 'calculadora-api-two' } },
    left,
  ];
  const answers = [
    forward,
    deployment('', revised(1)),
    sets(),
    job('', isRunning, { status: {} }, hasSucceeded),
    pod('', isPending, { status: { phase: 'Pending' } }, isReady),
    { to: 'kubectl get * serviceaccounts,* *', prints: { items: owned } },
  ];
  expect(await release(answers, '', { isShort: false, called: { [String(port)]: 'PORT' } })).toMatchSnapshot();
});

const withoutTrial = ' --without-trial';
const noLog: Answer = { to: 'kubectl logs *', error: 'error: timed out waiting for the condition' };
/** A release with two of what usually comes alone. */
const twice = (answers: readonly Answer[]) => {
  const more = [
    named('ConfigMap', 'calculadora-api-limits-5f6g7h', { data: { LIMIT: '1' } }),
    named('Job', 'calculadora-api-seed', { spec: {} }),
  ];
  return release([{ to: kustomize, prints: yaml([...objects, ...more]) }, ...answers], withoutTrial);
};
const seed = (...turns: unknown[]): Answer => ({ to: 'kubectl get * job calculadora-api-seed-0123456789ab *', turns });

test('release of two ConfigMaps and two jobs, after which two objects are left', async () => {
  const left = ['HorizontalPodAutoscaler', 'NetworkPolicy'].map((kind) => ({
    kind,
    metadata: { name: 'calculadora-api' },
  }));
  const prunes = { to: 'kubectl get * serviceaccounts,* *', prints: { items: left } };
  expect(await twice([seed('', hasSucceeded), prunes])).toMatchSnapshot();
});

test('release of two jobs ends with the first that fails, or the second', async () => {
  expect(await twice([job('', hasFailed), noLog])).toMatchSnapshot('the first');
  expect(await twice([seed('', hasFailed), noLog])).toMatchSnapshot('the second');
});

const entry = { apiVersion: 'apps/v1', fieldsType: 'FieldsV1', time: '2026-11-27T12:00:00Z' };
/** Fields of the first container, which has a name and no number. */
const container = (fields: object) => ({ 'f:containers': { 'k:{"name":"calculadora-api"}': fields } });
const own = {
  ...{ manager: 'delivery', operation: 'Apply', ...entry },
  fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': container({ '.': {}, 'f:image': {} }) } } },
};
const foreign = {
  ...{ manager: 'kubectl-rollout', operation: 'Update', ...entry },
  fieldsV1: {
    'f:metadata': {},
    'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': container({ 'f:lifecycle': {} }), 'f:b': {} } },
  },
};
const controllers = [
  {
    ...{ manager: 'autoscaler', operation: 'Update', ...entry, subresource: 'scale' },
    fieldsV1: { 'f:spec': { 'f:template': {} } },
  },
  {
    ...{ manager: 'kube-controller-manager', operation: 'Update', ...entry, subresource: 'status' },
    fieldsV1: { 'f:status': {} },
  },
];
const edited = {
  ...{ manager: 'kubectl-edit', operation: 'Update', ...entry },
  fieldsV1: {
    'f:spec': {
      'f:template': {
        'f:spec': container({ 'f:env': { 'k:{"name":"DB_HOST"}': { '.': {} }, 'v:"x"': {} } }),
        'f:c': { 'f:deep': { 'f:deeper': {} } },
      },
    },
  },
};
const managed = (...managedFields: object[]): Answer => ({
  to: 'kubectl get * deployment * --show-managed-fields',
  prints: { metadata: { resourceVersion: '7', managedFields } },
});

const isCancelled = (signal: 'SIGINT' | 'SIGTERM') => () => void process.emit(signal);

test.each<[string, readonly Answer[], string?]>([
  ['names the version that served', [], withoutTrial],
  ['changes nothing', [deployment(revised(4)), sets(revised(4, 'dev-4', 2))], withoutTrial],
  [
    'names the version with the most pods after a release that was killed',
    [deployment(revised(3), revised(4)), sets(revised(2, '', 1), revised(1, '', 3), revised(3, '', 2))],
    withoutTrial,
  ],
  ['names no version without pods', [sets(revised(3), revised(2, '', 0))], withoutTrial],
  ['names the version that served beside pods of no version', [sets(unnumbered, revised(3, 'dev-3', 1))], withoutTrial],
  ['names no version where there are only pods of none', [sets(unnumbered, revised(3, 'dev-3'))], withoutTrial],
  ['takes the fields of others', [managed(own, foreign, ...controllers), { to: 'kubectl patch *' }], withoutTrial],
  ['takes the fields of two others', [managed(foreign, own, edited), { to: 'kubectl patch *' }], withoutTrial],
  [
    'takes the fields that its own name has set in another way, and leaves those that somebody else applies',
    [
      managed(
        { ...foreign, manager: 'delivery' },
        ...['argo', 'delivery-old', 'old-delivery'].map((manager) => ({ ...own, manager })),
        own,
        ...controllers,
      ),
      { to: 'kubectl patch *' },
    ],
    withoutTrial,
  ],
  [
    'takes the fields of others although it had set none of the pods',
    [managed({ ...own, fieldsV1: { 'f:metadata': {} } }, foreign), { to: 'kubectl patch *' }],
    withoutTrial,
  ],
  ['leaves fields that only controllers have', [managed(own, ...controllers)], withoutTrial],
  ['leaves fields that it never owned', [managed(foreign)], withoutTrial],
  [
    'goes on with a ConfigMap that is there',
    [
      {
        to: 'kubectl create *',
        error: 'Error from server (AlreadyExists): error when creating "STDIN": configmaps "x" already exists',
      },
    ],
    withoutTrial,
  ],
  ['ends if a ConfigMap is refused', [{ to: 'kubectl create *', error: 'Error: configmaps is forbidden' }]],
  [
    'ends if nobody knows whether a ConfigMap is there',
    [{ to: 'kubectl create *', error: 'Error from server (Timeout): it may or may not already exist' }],
  ],
  [
    'ends if an object is refused, and says all that is wrong',
    [
      {
        to: 'kubectl apply *',
        error: [
          'Warning: autoscaling/v2beta2 HorizontalPodAutoscaler is deprecated',
          'The Service "calculadora-api" is invalid: ',
          '* spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
          '* spec.type: Unsupported value: "Internal"',
        ].join('\n'),
      },
    ],
  ],
  ['ends without an answer of the cluster', [{ to: 'kubectl get *', error: 'dial tcp: i/o timeout' }]],
  ['ends if kubectl is killed', [{ to: 'kubectl get *', code: null }]],
  ['ends if the manifests are wrong', [{ to: kustomize, error: 'error: no such file' }]],
  ['of a deployment alone', [job(''), { to: kustomize, prints: yaml(objects.slice(4)) }], withoutTrial],
  [
    'of three deployments, of which one serves',
    [
      job(''),
      {
        to: kustomize,
        prints: yaml([
          ...['calculadora-api-worker', 'api'].map((name) => named('Deployment', name, { spec: {} })),
          ...objects.slice(4),
        ]),
      },
    ],
    withoutTrial,
  ],
  ['ends with what the cluster says, in any language', [{ to: 'kubectl apply *', error: 'Error: não há memória' }]],
  ['ends without a deployment', [{ to: kustomize, prints: yaml(objects.slice(0, 4)) }]],
  [
    'ends without a deployment of its name',
    [{ to: kustomize, prints: yaml([...objects.slice(0, 4), named('Deployment', 'worker', { spec: {} })]) }],
  ],
  ['of a failed migration repeats it', [job(hasFailed, { status: {} }, hasSucceeded)], withoutTrial],
  ['of a migration that still runs waits for it', [job(isRunning, isRunning, hasSucceeded)], withoutTrial],
  [
    'of a migration that fails says why',
    [
      job('', hasFailed),
      { to: 'kubectl logs *', prints: 'ER_DUP_FIELDNAME: a coluna já existe\n\n' },
      // The job has tried twice.
      pods(
        ...['x', 'y'].map((end) => ({
          metadata: { name: `calculadora-api-migration-${end}` },
          spec: {},
          status: { containerStatuses: [{ state: { terminated: { exitCode: 1 } } }] },
        })),
      ),
      {
        to: 'kubectl get * events *involvedObject.name=*',
        prints: { items: [{ message: 'quota exceeded' }, { message: 'no image' }] },
      },
    ],
  ],
  [
    'of a migration that fails for a single reason says it',
    [
      job('', hasFailed),
      noLog,
      { to: 'kubectl get * events *involvedObject.name=*', prints: { items: [{ message: 'quota exceeded' }] } },
    ],
  ],
  ['of a migration that takes too long', [job('', isRunning), noLog], ' --timeout 2'],
  [
    'of a migration whose job somebody deletes is none that succeeded',
    [job('', isRunning, ''), { ...noLog, error: 'error: jobs.batch "calculadora-api-migration" not found' }],
  ],
  ['of a migration that is cancelled', [{ ...job('', { status: {} }), does: isCancelled('SIGTERM') }, noLog]],
  [
    'of a pod on trial that ends says why',
    [
      pod({ status: { phase: 'Failed' } }),
      pods({
        metadata: { name: 'calculadora-api-trial' },
        spec: {},
        status: {
          containerStatuses: [{ state: { terminated: { reason: 'Error', exitCode: 78, message: 'No DB_HOST' } } }],
        },
      }),
    ],
  ],
  ['of a pod on trial that ends well', [pod({ status: { phase: 'Succeeded' } })]],
  ['of a pod on trial that is late', [pod(isPending)], ' --timeout 3'],
  ['of a pod on trial that is cancelled', [{ ...pod({ status: { phase: 'Pending' } }), does: isCancelled('SIGINT') }]],
  [
    'ends if the cluster does not answer for the pod on trial, and leaves none',
    [{ to: 'kubectl get * pod calculadora-api-trial *', error: 'dial tcp: i/o timeout' }],
  ],
  [
    'of a migration that succeeds although it is cancelled puts no pod on trial',
    [{ ...job('', hasSucceeded), does: isCancelled('SIGTERM') }],
  ],
  [
    'of a pod on trial that is ready, but cancelled, does not ask it',
    [{ ...pod(isReady), does: isCancelled('SIGINT') }],
  ],
  [
    'that is cancelled before there is a pod starts none',
    [{ to: 'kubectl apply *', does: isCancelled('SIGINT') }],
    withoutTrial,
  ],
  [
    'ends if somebody changes the deployment meanwhile',
    [managed(own, foreign), { to: 'kubectl patch *', error: 'Error from server (Invalid): the test failed' }],
    withoutTrial,
  ],
  [
    'repeats one that was killed, and names the version that serves',
    [deployment(revised(4)), sets(revised(3, 'dev-3', 2), revised(4))],
    withoutTrial,
  ],
  [
    'goes on to its smoke test although it must not delete what is left',
    [
      {
        to: 'kubectl get * serviceaccounts,* *',
        prints: { items: [{ kind: 'NetworkPolicy', metadata: { name: 'calculadora-api-migration' } }] },
      },
      { to: 'kubectl delete networkpolicy/*', error: 'Error from server (Forbidden)' },
    ],
    withoutTrial,
  ],
  [
    'fails if nobody can read what is left',
    [{ to: 'kubectl get * serviceaccounts,* *', prints: 'a warning' }],
    withoutTrial,
  ],
  ['of a pod on trial that nobody can reach goes on', []],
  [
    'that fails goes back, also to a single pod',
    [
      sets(revised(3, 'dev-3', 1), revised(4)),
      { to: rollout, times: 1, error: 'error: exceeded its progress deadline' },
    ],
    withoutTrial,
  ],
  [
    'that fails, with another time limit, and does not come back',
    [{ to: rollout, error: 'error: timed out waiting for the condition' }],
    `${withoutTrial} --timeout 45`,
  ],
  [
    'of other settings for the same image',
    [deployment(ofImage(3), ofImage(4)), sets(ofImage(3, 'dev-3', 2), ofImage(4))],
    withoutTrial,
  ],
  [
    'of other settings for the same image that fails goes back',
    [
      deployment(ofImage(3), ofImage(4)),
      sets(ofImage(3, 'dev-3', 2), ofImage(4)),
      { to: rollout, times: 1, error: 'error: exceeded its progress deadline' },
    ],
    withoutTrial,
  ],
  [
    'that fails, and must not go back',
    [
      { to: rollout, error: 'error: no' },
      { to: undo, error: 'error: unable to find revision 3' },
    ],
    withoutTrial,
  ],
  [
    'that fails without a version before',
    [deployment('', revised(1)), sets(revised(1)), { to: rollout, error: 'error: no' }],
    withoutTrial,
  ],
  [
    'that fails without anything in the cluster that says why',
    [
      { to: 'kubectl get * replicasets *hash=hash4' },
      { to: rollout, times: 1, error: 'error: exceeded its progress deadline' },
    ],
    withoutTrial,
  ],
  ['that fails without a new version', [deployment(revised(3)), { to: rollout, error: 'error: no' }], withoutTrial],
  [
    'that is cancelled goes back',
    [{ to: rollout, times: 1, waits: true, prints: 'Waiting for rollout\n', does: isCancelled('SIGTERM') }],
    withoutTrial,
  ],
])('release %s', async (_, answers, more = '') => {
  expect(await release(answers, more)).toMatchSnapshot();
});

test.each<[string, readonly Answer[]]>([
  ['a migration', [job('', isRunning), noLog]],
  ['a pod on trial', [pod(isPending)]],
])('release waits for %s no longer than it should, also where each call takes its time', async (_, answers) => {
  expect(await release(answers, ' --timeout 300', { each: 40 })).toMatchSnapshot();
});

test.each(['SIGINT', 'SIGTERM'] as const)('release that gets %s twice is ended by the second', async (signal) => {
  let listeners: number | undefined;
  const does = () => {
    expect(process.emit(signal)).toBe(true);
    listeners = process.listenerCount(signal);
  };
  const told = await release([{ to: rollout, times: 1, waits: true, does }], withoutTrial, { differs: 'all' });
  // Where nobody listens, a signal ends the process.
  expect([told, listeners]).toEqual([expect.stringContaining('Interrupted'), 0]);
});

test.each<[string, readonly RequestListener[]]>([
  ['answers wrongly', [says('{"resultado":41}')]],
  ['answers well in the end', [says('', 502), says('{"resultado":42}')]],
  [
    'answers well, but is cancelled meanwhile',
    [
      (request, response) => {
        isCancelled('SIGTERM')();
        says('{"resultado":42}')(request, response);
      },
    ],
  ],
])('release of a pod on trial that %s', async (_, sums) => {
  const port = await application({ ...api, 'POST /backend': sums });
  const forward: Answer = {
    to: 'kubectl port-forward *',
    prints: `Forwarding from 127.0.0.1:${port} -> 7000\n`,
    waits: true,
  };
  // This application has the second release answered by its last answer.
  const differs = 'all';
  expect(await release([forward], '', { called: { [String(port)]: 'PORT' }, differs })).toMatchSnapshot();
});

test('release of an application without a migration, to prd', async () => {
  const ofSite = JSON.parse(JSON.stringify(objects).replaceAll('calculadora-api', 'magic-calculator'));
  const answers: readonly Answer[] = [
    { to: kustomize, prints: yaml(ofSite.filter(({ kind }: { kind: string }) => kind !== 'Job')) },
    { to: 'kubectl get * deployment magic-calculator --namespace=calculator', turns: [revised(3), revised(4)] },
    { to: 'kubectl get * pod magic-calculator-trial *', prints: isReady },
    ...cluster,
  ];
  const args = `release magic-calculator prd --image ${image.replace('calculadora-api', 'magic-calculator')}`;
  expect(await run(args, { answers })).toMatchSnapshot();
});

test.each([
  ['an image without a digest', 'release calculadora-api dev --image docker.io/us/calculadora-api:dev-17'],
  ['an unknown application', `release calculator dev --image ${image}`],
  ['no time at all', `${command} --timeout 0`],
])('release refuses %s', async (_, args) => {
  expect(await run(args)).toMatchSnapshot();
});

const waiting = (reason: string, message?: string) => ({ state: { waiting: { reason, ...(message && { message }) } } });
const terminated = (reason: string, exitCode: number, message?: string) => ({
  terminated: { containerID: 'containerd://1', finishedAt: '2026-11-28T01:15:00Z', reason, exitCode, message },
});
const condition = (type: string, message?: string, status = 'False') => ({
  ...{ lastProbeTime: null, lastTransitionTime: '2026-11-28T01:15:00Z', reason: 'ItsReason' },
  ...{ type, status, message },
});
const gate = 'target-health.elbv2.k8s.aws/tg-calculadora-api-dev';
/** The time of an event of kubelet, which was first there before all others. */
const at = (time: string) => ({
  ...{ firstTimestamp: '2026-11-28T01:00:00Z', lastTimestamp: `2026-11-28T${time}Z`, eventTime: null },
});
/** That of the scheduler, whose time is more exact. */
const since = (time: string) => ({
  ...{ firstTimestamp: null, lastTimestamp: null, eventTime: `2026-11-28T${time}.123456Z` },
});
const warning = (reason: string, message: string, name = 'one', times: object = at('01:10:00')) => ({
  ...{ count: 3, type: 'Warning', source: { component: 'kubelet' }, ...times },
  metadata: { name: `${name}.18a7`, creationTimestamp: '2026-11-28T01:00:00Z' },
  ...{ involvedObject: { kind: 'Pod', name, namespace: 'calculator', uid: '1b2c' }, reason, message },
});
/** The state of a container, as Kubernetes gives it once it knows one. */
const known = (states: readonly object[]) =>
  states.map((state, index) =>
    Object.keys(state).length === 0
      ? state
      : { name: `container-${index}`, image, imageID: '', lastState: {}, ready: false, restartCount: 3, ...state },
  );
const crashed = {
  ...waiting('CrashLoopBackOff', 'back-off 10s'),
  lastState: terminated('Error', 3, '1\n2\n3\n4\n5\n6\n'),
};
const running = { state: { running: {} } };
/** Of a pod, without the fields that are the same in each. */
interface PodStatus {
  readonly containerStatuses?: readonly object[];
  readonly conditions?: readonly object[];
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
}

test.each<[string, PodStatus, (readonly object[])?, (readonly object[])?]>([
  [
    'an image that does not exist',
    { containerStatuses: [waiting('ImagePullBackOff', 'Back-off pulling image "quay.io/x"')] },
  ],
  ['an image on Docker Hub', { containerStatuses: [waiting('ErrImagePull', 'pulling "docker.io/us/x": denied')] }],
  [
    'an image on Docker Hub, between two attempts',
    { containerStatuses: [waiting('ImagePullBackOff', 'Back-off pulling image "docker.io/us/x"')] },
  ],
  ['a process that exited', { containerStatuses: [crashed] }],
  [
    'a process that has just exited for another reason than the time before',
    { containerStatuses: [{ state: terminated('Error', 1, 'No settings'), lastState: terminated('OOMKilled', 137) }] },
  ],
  ['a process that has just exited', { containerStatuses: [{ state: terminated('Error', 1, 'No settings') }] }],
  [
    'too much memory',
    { containerStatuses: [{ ...waiting('CrashLoopBackOff'), lastState: terminated('OOMKilled', 137) }] },
  ],
  [
    'a probe that killed it',
    { containerStatuses: [{ ...running, lastState: terminated('Error', 143) }] },
    [warning('Unhealthy', 'first'), warning('Unhealthy', 'Liveness probe failed'), warning('BackOff', 'no reason')],
  ],
  [
    'a missing volume, although others were missing before',
    { containerStatuses: [waiting('ContainerCreating')] },
    // In the order of their names.
    [
      warning('FailedMount', 'first', 'one', at('01:11:00')),
      warning('FailedMount', 'secret "x" not found', 'one', at('01:13:00')),
      warning('FailedScheduling', 'no room', 'one', since('01:12:00')),
      warning('FailedMount', 'second', 'one', at('01:12:59')),
    ],
  ],
  [
    'no room on a node any more, although a volume was missing before',
    { containerStatuses: [waiting('ContainerCreating')] },
    [
      warning('FailedScheduling', 'no room', 'one', since('01:12:00')),
      warning('FailedMount', 'secret "x" not found', 'one', at('01:12:00')),
      warning('FailedMount', 'of unknown age', 'one', { lastTimestamp: null, eventTime: null }),
    ],
  ],
  [
    'a probe of another pod',
    { containerStatuses: [running], conditions: [condition('Ready', 'unready')] },
    ['two', 'one-two', 'two-one'].map((name) => warning('Unhealthy', 'other', name)),
  ],
  [
    'a missing volume',
    { containerStatuses: [waiting('ContainerCreating')] },
    [warning('FailedMount', 'secret "x" not found')],
  ],
  [
    'a missing volume of one container beside another that runs',
    { containerStatuses: [running, waiting('ContainerCreating')] },
    [warning('FailedMount', 'secret "x" not found')],
  ],
  ['no room', { conditions: [condition('PodScheduled', '0/3 nodes are available'), condition('Ready', 'unready')] }],
  ['a node without disk', { reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' }],
  [
    'failed health checks',
    {
      containerStatuses: [running],
      conditions: [condition(gate, 'Health checks failed'), condition('Ready', 'unready')],
    },
  ],
  [
    'a process that exited, which its health checks show, too',
    {
      containerStatuses: [crashed],
      conditions: [condition(gate, 'Health checks failed'), condition('Ready', 'unready')],
    },
  ],
  [
    'nothing else',
    {
      containerStatuses: [running],
      conditions: [
        condition(gate, 'fine', 'True'),
        ...[`${gate}-old`, `old.${gate}`, 'ReadyForMore'].map((type) => condition(type, 'not this')),
        condition('Ready', 'unready'),
      ],
    },
  ],
  ['nothing at all', { containerStatuses: [running], conditions: [condition('Ready', '', 'True')] }],
  [
    'a quota',
    {},
    [],
    [
      {
        status: {
          conditions: [
            condition('ReplicaFailure', 'exceeded quota', 'True'),
            condition('ReplicaFailure', 'not this', 'False'),
          ],
        },
      },
      // The same of another set is told once.
      {
        status: {
          conditions: [
            condition('ReplicaFailure', 'exceeded quota', 'True'),
            condition('ReplicaFailure', 'too many pods', 'True'),
          ],
        },
      },
    ],
  ],
])('release that fails for %s', async (_, status, events = [], failedSets = []) => {
  // Two pods have the same reason, which is told once.
  expect(await failed([status, status], events, failedSets)).toMatchSnapshot();
});

/** A release whose new pods have these states. The first is named `one`, and so is each that has the same. */
function failed(states: readonly PodStatus[], events: readonly object[] = [], failedSets: readonly object[] = []) {
  const gates = ['first.example/gate', gate, 'last.example/gate'];
  const spec = { readinessGates: gates.map((conditionType) => ({ conditionType })) };
  const names = ['one', 'two', 'three'];
  const found = states.map((status) => ({
    metadata: { generateName: 'calculadora-api-hash4-', name: names[states.indexOf(status)], namespace: 'calculator' },
    spec,
    status: {
      ...{ phase: 'Running', qosClass: 'Burstable', ...status },
      ...(status.containerStatuses && { containerStatuses: known(status.containerStatuses) }),
    },
  }));
  const answers: readonly Answer[] = [
    { to: 'kubectl get * replicasets *hash=hash4', prints: { items: failedSets } },
    pods(...found),
    { to: 'kubectl get * events *', prints: { items: events } },
    { to: rollout, error: 'error: no' },
  ];
  return release(answers, withoutTrial, { hidden: 'kubectl *' });
}

/** The reasons that a failed release gives. */
const reasonsIn = (told: string) => [...told.matchAll(/^\| - (.*)$/gm)].map(([, reason]) => reason);

// Those of kubelet, of the scheduler and of the controllers. The containers of such a pod have ended, too, or never began.
test.each([
  ...[
    'Evicted',
    'NodeShutdown',
    'Terminated',
    'NodeLost',
    'Preempting',
    'DeadlineExceeded',
    'UnexpectedAdmissionError',
  ],
  ...['OutOfcpu', 'OutOfmemory', 'OutOfpods', 'OutOfephemeral-storage', 'NodeAffinity', 'NodeName', 'NodePorts'],
  ...['TaintToleration', 'PodHasNoResources', 'Shutdown'],
])('release that fails for pods that ended as %s says so', async (reason) => {
  const message = 'Pod was rejected: not enough of it on the node';
  const ended = { state: terminated('ContainerStatusUnknown', 137, 'The container could not be located') };
  expect(reasonsIn(await failed([{ phase: 'Failed', reason, message }]))).toEqual([`${reason}: ${message}`]);
  // Also one that says no more, and beside another pod.
  const states = [{ containerStatuses: [running] }, { phase: 'Failed', reason }];
  expect(reasonsIn(await failed(states))).toEqual([reason]);
  expect(reasonsIn(await failed([{ phase: 'Failed', reason, message, containerStatuses: [ended] }]))).toEqual([
    `${reason}: ${message}`,
    'ContainerStatusUnknown (137): The container could not be located',
  ]);
});

test.each([
  ['FailedMount', 'MountVolume.SetUp failed for volume "x" : configmap "x" not found'],
  ['FailedAttachVolume', 'AttachVolume.Attach failed for volume "x" : timed out'],
  ['FailedMapVolume', 'MapVolume.SetUp failed'],
  ['FailedCreatePodSandBox', 'Failed to create pod sandbox: failed to assign an IP address to container'],
  ['NetworkNotReady', 'network is not ready: cni plugin not initialized'],
  ['FailedCreatePodContainer', 'unable to ensure pod container exists'],
  ['FailedSync', 'error determining status'],
  ['Failed', 'Error: cannot find volume "x" to mount'],
  ['FailedToRetrieveImagePullSecret', 'Unable to retrieve some image pull secrets (x)'],
  ['InspectFailed', 'Failed to apply default image tag'],
  ['NodeNotReady', 'Node is not ready'],
])('release that fails for pods that are being created tells of the event %s', async (reason, message) => {
  for (const containerStatuses of [
    [waiting('ContainerCreating')],
    [running, waiting('ContainerCreating')],
    [waiting('ContainerCreating'), running],
  ]) {
    const told = await failed([{ containerStatuses }], [warning(reason, message)]);
    expect(reasonsIn(told)).toEqual([`${reason}: ${message}`]);
  }
});

test.each([
  ['Completed', 0],
  ['Error', 1],
  ['Error', 2],
  ['ContainerCannotRun', 126],
  ['ContainerCannotRun', 127],
  ['StartError', 128],
  ['Error', 134],
  ['OOMKilled', 137],
  ['Error', 137],
  ['Error', 139],
  ['Error', 143],
  ['Error', 255],
])('release that fails for a process that ended as %s with %i says so', async (reason, code) => {
  const ended = terminated(reason, code, 'its last line');
  for (const status of [
    { state: ended },
    { ...running, lastState: ended },
    { ...waiting('CrashLoopBackOff', 'back-off 5m0s restarting failed container'), lastState: ended },
    { ...waiting('RunContainerError', 'context deadline exceeded'), lastState: ended },
  ]) {
    const found = reasonsIn(await failed([{ phase: 'Running', containerStatuses: [status] }]));
    expect(found).toEqual([`${reason} (${code}): its last line`]);
  }
});

test.each([
  ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'ImageInspectError'],
  ...['RegistryUnavailable', 'SignatureValidationFailed', 'CreateContainerConfigError', 'CreateContainerError'],
  ...['RunContainerError', 'CrashLoopBackOff', 'PreStartHookError', 'PostStartHookError', 'PodInitializing'],
])('release that fails for a container that waits for %s says so', async (reason) => {
  const containerStatuses = [running, waiting(reason, 'because of this')];
  expect(reasonsIn(await failed([{ phase: 'Pending', containerStatuses }]))).toEqual([`${reason}: because of this`]);
});

test('release that fails for several reasons tells all', async () => {
  const found = await failed(
    [
      // Two containers of one pod, beside one that runs, and one of which nothing is known yet.
      { containerStatuses: [{}, { state: terminated('Error', 1, 'No settings') }, running, crashed] },
      // The name of the image may be on any line.
      { containerStatuses: [waiting('ErrImagePull', 'failed to pull:\n"docker.io/us/x": denied')] },
      { conditions: [condition('PodScheduled', '0/3 nodes are available')] },
    ],
    [warning('Unhealthy', 'Readiness probe failed'), warning('FailedScheduling', 'not this', 'three')],
    [{ status: { conditions: [condition('ReplicaFailure', 'exceeded quota', 'True')] } }],
  );
  expect(found).toMatchSnapshot();
});

test('release that fails speaks of Docker Hub only where that refuses an image', async () => {
  const refused = (image: string) => ({ containerStatuses: [waiting('ErrImagePull', `pulling "${image}": denied`)] });
  expect(await failed([refused('mydocker.io/us/x'), refused('docker-io/us/x')])).toMatchSnapshot();
  const told = { containerStatuses: [{ state: terminated('Error', 1, 'no ErrImagePull: docker.io/us/x') }] };
  expect(await failed([told])).toMatchSnapshot('in the output of a program');
});

test.each<[string, string, readonly Answer[]]>([
  ['to a version', '--to dev-3', [sets(revised(12, 'dev-12'), revised(3, 'dev-3'), revised(5))]],
  [
    'to a version that is not the oldest',
    '--to dev-12',
    [sets(revised(14, 'dev-14'), revised(12, 'dev-12'), revised(3, 'dev-3'))],
  ],
  // GitHub may have counted the runs from 1 again.
  ['to the newer of two versions of one name', '--to dev-3', [sets(revised(3, 'dev-3'), revised(12, 'dev-3'))]],
  ['to a version that begins with a digit', '--to 3-hotfix', [sets(revised(12, '3-hotfix'), revised(3, 'dev-3'))]],
  ['to a revision', '--to 3', []],
  ['to a revision of two digits', '--to 12', []],
  ['to a version that is not there', '--to dev-9', [sets(revised(12, 'dev-12'), revised(3, 'dev-3'))]],
  ['to a version where there is none', '--to dev-9', [sets()]],
  ['to nothing', '--to=', []],
  ['to what is no version', '--to dev/3', []],
  [
    'that the cluster refuses',
    '--to 9',
    [{ to: undo, error: 'error: unable to find specified revision 9 in history' }],
  ],
  ['that is late', '--to 3', [{ to: rollout, error: 'error: timed out waiting for the condition' }]],
  ['of an application that is gone', '--to 3', [deployment('')]],
])('rollback %s', async (_, args, answers) => {
  expect(await run(`rollback calculadora-api ${args}`, { answers: [...answers, ...cluster] })).toMatchSnapshot();
});

test.each<[string, readonly Answer[]]>([
  [
    'newest first',
    [
      deployment(revised(12)),
      sets(revised(2, 'dev-2', 1), unnumbered, revised(12, 'dev-12'), revised(3, 'dev-3', 2), revised(5)),
    ],
  ],
  ['a single one', [deployment(revised(5)), sets(revised(3, 'dev-3', 2), revised(5))]],
  [
    'two of the same image with other settings',
    [deployment(ofImage(4)), sets(ofImage(3, 'dev-3'), ofImage(4, 'dev-4', 2))],
  ],
  ['without one', [deployment(''), sets(revised(5))]],
  ['without any', [deployment(''), { to: 'kubectl get * replicasets *' }]],
])('versions, %s', async (_, answers) => {
  expect(await run('versions calculadora-api', { answers })).toMatchSnapshot();
});

test.each<[string, string, Readonly<Record<string, readonly RequestListener[]>>, Situation?]>([
  ['of all applications', '', { ...api, 'GET /frontend/': [site] }],
  ['of one application names its version', 'calculadora-api --version dev-17', api],
  [
    'names no version that fails',
    'calculadora-api --version dev-17 --timeout 0',
    { ...api, 'GET /backend': [says('<html>')] },
  ],
  [
    'of an answer with a line too many',
    'calculadora-api --timeout 0',
    { ...api, 'GET /backend': [says('API em execução!\n')] },
  ],
  ['names no version of all applications', '--version dev-17', { ...api, 'GET /frontend/': [site] }],
  ['tries for a minute', 'calculadora-api', { ...api, 'POST /backend': [says('x'.repeat(201), 502)] }],
  [
    'tries all that it asks for a minute together',
    'calculadora-api',
    { 'GET /backend': [says('x'.repeat(200), 502)], 'POST /backend': [says('no', 503), says('{"resultado":41}')] },
  ],
  [
    'goes on once it passes',
    'calculadora-api --timeout 5.5',
    { ...api, 'GET /backend': [says('', 503), says('', 503), says('API em execução!')] },
  ],
  [
    'goes on after anything that a new address may answer',
    'calculadora-api',
    {
      'GET /backend': [
        ...[301, 400, 401, 403, 404, 408, 421, 429, 500, 502, 503, 504].map((status) => says('no', status)),
        ...[says('<html>'), says(''), breaks, says('API em execução!')],
      ],
      'POST /backend': [says('no', 404), says('{"erro":1}', 422), says('{"resultado":42}')],
    },
  ],
  [
    'tries for a minute, also where each answer takes its time',
    'calculadora-api',
    { ...api, 'POST /backend': [slowly(9, says('no', 504))] },
  ],
  [
    'of a page that moved',
    'magic-calculator --timeout 0',
    { 'GET /frontend/': [(_, response) => void response.writeHead(302, { location: '/' }).end()] },
  ],
  ['of a page without a script', 'magic-calculator --timeout 0', { 'GET /frontend/': [says('soon')] }],
  ['of a page whose script is forbidden', 'magic-calculator --timeout 0', { 'GET /frontend/': [page] }],
  [
    'of a page whose policy lacks the quotes, without which browsers do not read it',
    'magic-calculator --timeout 0',
    { 'GET /frontend/': [withPolicy('script-src HASH')] },
  ],
  ['without an answer', 'calculadora-api --timeout 0', api, { isLate: true }],
  [
    'fails if it must not name the version',
    'calculadora-api --version dev-17',
    api,
    { answers: [{ to: 'kubectl annotate *', error: 'Error from server (Forbidden)' }] },
  ],
])('smoke test %s', async (_, args, answers, { answers: others = [], ...given } = {}) => {
  const port = await application(answers);
  const known = [...others, address(`http://127.0.0.1:${port}//`), { to: 'kubectl annotate *' }];
  const called = { [`127.0.0.1:${port}`]: 'site.example' };
  expect(await run(`smoke ${args}`.trim(), { answers: known, called, ...given })).toMatchSnapshot();
});

test('smoke test of an address that was given asks no cluster', async () => {
  const port = await application(api);
  const called = { [`127.0.0.1:${port}`]: 'site.example' };
  const args = `smoke calculadora-api --address http://127.0.0.1:${port}/`;
  expect(await run(args, { called, without: ['kubectl'] })).toMatchSnapshot();
});

test('smoke test of an address at which nothing listens says so', async () => {
  const port = await listen(createSocketServer());
  await new Promise((closed) => servers.pop()?.close(closed));
  const address = `http://127.0.0.1:${port}`;
  const args = `smoke calculadora-api --timeout 0 --address ${address}`;
  const given: Situation = { called: { [String(port)]: 'PORT' } };
  expect(await run(args, given)).toMatchSnapshot('one address');
  // Where a host has several addresses, Node gives only the code of the error.
  const cause = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
  jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause }));
  expect(await run(args, given)).toMatchSnapshot('several addresses');
});

test('smoke test without an address is refused', async () => {
  expect(await run('smoke', { answers: [{ to: asksAddress }] })).toMatchSnapshot();
});
