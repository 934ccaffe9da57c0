import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { dev } from '../environments/dev.ts';
import { addons } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import { newer, raises, withRaised } from '../upgrade/versions.ts';
import { answering } from './support/aws-answers.ts';
import { infra, node } from './support/command.ts';
import { root } from './support/program.ts';
import { expectTranscript } from './support/transcripts.ts';
import { afterNext, answers, budget, group, images, kubectl, next, offered, upgrade } from './support/upgrade.ts';

const { cluster } = dev;
const file = (name: string) => readFileSync(join(root, `infra/environments/${name}.ts`), 'utf8');

test('an upgrade shows what AWS recommends beside what is pinned, and changes nothing by itself', () => {
  const before = file('dev');
  const { output, status } = upgrade(['dev']);
  expect([status, output]).toEqual([0, expect.stringContaining(`dev: Kubernetes ${cluster.version}\n`)]);
  expect(output).toMatch(
    new RegExp(`nodeRelease +${cluster.nodeRelease} → ${cluster.version.replace('.', '\\.')}\\.9-20261110`),
  );
  expect(output).toMatch(
    new RegExp(`autoscaler +${cluster.autoscaler} → v${cluster.version.replace('.', '\\.')}\\.10\n`),
  );
  for (const name of addons) expect(output).toMatch(new RegExp(`addons\\.${name} +${cluster.addons[name]} → v`));
  expect(output).toContain('https://github.com/awslabs/amazon-eks-ami/releases/tag/v20261110');
  expect(output).not.toMatch(/^[✗!]/m);
  expect(file('dev')).toBe(before);
});

test('what EKS warns of a later version is not in the way of a new image', () => {
  const error = { insights: [{ name: 'Deprecated APIs', insightStatus: { status: 'ERROR', reason: 'in use' } }] };
  const { output, status } = upgrade(['dev'], { 'list-insights': error });
  expect([status, output]).toEqual([0, expect.not.stringContaining('in use')]);
});

test("asks for the image of the environment's architecture", () => {
  const parameter = `/aws/service/eks/optimized-ami/${cluster.version}/amazon-linux-2023/${cluster.architecture}/standard/recommended/release_version`;
  const { output, status } = upgrade(['dev'], {
    [`get-parameter --name ${parameter} `]: { Parameter: { Value: `${cluster.version}.8-20261111` } },
    'get-parameter': 'exit 254',
  });
  expect([status, output]).toEqual([0, expect.stringContaining(`→ ${cluster.version}.8-20261111`)]);
});

test('an upgrade never goes back behind a pinned version that AWS still offers', () => {
  const { output } = upgrade(
    ['dev'],
    {
      'get-parameter': { Parameter: { Value: `${cluster.version}.0-20200101` } },
      ...Object.fromEntries(
        addons.map((name) => [
          `--addon-name ${name} `,
          offered(cluster.version, 'v0.0.1-eksbuild.1', cluster.addons[name]),
        ]),
      ),
    },
    kubectl(),
    { TEST_AUTOSCALER_IMAGES: `v${cluster.version}.0` },
  );
  expect(output).toContain('Nothing to raise.');
});

test('a new version of Kubernetes brings its image, its add-ons and its autoscaler', () => {
  const { output, status } = upgrade(['dev', next]);
  expect([status, output]).toEqual([0, expect.stringContaining(`dev: Kubernetes ${cluster.version} → ${next}\n`)]);
  expect(output).toMatch(new RegExp(`version +${cluster.version} → ${next}\n`));
  expect(output).toContain(`→ ${next}.9-20261110`);
  expect(output).toContain(`→ v${next}.9-eksbuild.1`);
  expect(output).toMatch(new RegExp(`autoscaler +${cluster.autoscaler} → v${next}.10\n`));
  expectTranscript(`pnpm infra upgrade dev ${next}`, output);
});

test('without an autoscaler for a new version of Kubernetes, nothing is raised to it', () => {
  for (const env of [{}, { TEST_AUTOSCALER_IMAGES: `v${cluster.version}.1,v${next}.0-rc.1` }] as const) {
    const { output, status } = upgrade(['dev', next], {}, kubectl(), env);
    expect([status, output]).toEqual([2, expect.stringContaining(`cluster autoscaler for Kubernetes ${next} yet`)]);
  }
});

