import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../test/support/tools.ts';
import { copyRepository, root, synthesiseAll } from './support/program.ts';

const fork = 'cdktf: npm:cdktn@0.24.0';
// Installing needs the package registry, which test runs on a developer's machine do not use.
const registry = process.env.REQUIRE_TOOLS === '1' ? 'npm' : undefined;

describeWith(
  'the package registry, with REQUIRE_TOOLS=1',
  registry,
  'the same code on cdktn, the maintained fork of cdktf',
  () => {
    let onFork: string;
    let onCdktf: string;

    beforeAll(async () => {
      const copy = await copyRepository();
      const workspace = await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8');
      await writeFile(join(copy, 'pnpm-workspace.yaml'), workspace.replace('overrides:\n', `overrides:\n  ${fork}\n`));
      const install = ['pnpm@12', 'install', '--no-frozen-lockfile', '--ignore-scripts'];
      await promisify(execFile)('npx', ['--yes', ...install], { cwd: copy });
      [onFork, onCdktf] = await Promise.all([synthesiseAll(copy), synthesiseAll()]);
    });

    test.each(['bootstrap', 'dev', 'prd'])(
      '%s is the same Terraform, except for the name of the generator',
      async (stack) => {
        const terraform = async (out: string) => {
          const text = await readFile(join(out, 'stacks', stack, 'cdk.tf.json'), 'utf8');
          const { '//': comment, ...content } = JSON.parse(text);
          if (content.terraform.backend.local)
            content.terraform.backend.local.path = basename(content.terraform.backend.local.path);
          return { version: comment.metadata.version, content };
        };
        const [forked, original] = [await terraform(onFork), await terraform(onCdktf)];
        expect([forked.version, original.version]).toEqual(['0.24.0', '0.21.0']);
        expect(forked.content).toEqual(original.content);
      },
    );
  },
);
