import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configMaps, namespaces } from 'platform';
import { applications } from 'platform/applications';
import { Rehearsal } from '../../infra/test/support/rehearsal.ts';
import { paths } from '../../packages/contract/src/index.ts';
import { buildImage } from '../support/docker.ts';
import type { Outcome } from '../support/outcome.ts';
import { describeWith, findTool } from '../support/tools.ts';
import { type Balancer, startBalancer } from './support/balancer.ts';
import { describeWithRealNode } from './support/describe-with-real-node.ts';
import { type RealEnvironment, startRealEnvironment } from './support/real-environment.ts';
import { RepositoryCopy } from './support/repository-copy.ts';

/** `pnpm test cluster/delivery`: the tests are consecutive steps, and print the output that people would read. */
describeWithRealNode('a delivery, from a change to running pods,', () => {
  const api = 'calculadora-api';
  let environment: RealEnvironment;
  let copy: RepositoryCopy;
  let balancer: Balancer;

  beforeAll(async () => {
    environment = await startRealEnvironment();
    copy = await RepositoryCopy.make();
  }, 900_000);

  afterAll(async () => {
    await balancer?.stop();
    await environment?.stop();
    await copy?.remove();
  });

  /** Runs a step of a workflow, with the rights of a deployer in the cluster. */
  async function step(...args: string[]): Promise<Outcome> {
    const outcome = await copy.delivery(args, {
      ...environment.deployer,
      IMAGE_REGISTRY: environment.registry.address,
    });
    process.stdout.write(`\n$ pnpm delivery ${args.join(' ')}\n${outcome.output}`);
    return outcome;
  }
  const output = (outcome: Outcome, name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(outcome.output)?.[1] ?? '';

  /** Builds an image unless the registry has it, like `ci-cd.yml`. @returns its name with digest, and if it is new */
  async function image(application: string): Promise<{ name: string; isNew: boolean }> {
    const found = await step('image', application, 'dev');
    expect(found.code).toBe(0);
    const [repository, tag, digest] = ['repository', 'tag', 'digest'].map((name) => output(found, name));
    if (digest) return { name: `${repository}@${digest}`, isNew: false };
    const local = `${application}:${tag}`;
    await buildImage(application, local, copy.folder);
    return { name: await environment.registry.push(local), isNew: true };
  }

  test('builds both applications, and tags them by content', async () => {
    for (const { name } of applications) expect(await image(name)).toMatchObject({ isNew: true });
  });

  test('releases them, after one pod of each was asked by itself, and then tags them as passed', async () => {
    for (const { name } of applications) {
      const { name: built } = await image(name);
      expect(await step('release', name, 'dev', '--image', built)).toMatchObject({
        code: 0,
        output: expect.stringMatching(/before users reach it:\n✓ /),
      });
      expect(await step('accept', built, 'dev', '--version', 'dev-1')).toMatchObject({ code: 0 });
    }
    balancer = await startBalancer(environment.addressOf);
    await environment.cluster.apply([
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: configMaps.environment, namespace: namespaces.applications },
        data: { SITE_ADDRESS: balancer.address },
      },
    ]);
    expect(await step('smoke')).toMatchObject({ code: 0 });
  });

  test('does not rebuild an unchanged application, and its release changes nothing', async () => {
    for (const { name } of applications) {
      const { name: known, isNew } = await image(name);
      expect(isNew).toBe(false);
      const again = await step('release', name, 'dev', '--image', known);
      expect(again).toMatchObject({ code: 0, output: expect.stringContaining('nothing has changed') });
    }
  });

  test('builds a change of the API, which users see after its release', async () => {
    const header = async () => (await fetch(balancer.address + paths.sum)).headers.get('x-delivered');
    expect(await header()).toBeNull();
    await copy.change(
      'apps/calculadora-api/src/server.ts',
      ".header('x-request-id', id)",
      ".header('x-request-id', id).header('x-delivered', 'yes')",
    );
    expect((await image('magic-calculator')).isNew).toBe(false);
    const { name, isNew } = await image(api);
    expect(isNew).toBe(true);
    expect(await step('accept', name, 'dev', '--version', 'dev-2')).toMatchObject({ code: 0 });
    expect(await step('release', api, 'dev', '--image', name)).toMatchObject({ code: 0 });
    expect(await step('smoke', api, '--version', 'dev-2')).toMatchObject({ code: 0 });
    expect(await header()).toBe('yes');
  });

  test('stops an API that gets ready but adds wrongly before a user reaches it, and does not promote it', async () => {
    await copy.change('apps/calculadora-api/src/domain/sum.ts', 'operador1 + operador2', 'operador1 - operador2');
    const { name } = await image(api);
    const release = await step('release', api, 'dev', '--image', name);
    expect(release.code).toBe(1);
    expect(release.output).toContain('✗ POST /backend: "{\\"resultado\\":-2}"');
    expect(release.output).toContain('No user reached it');
    expect(await step('smoke')).toMatchObject({ code: 0 });
    const promotion = await step('image', api, 'prd');
    expect(promotion).toMatchObject({ code: 2, output: expect.stringContaining("did not pass dev's smoke test") });
  });

  test('rolls it back if it serves nevertheless, because the smoke test fails', async () => {
    const { name } = await image(api);
    const release = await step('release', api, 'dev', '--image', name, '--without-trial');
    expect(release.code).toBe(0);
    const smoke = await step('smoke', api, '--timeout', '5', '--version', 'dev-3');
    expect(smoke).toMatchObject({
      code: 1,
      output: expect.stringContaining('✗ POST /backend: "{\\"resultado\\":-2}"'),
    });
    expect(await step('rollback', api, '--to', output(release, 'previous'))).toMatchObject({ code: 0 });
    expect(await step('smoke')).toMatchObject({ code: 0 });
    expect(await step('versions', api)).toMatchObject({ output: expect.stringMatching(/^dev-2 .* in service\n$/) });
  });
});