test('where the registry of the autoscaler does not answer, its image stays, and all else is raised', () => {
  const { output, status } = upgrade(['dev'], {}, kubectl(), {});
  expect([status, output]).toEqual([0, expect.stringContaining(`autoscaler's image stays ${cluster.autoscaler}.`)]);
  expect(output).toMatch(/nodeRelease .* → /);
  expect(output).not.toMatch(/autoscaler .* → /);
});

test('prd takes what dev has, and asks AWS nothing about versions', () => {
  const { output, status } = infra(['upgrade', 'prd', '--skip-cluster'], {}, {});
  const all = raises(prd.cluster, dev.cluster);
  expect(status).toBe(0);
  if (all.length === 0) expect(output).toContain('Nothing to raise.');
  for (const { path, to } of all) expect(output).toMatch(new RegExp(`${path} .*→ ${to}`));
  const refused = infra(['upgrade', 'prd', next, '--skip-cluster'], {}, {});
  expect([refused.status, refused.output]).toEqual([
    2,
    expect.stringContaining(`first raise it to ${next}, and prd once`),
  ]);
});

test.each([
  ['latest', '"latest" is not a version of Kubernetes as EKS writes them'],
  ['1.20', `dev is at Kubernetes ${cluster.version}, and EKS cannot go back to 1.20`],
  [afterNext, `EKS goes up one version at a time, and ${afterNext} comes later`],
])('the version %s is refused', (version, message) => {
  const { output, status } = upgrade(['dev', version]);
  expect([status, output]).toEqual([2, expect.stringContaining(message)]);
});

test('a version that AWS does not offer is refused, and what it did not answer is named', () => {
  const { output, status } = upgrade(['dev'], { 'get-parameter': 'exit 254', '--addon-name coredns': { addons: [] } });
  expect([status, output]).toEqual([
    2,
    expect.stringContaining(`for Kubernetes ${cluster.version}: nodeRelease, coredns.`),
  ]);
});

