import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ended } from '../../test/support/outcome.ts';
import { linkPackages } from '../../test/support/packages.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { engineProgram } from '../engine.ts';
import { copyRepository, synthesiseAll } from './support/program.ts';

let copy: string;
beforeAll(async () => {
  copy = await copyRepository();
  await linkPackages(copy);
});
afterAll(() => rm(copy, { recursive: true, force: true }));

/** Without the credentials that this machine may have. */
const rehearseWith = (engine: string, ...args: string[]) => {
  const { HOME, PATH } = process.env;
  const env = { HOME, PATH, TERRAFORM_BINARY_NAME: engine };
  return ended(promisify(execFile)(process.execPath, ['infra/cli.ts', 'rehearse', ...args], { cwd: copy, env }));
};

for (const engine of ['terraform', 'tofu']) {
  describeWith(engine, findTool(engine), `\`pnpm infra rehearse\` with ${engine}`, () => {
    test('deploys dev, heals a failure and destroys everything, and leaves only its page behind', async () => {
      const { code, stdout, stderr } = await rehearseWith(engine, 'dev', '--fail', 'aws_eks_cluster');
      expect([code, stderr]).toEqual([0, '']);
      const steps = stdout.split('\n').flatMap((line) => /^✓ (.*?) (?:\/|\()/.exec(line)?.[1] ?? []);
      expect(steps).toEqual([
        ...['síntese', 'bootstrap', 'workspaces', 'plano', 'deploy com falha', 'deploy'],
        ...['segundo plano, sem mudanças', 'destroy'],
      ]);
      expect(stdout).toMatch(/^dev: 2\d\d recursos \/ resources$/m);
      expect(stdout).toMatch(/\d+ min \d+ s {2}primeiro deploy \/ first deployment/);
      expect(stdout).toMatch(/^ +≤ 15 min 0 s {2}aws_cloudfront_vpc_origin edge\/vpc-origin/m);
      expect(stdout).toMatch(/Monthly cost: US\$ \d+\.\d\d/);
      expect(stdout).toContain('rehearsed failure: create of aws_eks_cluster');
      expect(await readFile(join(copy, 'cdktf.out/rehearsal-dev.html'), 'utf8')).toContain('aws_eks_cluster cluster/');
      expect(existsSync(join(copy, 'bootstrap.tfstate'))).toBe(false);
      expect(existsSync(join(copy, 'cdktf.out/stacks'))).toBe(false);
    });
  });
}

describeWith(
  engineProgram(),
  findTool(engineProgram()),
  '`pnpm infra rehearse`, without a cloud or credentials,',
  () => {
    const rehearse = (...args: string[]) => rehearseWith(engineProgram(), ...args);

    test('finds out that a protected environment cannot be destroyed, and destroys it unprotected', async () => {
      const { code, stdout } = await rehearse('prd', '--role', 'apply');
      expect(code).toBe(0);
      expect(stdout).toMatch(/Permissions checked: .*\d{4} requests to AWS, of \d{3} actions/);
      expect(stdout).toMatch(/^✓ destroy recusado pela proteção .*\n✓ deploy .*\n✓ destroy \(/m);
    });

    test.each([
      {
        fault: 'a value that AWS refuses',
        file: 'infra/constructs/cluster/cluster.ts',
        from: 'deletionWindowInDays: 7',
        to: 'deletionWindowInDays: 3',
        refusal: /aws_kms_key\.cluster_secrets-key_\w+: ValidationException: .*deletion_window_in_days/,
        creates: /new KmsKey\(this, 'secrets-key'/,
      },
      {
        fault: 'a reference that Terraform refuses',
        file: 'infra/constructs/network/dns.ts',
        from: 'zoneId: this.#zone.zoneId',
        to: `zoneId: '\${aws_route53_zone.none.zone_id}'`,
        refusal: /aws_route53_record\.dns_mysql-dev_\w+: Reference to undeclared resource/,
        creates: /new Route53Record\(this, record/,
      },
    ])('points $fault to the lines that created the resource', async ({ creates, fault, file, from, refusal, to }) => {
      const source = await readFile(join(copy, file), 'utf8');
      const faulty = source.replace(from, to);
      expect([fault, faulty]).not.toEqual([fault, source]);
      await writeFile(join(copy, file), faulty);
      const { code, stderr } = await rehearse('dev');
      await writeFile(join(copy, file), source);

      expect(code).toBe(1);
      const page = await readFile(join(copy, 'cdktf.out/rehearsal-dev.html'), 'utf8');
      for (const shown of [stderr, page]) {
        const lines = shown.split('\n');
        const [call, ...callers] = lines
          .slice(lines.findIndex((line) => refusal.test(line)) + 1)
          .map((line) => line.trim());
        const [path = '', number] = call?.split(':') ?? [];
        expect(path).toBe(file);
        expect(faulty.split('\n')[Number(number) - 1]).toMatch(creates);
        expect(callers.find((caller) => !caller.startsWith(file))).toMatch(/^infra\/stacks\/environment\.ts:\d/);
      }
    });

    test('as the apply role, fails at what the role may not do, and says which permission is missing', async () => {
      const file = join(copy, 'infra/constructs/identity/delivery-roles.ts');
      const source = await readFile(file, 'utf8');
      const given = "actions: ['iam:CreateServiceLinkedRole', 'iam:GetRole'],";
      expect(source).toContain(given);
      await writeFile(file, source.replace(given, "actions: ['iam:CreateServiceLinkedRole'],"));
      const { code, stdout, stderr } = await rehearse('dev', '--role', 'apply');
      await writeFile(file, source);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^✓ plano/m);
      expect(stderr).toMatch(
        /aws_eks_node_group\S+: AccessDenied: .*dev-apply\/session is not authorized to perform: iam:GetRole on resource: \S+eks-nodegroup.amazonaws.com\S+ because no statement of its policies allows it/,
      );
    });

    test('refuses a role that makes no changes', async () => {
      const { code, stderr } = await rehearse('dev', '--role', 'deploy');
      expect([code, stderr]).toEqual([2, expect.stringContaining('deploy: use one of these roles: plan, apply')]);
    });

    test('refuses a failure of something that the environment does not have', async () => {
      const { code, stderr } = await rehearse('dev', '--fail', 'aws_wafv2_web_acl');
      expect([code, stderr]).toEqual([2, expect.stringContaining('makes no change of the type aws_wafv2_web_acl')]);
    });

    test('refuses a failure that is not a type of Terraform', async () => {
      const { code, stderr } = await rehearse('--fail', 'the cluster');
      expect([code, stderr]).toEqual([2, expect.stringContaining('the cluster: use a type of Terraform')]);
    });
  },
);

test('what is deployed does not say where it was created, which differs from machine to machine', async () => {
  const out = await synthesiseAll();
  const json = await readFile(join(out, 'stacks/dev/cdk.tf.json'), 'utf8');
  await rm(out, { recursive: true });
  expect(json).toContain('"path": "dev/network/vpc"');
  expect(json).not.toMatch(/stackTrace|file:/);
});