describeWith(
  'terraform',
  findTool('terraform'),
  'a pull request that changes the infrastructure, with Terraform but no cloud,',
  () => {
    let copy: RepositoryCopy;
    let stage: Rehearsal;

    beforeAll(async () => {
      stage = await Rehearsal.start();
      copy = await RepositoryCopy.make();
    });

    afterAll(async () => {
      await stage?.stop();
      await copy?.remove();
    });

    const file = (name: string) => join(copy.folder, name);
    const run = async (program: string, ...args: string[]) => {
      const outcome = await stage.program(copy.folder, program, args, { NODE_OPTIONS: '--disable-warning=DEP0044' });
      expect(outcome).toEqual({ code: 0, output: expect.any(String) });
      return outcome.output;
    };
    const delivery = (...args: string[]) => run('delivery/cli.ts', ...args);
    const writeCosts = async (name: string) => writeFile(file(name), await run('infra/cli.ts', 'costs', '--json'));

    test('gets a comment with the changes and their cost', async () => {
      const fingerprint = /^fingerprint=(.*)$/m.exec(await delivery('plan', 'dev'))?.[1];
      await delivery('apply', 'dev', '--fingerprint', String(fingerprint));
      await writeCosts('before.json');

      await copy.change('infra/environments/dev.ts', 'db.t4g.micro', 'db.t4g.small');
      await delivery('plan', 'dev', '--out', file('plan.json'));
      await writeCosts('after.json');
      const costs = ['--before', file('before.json'), '--after', file('after.json')];
      await delivery('compare-costs', 'dev', ...costs, '--out', file('costs.json'));
      const comment = await delivery(
        ...['comment', 'dev', '--plan', file('plan.json'), '--costs', file('costs.json')],
        ...['--needs', '{"check":{"result":"success"},"test":{"result":"success"},"plan":{"result":"success"}}'],
        ...['--run', 'https://github.com/OWNER/REPOSITORY/actions/runs/1'],
      );
      process.stdout.write(`\n${comment}`);

      // The instance, and the alarm whose threshold depends on the instance's maximum of connections.
      expect(comment).toContain('| 0 | 2 | 0 | 0 |');
      expect(comment).toContain('- `aws_db_instance.database_instance`');
      expect(comment).toMatch(/\| \*\*Total\*\* \| US\$ [\d.]+ \| US\$ [\d.]+ \| \+US\$ [\d.]+ \|/);
    });
  },
);