describe('in the way of an upgrade is', () => {
  const insight = (status: string) => ({
    insights: [{ name: 'Deprecated APIs', insightStatus: { status, reason: 'flowcontrol v1beta3 in use' } }],
  });
  const release = (status: string, name = 'signoz', version = 3, namespace = 'observability') => ({
    metadata: {
      ...{ name: `sh.helm.release.v1.${name}.v${version}`, namespace },
      labels: { name, status, version: `${version}` },
    },
  });

  test.each<[string, RegExp, Record<string, object | string>, string]>([
    [
      'an interface in use that the version removes',
      /✗ .*flowcontrol v1beta3/,
      { 'list-insights': insight('ERROR') },
      kubectl(),
    ],
    [
      'a cluster that is being changed',
      /✗ .*desafio-aws-dev .*UPDATING/,
      { 'describe-cluster --name': { cluster: { version: cluster.version, status: 'UPDATING' } } },
      kubectl(),
    ],
    [
      'a node group that is being changed',
      /✗ .*spot-1 .*UPDATING/,
      { 'describe-nodegroup': { nodegroup: { status: 'UPDATING' } } },
      kubectl(),
    ],
    [
      'a node group with a problem',
      /✗ .*spot-1 .*AsgInstanceLaunchFailures: no capacity/,
      {
        'describe-nodegroup': {
          nodegroup: {
            status: 'ACTIVE',
            health: { issues: [{ code: 'AsgInstanceLaunchFailures', message: 'no capacity' }] },
          },
        },
      },
      kubectl(),
    ],
    [
      'a running cluster that is two versions behind',
      /✗ .*one version at a time|✗ .*uma versão de cada vez/,
      { 'describe-cluster --name': { cluster: { version: `1.${Number(next.split('.')[1]) - 2}`, status: 'ACTIVE' } } },
      kubectl(),
    ],
    [
      'a running cluster that is already at a later version',
      /✗ .*(cannot go back to|não volta para)/,
      { 'describe-cluster --name': { cluster: { version: afterNext, status: 'ACTIVE' } } },
      kubectl(),
    ],
    ['a budget that lets no pod stop', /✗ .*applications\/api/, {}, kubectl([budget('api', 0, 2)])],
  ])('%s', (_, message, own, inside) => {
    const { output, status } = upgrade(['dev', next], own, inside);
    expect([status, output]).toEqual([1, expect.stringMatching(message)]);
  });

  test('more than one thing, and each is told, with what to do', () => {
    const { output, status } = upgrade(
      ['dev', next, '--write'],
      { 'list-nodegroups': { nodegroups: [group] }, 'describe-nodegroup': { nodegroup: { status: 'UPDATING' } } },
      kubectl([budget('api', 0, 2)], [release('pending-upgrade')]),
    );
    expect([status, output.match(/^✗/gm)]).toEqual([1, ['✗', '✗', '✗']]);
    expectTranscript(`pnpm infra upgrade dev ${next} --write`, output);
  });

  // https://github.com/helm/helm/blob/v3.19.0/pkg/release/status.go
  test('a Helm release that stopped half-way, whatever it was about to do', () => {
    const stopped = ['pending-install', 'pending-upgrade', 'pending-rollback'];
    const releases = stopped.map((status) => release(status, `of-${status}`));
    const { output, status } = upgrade(['dev', next], {}, kubectl([], releases));
    expect(status).toBe(1);
    for (const name of stopped) expect(output).toContain(`in the middle of the release of-${name}:`);
  });

  // Helm leaves an interrupted revision as it is, and a rollback adds another one.
  test.each([
    ['only the last revision of a Helm release', ['deployed', 9], ['pending-upgrade', 10], true],
    ['not an interrupted revision before a rollback', ['deployed', 10], ['pending-upgrade', 9], false],
    ['not an interrupted revision before one that failed', ['failed', 10], ['pending-upgrade', 9], false],
  ] as const)('%s', (_, [status, version], [interrupted, number], isInTheWay) => {
    const revisions = [release(status, 'signoz', version), release(interrupted, 'signoz', number)];
    for (const either of [revisions, revisions.toReversed()]) {
      const outcome = upgrade(['dev', next], {}, kubectl([], either));
      expect([outcome.status, outcome.output.includes('in the middle of the release signoz:')]).toEqual(
        isInTheWay ? [1, true] : [0, false],
      );
    }
  });

  test('an interrupted Helm release whose namesake in another namespace is newer', () => {
    const both = [release('pending-upgrade'), release('deployed', 'signoz', 4, 'elsewhere')];
    const { output, status } = upgrade(['dev', next], {}, kubectl([], both));
    expect([status, output]).toEqual([1, expect.stringContaining('in the middle of the release signoz:')]);
  });

  test.each<[string, RegExp, Record<string, object | string>, string]>([
    ['no cluster yet', /! .*desafio-aws-dev/, { 'describe-cluster --name': 'exit 254' }, kubectl()],
    ['a warning of EKS', /! .*flowcontrol v1beta3/, { 'list-insights': insight('WARNING') }, kubectl()],
    ['an insight of unknown state', /! .*flowcontrol v1beta3/, { 'list-insights': insight('UNKNOWN') }, kubectl()],
    ['insights that may not be read', /! .*insights/, { 'list-insights': 'exit 254' }, kubectl()],
    ['an API that does not answer from here', /! .*PodDisruptionBudgets/, {}, 'exit 1'],
    ['releases that may not be read', /! .*PodDisruptionBudgets/, {}, kubectl([], null)],
    ['a budget of an application without pods', /autoscaler .* → /, {}, kubectl([budget('old', 0, 0)])],
    ['a Helm release that failed and went back', /autoscaler .* → /, {}, kubectl([], [release('superseded')])],
  ])('not %s', (_, message, own, inside) => {
    const { output, status } = upgrade(['dev', next], own, inside);
    expect([status, output]).toEqual([0, expect.stringMatching(message)]);
    expect(output).not.toMatch(/^✗/m);
  });
});

