import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Application } from 'platform';
import { applications } from 'platform/applications';
import { findTool } from '../../test/support/find-tool.ts';
import { freePort } from '../../test/support/ports.ts';
import { type Registry, startRegistry } from '../../test/support/registry.ts';
import { describeWith } from '../../test/support/tools.ts';
import { contentTag, digestOf, repositoryOf } from '../images.ts';
import { delivery } from './support/delivery.ts';

const [api, site] = applications as readonly [Application, Application];

describe('The repository of an image', () => {
  test.each([
    [{ DOCKERHUB_USERNAME: 'team' }, 'docker.io/team/calculadora-api'],
    // A variable that is not set on GitHub arrives as an empty string.
    [{ IMAGE_REGISTRY: '', DOCKERHUB_USERNAME: 'team' }, 'docker.io/team/calculadora-api'],
    [
      { IMAGE_REGISTRY: 'ecr', AWS_ACCOUNT_ID: '111122223333', AWS_REGION: 'sa-east-1' },
      '111122223333.dkr.ecr.sa-east-1.amazonaws.com/calculadora-api',
    ],
    [{ IMAGE_REGISTRY: 'localhost:5000' }, 'localhost:5000/calculadora-api'],
  ])('with %j is %s', (environment, repository) => {
    expect(repositoryOf(api, environment)).toBe(repository);
  });

  test.each([
    [{}, 'DOCKERHUB_USERNAME'],
    [{ DOCKERHUB_USERNAME: '' }, 'DOCKERHUB_USERNAME'],
    [{ IMAGE_REGISTRY: 'ecr', AWS_REGION: 'sa-east-1' }, 'AWS_ACCOUNT_ID'],
    [{ IMAGE_REGISTRY: 'ecr', AWS_ACCOUNT_ID: '111122223333', AWS_REGION: '' }, 'AWS_REGION'],
    [{ IMAGE_REGISTRY: 'quay' }, 'docker-hub or ecr'],
  ])('with %j is unknown, and the message names %s', (environment, message) => {
    expect(() => repositoryOf(api, environment)).toThrow(message);
  });
});

describe("The tag of an image's content", () => {
  let repository: string;
  const run = promisify(execFile);

  beforeAll(async () => {
    repository = await mkdtemp(join(tmpdir(), 'content-'));
    await run('git', ['clone', '--quiet', '--shared', resolve(import.meta.dirname, '../..'), repository]);
  });
  afterAll(() => rm(repository, { recursive: true }));

  const tags = () => Promise.all([contentTag(api, repository), contentTag(site, repository)]);

  test('has a valid form', async () => {
    for (const tag of await tags()) expect(tag).toMatch(/^content-[0-9a-f]{16}$/);
  });

  test.each([
    ['apps/calculadora-api/src/main.ts', { api: true, site: false }],
    ['apps/calculadora-api/Dockerfile', { api: true, site: false }],
    ['apps/magic-calculator/nginx/nginx.conf', { api: false, site: true }],
    ['packages/contract/src/paths.ts', { api: true, site: true }],
    ['packages/database/src/database.ts', { api: true, site: false }],
    ['pnpm-lock.yaml', { api: true, site: true }],
    ['tsconfig.base.json', { api: true, site: true }],
    ['apps/calculadora-api/k8s/base/deployment.yaml', { api: false, site: false }],
    ['apps/calculadora-api/test/sum.test.ts', { api: false, site: false }],
    ['packages/contract/test/check.test.ts', { api: false, site: false }],
    ['infra/main.ts', { api: false, site: false }],
    ['README.md', { api: false, site: false }],
  ])('after a change to %s has changed: %j', async (file, changed) => {
    const [apiBefore, siteBefore] = await tags();
    await appendFile(join(repository, file), '\n');
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    await run('git', ['add', file], { cwd: repository });
    await run('git', [...author, 'commit', '--quiet', '--no-verify', '--message=Change'], { cwd: repository });
    const [apiAfter, siteAfter] = await tags();
    expect({ api: apiAfter !== apiBefore, site: siteAfter !== siteBefore }).toEqual(changed);
  });

  test('does not depend on uncommitted changes', async () => {
    const before = await tags();
    await appendFile(join(repository, 'apps/calculadora-api/src/main.ts'), '\n');
    expect(await tags()).toEqual(before);
  });
});

