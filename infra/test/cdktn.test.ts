import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Stack, startRehearsal } from 'rehearsal';
import { parse, stringify } from 'yaml';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { readSettings } from '../settings.ts';
import { copyRepository, root, synthesiseAll } from './support/program.ts';

const run = promisify(execFile);
// Installing needs the package registries, which test runs on a developer's machine do not use.
const pip = process.env.REQUIRE_TOOLS === '1' ? findTool('pip') : undefined;

describeWith('pip, and REQUIRE_TOOLS=1 for the package registries,', pip, 'The same code', (pipProgram) => {
  /** The overrides that docs/leaving-cdktf.md recommends. */
  let overrides: Record<string, string>;
  let onCdktf: string;

  beforeAll(async () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(await readFile(join(root, 'docs/leaving-cdktf.md'), 'utf8')) ?? [];
    overrides = parse(yaml);
    expect(Object.keys(overrides)).toHaveLength(4);
    onCdktf = await synthesiseAll();
  });

  /** The npm package of a binding for Kubernetes or Helm, from its wheel on PyPI. */
  async function fromWheel(name: string, version: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'wheel-'));
    const download = ['download', '--quiet', '--no-deps', '--dest', folder, `cdktn-provider-${name}==${version}`];
    await run(pipProgram, download);
    const [wheel = ''] = await readdir(folder);
    await run('python3', ['-m', 'zipfile', '--extract', join(folder, wheel), folder]);
    return `file:${folder}/cdktn_provider_${name}/_jsii/provider-${name}@${version}.jsii.tgz`;
  }

  /** Synthesises a copy of the repository in which other packages stand for some of its own. */
  async function synthesiseWith(replacements: Record<string, string>): Promise<string> {
    const copy = await copyRepository();
    const workspace = parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8'));
    Object.assign(workspace.overrides, replacements);
    await writeFile(join(copy, 'pnpm-workspace.yaml'), stringify(workspace));
    const install = ['pnpm@12', 'install', '--no-frozen-lockfile', '--ignore-scripts'];
    await run('npx', ['--yes', ...install], { cwd: copy });
    return synthesiseAll(copy);
  }

  /** All values of a stack's Terraform, by path. */
  async function valuesOf(out: string, stack: string): Promise<Map<string, unknown>> {
    const values = new Map<string, unknown>();
    const collect = (path: string, value: unknown) => {
      if (typeof value !== 'object' || value === null) values.set(path, value);
      else for (const [key, inner] of Object.entries(value)) collect(`${path}/${key}`, inner);
    };
    collect('', JSON.parse(await readFile(join(out, 'stacks', stack, 'cdk.tf.json'), 'utf8')));
    const local = '/terraform/backend/local/path';
    if (values.has(local)) values.set(local, basename(String(values.get(local))));
    return values;
  }

  /** The values that differ between cdktf and `other`, as [path, with cdktf, with the other]. */
  async function differences(other: string, stack: string): Promise<unknown[][]> {
    const [before, after] = await Promise.all([valuesOf(onCdktf, stack), valuesOf(other, stack)]);
    expect(before.size).toBeGreaterThan(100);
    return [...new Set([...before.keys(), ...after.keys()])]
      .filter((path) => before.get(path) !== after.get(path))
      .map((path) => [path, before.get(path), after.get(path)]);
  }

  const generator = ['////metadata/version', '0.21.0', '0.24.0'];
  const providers = '/terraform/required_providers';
  const aws = [
    [`${providers}/aws/source`, 'aws', 'hashicorp/aws'],
    [`${providers}/aws/version`, '6.25.0', '6.66.0'],
  ];
  const kubernetes = [`${providers}/kubernetes/source`, 'kubernetes', 'hashicorp/kubernetes'];

  describe('on cdktn, the maintained fork of cdktf,', () => {
    let onFork: string;
    beforeAll(async () => {
      onFork = await synthesiseWith({ cdktf: String(overrides.cdktf) });
    });

    test.each(['bootstrap', 'dev', 'prd'])('gives the same %s, except for the name of the generator', async (stack) => {
      expect(await differences(onFork, stack)).toEqual([generator]);
    });
  });

  describe('on cdktn and its bindings for all three providers', () => {
    let onFork: string;
    beforeAll(async () => {
      const versionOf = (name: string) => String(overrides[`@cdktf/provider-${name}`]).split('@').at(-1) ?? '';
      const [kubernetesPackage, helmPackage] = await Promise.all(
        ['kubernetes', 'helm'].map((name) => fromWheel(name, versionOf(name))),
      );
      onFork = await synthesiseWith({
        ...overrides,
        '@cdktf/provider-kubernetes': String(kubernetesPackage),
        '@cdktf/provider-helm': String(helmPackage),
      });
    });

    for (const engine of ['terraform', 'tofu']) {
      describeWith(engine, findTool(engine), `and with ${engine}`, (program) => {
        test('finds nothing to change in what cdktf has deployed', async () => {
          const rehearsal = await startRehearsal();
          try {
            rehearsal.state.createBucket(readSettings('', {}).stateBucket);
            const start = async (out: string) => {
              const folder = join(out, 'stacks/dev');
              // What the other engine has written there.
              await rm(join(folder, '.terraform'), { recursive: true, force: true });
              const stack = new Stack(program, folder, rehearsal.env);
              await stack.run('init');
              await stack.run('workspace', 'select', '-or-create', 'dev');
              return stack;
            };
            const before = await start(onCdktf);
            await before.run('apply', '-auto-approve');
            expect((await before.nodes()).length).toBeGreaterThan(150);
            const after = await start(onFork);
            // 0: no changes, and nothing failed.
            expect(await after.attempt(['plan', '-detailed-exitcode'])).toMatchObject({ code: 0 });
          } finally {
            await rehearsal.stop();
          }
        });
      });
    }

    test.each([
      ['bootstrap', [generator, ...aws]],
      ['dev', [generator, ...aws, kubernetes]],
      ['prd', [generator, ...aws, kubernetes]],
    ])('gives the same %s, except for the providers’ versions', async (stack, expected) => {
      expect(await differences(onFork, stack)).toEqual(expected);
    });
  });
});