test('an upgrade asks about the cluster of the environment, in the region of the settings, and with a kubeconfig of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'asked-'));
  const asked = (name: string) => readFileSync(join(folder, name), 'utf8').trim().split('\n');
  const recording = (name: string, script: string) => `echo "$*" >>'${folder}/${name}'\n${script}`;
  const temporary = mkdtempSync(join(tmpdir(), 'temporary-'));
  const programs = {
    aws: recording('aws', answering(answers(next))),
    kubectl: recording('kubectl', kubectl()),
  };
  const { status } = infra(
    ['upgrade', 'dev', next],
    { INFRA_REGION: 'sa-east-1', TMPDIR: temporary, TEST_AUTOSCALER_IMAGES: images.join(',') },
    programs,
  );
  expect(status).toBe(0);
  const aws = asked('aws').filter((call) => !call.startsWith('sts '));
  for (const call of aws) {
    // Either about what AWS offers, or about the cluster; and nothing changes it.
    expect(call).toMatch(
      /^(ssm get-parameter|eks describe-addon-versions|service-quotas get-service-quota) |^eks \S+ .*\bdesafio-aws-dev\b/,
    );
    expect(call).toMatch(/^[\w-]+ (get|list|describe)-|^eks update-kubeconfig /);
    expect(call).toMatch(/ --region sa-east-1( |$)/);
    if (!call.includes('update-kubeconfig')) expect(call).toMatch(/ --output json$/);
  }
  expect(aws).toContainEqual(
    `eks list-insights --cluster-name desafio-aws-dev --filter categories=UPGRADE_READINESS,kubernetesVersions=${next} --region sa-east-1 --output json`,
  );
  const [connect] = aws.filter((call) => call.includes('update-kubeconfig'));
  const [, kubeconfig = ''] = / --kubeconfig (\S+)$/.exec(connect ?? '') ?? [];
  expect(kubeconfig.startsWith(temporary)).toBe(true);
  expect(connect).toContain(' --name desafio-aws-dev ');
  const options = `--kubeconfig=${kubeconfig} --request-timeout=10s --output=json`;
  expect(asked('kubectl').toSorted()).toEqual([
    `get configmaps --all-namespaces --selector=owner=helm,status!=superseded ${options}`,
    `get customresourcedefinitions ${options}`,
    `get poddisruptionbudgets --all-namespaces ${options}`,
  ]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('an upgrade needs the AWS CLI and its credentials, and says which are missing', () => {
  const refused = (programs: Record<string, string>, ...args: string[]) => infra(['upgrade', ...args], {}, programs);
  expect(refused({}, 'dev', '--skip-cluster')).toMatchObject({
    status: 2,
    output: expect.stringContaining('Install the AWS CLI'),
  });
  expect(refused({ aws: 'exit 254' }, 'prd')).toMatchObject({
    status: 2,
    output: expect.stringContaining('credentials are missing or have expired'),
  });
});

test('an add-on goes to the default of the wanted version of Kubernetes, and back where EKS no longer offers it', () => {
  const addon = (addonVersion: string, defaults: Record<string, boolean>) => ({
    addonVersion,
    compatibilities: Object.entries(defaults).map(([clusterVersion, defaultVersion]) => ({
      clusterVersion,
      defaultVersion,
    })),
  });
  const { output, status } = upgrade(['dev', next, '--skip-cluster'], {
    '--addon-name coredns ': {
      addons: [
        {
          addonVersions: [
            addon('v9.9.9-eksbuild.9', { [afterNext]: true, [next]: false }),
            addon('v0.0.1-eksbuild.1', { [afterNext]: false, [next]: true }),
          ],
        },
      ],
    },
  });
  expect([status, output]).toEqual([0, expect.stringMatching(/addons\.coredns .* → v0\.0\.1-eksbuild\.1\n/)]);
});

test('an upgrade is written only if nothing is in the way', () => {
  const folder = mkdtempSync(join(tmpdir(), 'environments-'));
  const copy = join(folder, 'dev.ts');
  const write = (allowed: number, writes = true) => {
    writeFileSync(copy, file('dev'));
    const call = `upgrade('dev', '${next}', { writes: ${writes}, skipsCluster: false }, ${JSON.stringify(folder)})`;
    const script = `import { upgrade } from './infra/commands/upgrade.ts'; process.exitCode = await ${call};`;
    const programs = { aws: answering(answers(next)), kubectl: kubectl([budget('api', allowed, 2)]) };
    const { output, status } = node(
      ['--input-type=module', '--eval', script],
      { TEST_AUTOSCALER_IMAGES: images.join(',') },
      programs,
    );
    const [says] =
      output.match(/infra\/environments\/dev.ts was changed. Open a pull request|Nothing was changed|To change .*/) ??
      [];
    return { status, says, isChanged: readFileSync(copy, 'utf8').includes(`version: '${next}'`) };
  };
  const how = `To change infra/environments/dev.ts: pnpm infra upgrade dev ${next} --write`;
  expect(write(0)).toEqual({ status: 1, says: 'Nothing was changed', isChanged: false });
  expect(write(1, false)).toEqual({ status: 0, says: how, isChanged: false });
  expect(write(1)).toEqual({ status: 0, says: expect.stringContaining('was changed. Open'), isChanged: true });
});

test('prd goes to the version that dev has, without being told, and in its own file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'environments-'));
  for (const name of ['dev', 'prd']) writeFileSync(join(folder, `${name}.ts`), file(name));
  const ahead = { version: next, nodeRelease: `${next}.1-20270105` };
  const script = `import { environments } from './infra/environments/all.ts';
    import { upgrade } from './infra/commands/upgrade.ts';
    Object.assign(environments.dev.cluster, ${JSON.stringify(ahead)});
    const options = { writes: true, skipsCluster: true };
    process.exitCode = await upgrade('prd', undefined, options, ${JSON.stringify(folder)});`;
  const { output, status } = node(['--input-type=module', '--eval', script]);
  expect([status, output]).toEqual([0, expect.stringContaining(`prd: Kubernetes ${prd.cluster.version} → ${next}\n`)]);
  const written = (name: string) => readFileSync(join(folder, `${name}.ts`), 'utf8');
  expect(written('prd')).toContain(`version: '${next}'`);
  expect(written('prd')).toContain(`nodeRelease: '${ahead.nodeRelease}'`);
  expect(written('dev')).toBe(file('dev'));
});

describe('the environment files', () => {
  test.each(['dev', 'prd'] as const)('of %s get new versions, and nothing else changes', (name) => {
    const pinned = { dev, prd }[name].cluster;
    const wanted = {
      version: next,
      nodeRelease: `${next}.0-20270105`,
      autoscaler: `v${next}.0`,
      addons: { ...pinned.addons, coredns: 'v7.7.7-eksbuild.7', 'vpc-cni': 'v8.8.8-eksbuild.8' },
    };
    const all = raises(pinned, wanted);
    expect(all.map(({ path }) => path)).toEqual([
      'version',
      'nodeRelease',
      'autoscaler',
      'addons.vpc-cni',
      'addons.coredns',
    ]);
    const before = file(name).split('\n');
    const after = withRaised(file(name), all).split('\n');
    const changed = after.flatMap((line, index) => (line === before[index] ? [] : [line.trim()]));
    expect(after).toHaveLength(before.length);
    expect(changed).toEqual([
      `version: '${next}',`,
      `nodeRelease: '${next}.0-20270105',`,
      "'vpc-cni': 'v8.8.8-eksbuild.8',",
      "coredns: 'v7.7.7-eksbuild.7',",
      `autoscaler: 'v${next}.0',`,
    ]);
  });

  test('are not written if a version is not where it was expected', () => {
    const all = [{ path: 'nodeRelease', from: '1.2.3-20200101', to: '1.2.4-20200202' }];
    expect(() => withRaised(file('dev'), all)).toThrow("cluster.nodeRelease: '1.2.3-20200101'");
    const twice = file('dev').replace(/^ +nodeRelease: .*\n/m, '$&$&');
    const raise = [{ path: 'nodeRelease', from: cluster.nodeRelease, to: '1.99.1-20270101' }];
    expect(() => withRaised(twice, raise)).toThrow(`cluster.nodeRelease: '${cluster.nodeRelease}'`);
  });
});

test.each([
  ['1.36.2-20260714', '1.36.2-20261110', '1.36.2-20261110'],
  ['v1.22.10-eksbuild.1', 'v1.22.9-eksbuild.4', 'v1.22.10-eksbuild.1'],
  ['v1.22.4-eksbuild.3', 'v1.22.4-eksbuild.12', 'v1.22.4-eksbuild.12'],
  ['v2.0.0-eksbuild.1', 'v10.0.0-eksbuild.1', 'v10.0.0-eksbuild.1'],
])('of %s and %s, the newer is %s', (one, other, newest) => {
  expect([newer(one, other), newer(other, one)]).toEqual([newest, newest]);
});