test.each([
  ['an image without a digest', ['team/calculadora-api:1', 'dev', '--version', 'dev-1'], 'digest'],
  ['no version', [`team/calculadora-api@sha256:${'a'.repeat(64)}`, 'dev'], '--version is missing'],
  [
    'an invalid version',
    [`team/calculadora-api@sha256:${'a'.repeat(64)}`, 'dev', '--version', 'dev 1'],
    'dev 1 is not',
  ],
])('tagging refuses %s, and says what to do', async (_, args, message) => {
  expect(await delivery(['accept', ...args])).toMatchObject({ code: 2, output: expect.stringContaining(message) });
});

const crane = findTool('crane');
const hasBuildx = spawnSync('docker', ['buildx', 'version'], { stdio: 'ignore' }).status === 0;

describeWith('buildx and crane', hasBuildx ? crane : undefined, 'With a registry,', () => {
  let registry: Registry;
  let image: string;

  beforeAll(async () => {
    registry = await startRegistry();
    image = `${registry.address}/calculadora-api`;
  });
  afterAll(() => registry?.stop());

  /** Uploads a blob or a manifest to the registry. @returns its digest */
  async function put(content: object, kind: 'blob' | 'manifest', tag?: string): Promise<string> {
    const body = JSON.stringify(content);
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const base = `http://${registry.address}/v2/calculadora-api`;
    const { mediaType } = content as { mediaType?: string };
    const answer =
      kind === 'blob'
        ? await fetch(`${base}/blobs/uploads/?digest=${digest}`, { method: 'POST', body })
        : await fetch(`${base}/manifests/${tag ?? digest}`, {
            method: 'PUT',
            body,
            headers: { 'content-type': String(mediaType) },
          });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return digest;
  }

  /** Pushes an empty image, either as the manifest of one platform or as an index of platforms. @returns its digest */
  async function push(tag: string, kind: 'manifest' | 'index' = 'index'): Promise<string> {
    const config = {
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { tag } },
      rootfs: { type: 'layers', diff_ids: [] },
    };
    const type = (name: string) => `application/vnd.oci.image.${name}.v1+json`;
    const described = {
      mediaType: type('config'),
      digest: await put(config, 'blob'),
      size: JSON.stringify(config).length,
    };
    const manifest = { schemaVersion: 2, mediaType: type('manifest'), config: described, layers: [] };
    if (kind === 'manifest') return put(manifest, 'manifest', tag);
    const entry = {
      mediaType: type('manifest'),
      digest: await put(manifest, 'manifest'),
      size: JSON.stringify(manifest).length,
    };
    const platforms = [{ ...entry, platform: { architecture: 'amd64', os: 'linux' } }];
    return put({ schemaVersion: 2, mediaType: type('index'), manifests: platforms }, 'manifest', tag);
  }

  test('an existing tag has its digest, and a missing one has none', async () => {
    const digest = await push('there');
    expect(await digestOf(`${image}:there`)).toBe(digest);
    expect(await digestOf(`${image}:elsewhere`)).toBeUndefined();
    expect(await digestOf(`${registry.address}/nobody:there`)).toBeUndefined();
  });

  test("the commit's image is named, with its digest once it is built, and goes to prd once it passed in dev", async () => {
    const name = (environment = 'dev') =>
      delivery(['image', 'calculadora-api', environment], { IMAGE_REGISTRY: registry.address });
    const tag = await contentTag(api);
    expect(await name()).toMatchObject({ code: 0, outputs: { repository: image, tag, digest: '', passed: 'false' } });
    expect(await name('prd')).toMatchObject({ code: 2, output: expect.stringContaining('There is no image') });
    const digest = await push(tag);
    expect(await name()).toMatchObject({ code: 0, outputs: { repository: image, tag, digest, passed: 'false' } });
    // It was built, but has failed in dev, or was never released there.
    expect(await name('prd')).toMatchObject({ code: 2, outputs: {}, output: expect.stringContaining('did not pass') });
    await delivery(['accept', `${image}@${digest}`, 'dev', '--version', 'dev-1']);
    const named = { code: 0, outputs: { repository: image, tag, digest, passed: 'true' } };
    expect(await Promise.all([name(), name('prd')])).toMatchObject([named, named]);
  });

  test('an unreachable registry is an error, and not a missing image', async () => {
    await expect(digestOf(`127.0.0.1:${await freePort()}/team/calculadora-api:1`)).rejects.toThrow(
      /Could not look up.*refused/,
    );
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each([401, 403, 500])('a registry that answers %i is an error, and not a missing image', async (status) => {
    const address = await serve((_, response) => response.writeHead(status).end());
    await expect(digestOf(`${address}/team/calculadora-api:1`)).rejects.toThrow(/Could not look up/);
  });

  test('a missing credential helper is an error, and not a missing image', async () => {
    const config = await mkdtemp(join(tmpdir(), 'docker-'));
    await writeFile(join(config, 'config.json'), JSON.stringify({ credsStore: 'of-another-machine' }));
    const before = process.env.DOCKER_CONFIG;
    process.env.DOCKER_CONFIG = config;
    try {
      const address = await serve((_, response) => response.writeHead(401).end());
      await expect(digestOf(`${address}/team/calculadora-api:1`)).rejects.toThrow(/Could not look up/);
    } finally {
      if (before === undefined) delete process.env.DOCKER_CONFIG;
      else process.env.DOCKER_CONFIG = before;
    }
  });

  test('access denied by Docker Hub to a repository without any push means a missing image', async () => {
    const address = await serve((request, response) => {
      const scope = 'service="hub",scope="repository:team/calculadora-api:pull"';
      const challenge = `Bearer realm="http://${request.headers.host}/token",${scope}`;
      if (request.url?.startsWith('/token')) response.end('{"token":"for nothing"}');
      else {
        const error = request.headers.authorization ? ',error="insufficient_scope"' : '';
        response.writeHead(401, { 'www-authenticate': challenge + error }).end();
      }
    });
    expect(await digestOf(`${address}/team/calculadora-api:1`)).toBeUndefined();
  });

  test.each(['manifest', 'index'] as const)(
    'an image in the form of one %s is tagged as passed, and a second run changes nothing',
    async (kind) => {
      const digest = await push(`content-${kind}`, kind);
      const passed = `passed-dev-${digest.slice(7, 23)}`;
      const accept = () => delivery(['accept', `${image}@${digest}`, 'dev', '--version', `dev-${kind}`]);
      const outcome = { code: 0, output: expect.stringContaining(`now has: ${passed}, dev-${kind}, latest`) };
      expect(await accept()).toMatchObject(outcome);
      for (const tag of [passed, `dev-${kind}`, 'latest']) expect(await digestOf(`${image}:${tag}`)).toBe(digest);
      expect(await accept()).toMatchObject(outcome);
    },
  );

  test('only latest moves: when GitHub counts its runs from 1 again, the version gets part of the digest', async () => {
    const [one, other] = [await push('one'), await push('other')];
    await delivery(['accept', `${image}@${one}`, 'prd', '--version', 'prd-1']);
    const renamed = `prd-1-${other.slice(7, 14)}`;
    expect(await delivery(['accept', `${image}@${other}`, 'prd', '--version', 'prd-1'])).toMatchObject({
      code: 0,
      output: expect.stringContaining(`, ${renamed}, latest`),
    });
    expect(await digestOf(`${image}:prd-1`)).toBe(one);
    expect(await digestOf(`${image}:${renamed}`)).toBe(other);
    expect(await digestOf(`${image}:latest`)).toBe(other);
  });
});

describe('The Dockerfile of', () => {
  test.each(applications)('$name builds an image for the requested platform, on any machine', async ({ name }) => {
    const file = resolve(import.meta.dirname, '../../apps', name, 'Dockerfile');
    const stages = [...(await readFile(file, 'utf8')).matchAll(/^FROM (.*)$/gm)].map(([, from]) => from);
    // The files that this stage copies from the others run on any processor.
    expect(stages.at(-1)).toMatch(/^[\w./-]+:[\w.-]+(@sha256:[0-9a-f]{64})?$/);
    for (const stage of stages.slice(0, -1))
      expect(stage).toMatch(/^--platform=\$BUILDPLATFORM [\w./-]+:[\w.-]+(@sha256:[0-9a-f]{64})? AS \w+$/);
  });

  test.each(applications)('$name installs what each package of the workspace needs that it uses', async ({ name }) => {
    const root = resolve(import.meta.dirname, '../..');
    const file = await readFile(join(root, 'apps', name, 'Dockerfile'), 'utf8');
    const folders = new Set([`apps/${name}`]);
    for (const folder of folders) {
      const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
      for (const [used, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        if (version === 'workspace:*') folders.add(`packages/${used}`);
      }
    }
    expect(folders.size).toBeGreaterThan(1);
    for (const folder of folders) expect(file).toContain(`COPY ${folder}/package.json ${folder}/\n`);
  });
});
