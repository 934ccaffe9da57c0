import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EnvironmentName } from 'platform';
import type { Outcome } from '../../test/support/outcome.ts';
import { linkPackages } from '../../test/support/packages.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { engineProgram } from '../engine.ts';
import { environments } from '../environments/all.ts';
import { readSettings } from '../settings.ts';
import { copyRepository } from './support/program.ts';
import { Rehearsal } from './support/rehearsal.ts';
import { sensitiveValues } from './support/sensitive-values.ts';

/** Exit code of `terraform plan -detailed-exitcode` if nothing changes. */
const noChange = 0;
const success: Partial<Outcome> = { code: 0 };
const terraform = findTool(engineProgram());
/** As in the environment's file, without settings. */
const deployed = (name: EnvironmentName) => ({ environment: environments[name], settings: readSettings('', {}) });

// The tests run in order: each starts with the environments as the previous one left them.
describeWith(engineProgram(), terraform, 'both environments, rehearsed', () => {
  let stage: Rehearsal;
  beforeAll(async () => {
    stage = await Rehearsal.start();
    // The roles may change the records of the domain that is added later.
    await stage.bootstrap(['dev', 'prd'], readSettings('', { INFRA_DOMAIN: '{"zone": "example.com"}' }));
    stage.changes();
  });
  afterAll(() => stage?.stop());

  const plan = (environment: EnvironmentName) =>
    stage.terraform(environment, 'plan', '-detailed-exitcode', '-lock=false');
  const resources = async (environment: EnvironmentName) => {
    const { output } = await stage.terraform(environment, 'state', 'list');
    return output.split('\n').filter((line) => line !== '' && !line.startsWith('data.'));
  };

  test('a plan stops where the account can use two zones only, which would give two subnets to one', async () => {
    await stage.cdktf('synth', []);
    await stage.terraform('dev', 'init');
    await stage.terraform('dev', 'workspace', 'select', 'dev');
    stage.zones = ['a', 'b'];
    const { code, output } = await stage.terraform('dev', 'plan', '-no-color', '-lock=false');
    stage.zones = ['a', 'b', 'c'];
    expect(code).toBe(1);
    expect(output.replaceAll(/[│\s]+/g, ' ')).toContain('fewer than 3 zones of this region: choose another region');
  });

  describe('dev first, then prd', () => {
    test.each(['dev', 'prd'] as const)('plain `cdktf deploy %s` creates everything', async (environment) => {
      expect(await stage.deploy(environment)).toMatchObject(success);
      const changes = stage.changes();
      expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(['create']));
      expect(await resources(environment)).toHaveLength(changes.length);
      console.log(`${environment}: ${changes.length} resources created`);
    });

    test.each(['dev', 'prd'] as const)('a second plan of %s changes nothing', async (environment) => {
      expect((await plan(environment)).code).toBe(noChange);
    });

    test.each(['dev', 'prd'] as const)(
      'neither the state of %s nor a plan shows a sensitive value',
      async (environment) => {
        const shown = async (...file: string[]) => {
          const { code, output } = await stage.terraform(environment, 'show', '-json', ...file);
          expect(code).toBe(0);
          return JSON.parse(output);
        };
        const file = join(tmpdir(), `${environment}-${process.pid}.plan`);
        expect((await stage.terraform(environment, 'plan', '-lock=false', `-out=${file}`)).code).toBe(0);
        const [state, plan] = [await shown(), await shown(file)];
        await rm(file);
        for (const values of [state.values, plan.planned_values, plan.prior_state.values]) {
          expect(values.root_module.resources.length).toBeGreaterThan(100);
          expect(sensitiveValues(values)).toEqual([]);
        }
      },
    );

    test("plan, apply and destroy refuse another environment's workspace", async () => {
      await stage.terraform('prd', 'workspace', 'select', 'dev');
      for (const command of [['plan'], ['apply', '-auto-approve'], ['destroy', '-auto-approve']]) {
        const { code, output } = await stage.terraform('prd', ...command);
        expect(code).toBe(1);
        expect(output).toContain('This stack is prd and the workspace is dev');
      }
      await stage.terraform('prd', 'workspace', 'select', 'prd');
      expect(stage.changes()).toEqual([]);
    });

    test('a protected environment cannot be destroyed', async () => {
      expect((await stage.destroy('prd')).code).not.toBe(0);
      // On a busy machine, cdktf loses the end of what Terraform prints.
      const { code, output } = await stage.terraform('prd', 'destroy', '-auto-approve');
      expect([code, output]).toEqual([1, expect.stringContaining('prevent_destroy')]);
      expect(stage.changes()).toEqual([]);
    });

    test('dev is destroyed completely, in an order that leaves nothing behind, and prd is unchanged', async () => {
      const created = (await resources('dev')).length;
      expect(await stage.destroy('dev')).toMatchObject(success);
      const changes = stage.changes();
      expect(changes.filter(({ action }) => action === 'delete')).toHaveLength(created);
      expect(changes).toHaveLength(created);
      expect(await resources('dev')).toEqual([]);
      expect((await plan('prd')).code).toBe(noChange);

      const order = changes.map(({ type }) => type);
      const last = (type: string) => order.lastIndexOf(type);
      const first = (type: string) => order.indexOf(type);
      for (const [before, after] of [
        ['aws_cloudfront_distribution', 'aws_cloudfront_vpc_origin'],
        ['aws_cloudfront_vpc_origin', 'aws_lb'],
        ['helm_release', 'aws_eks_node_group'],
        ['helm_release', 'aws_eks_access_policy_association'],
        ['kubernetes_namespace_v1', 'aws_eks_access_policy_association'],
        ['aws_eks_node_group', 'aws_eks_cluster'],
        ['aws_eks_access_policy_association', 'aws_eks_cluster'],
        ['aws_eks_cluster', 'aws_vpc'],
        ['aws_db_instance', 'aws_db_subnet_group'],
      ] as const) {
        expect([before, last(before) >= 0, last(before) < first(after)]).toEqual([before, true, true]);
      }
    });
  });

  describe('prd first, then dev', () => {
    test.each(['aws_eks_cluster', 'aws_eks_node_group', 'aws_eks_addon', 'helm_release'])(
      'a deployment in which %s fails reports it and keeps what it created for the next one',
      async (type) => {
        const { code, output } = await stage.deploy('dev', { fail: type });
        expect(code).not.toBe(0);
        expect(output).toContain(type);
      },
    );

    test('the next deployment completes everything', async () => {
      expect(await stage.deploy('dev')).toMatchObject(success);
      expect((await plan('dev')).code).toBe(noChange);
    });

    test('a cluster is replaced in two steps, and the network and the database stay', async () => {
      const all = await resources('dev');
      const [cluster] = all.filter((line) => line.startsWith('aws_eks_cluster.'));
      stage.changes();
      const destroyed = await stage.terraform('dev', 'destroy', '-auto-approve', `-target=${cluster}`);
      expect(destroyed).toMatchObject(success);
      expect(await stage.edit(deployed('dev'))).toMatchObject(success);
      const types = new Set(stage.changes().map(({ type }) => type));
      for (const replaced of ['aws_eks_cluster', 'aws_eks_node_group', 'helm_release']) {
        expect(types).toContain(replaced);
      }
      for (const kept of ['aws_vpc', 'aws_subnet', 'aws_db_instance', 'aws_lb']) expect(types).not.toContain(kept);
      expect(await resources('dev')).toEqual(all);
      expect(await stage.edit(deployed('dev'))).toMatchObject({ ...success, planned: [] });
    });

    test('a custom domain added later creates the new VPC origin before deleting the old one', async () => {
      stage.changes();
      expect(await stage.deploy('dev', { env: { INFRA_DOMAIN: '{"zone": "example.com"}' } })).toMatchObject(success);
      const order = stage.changes().map(({ action, type }) => `${action} ${type}`);
      expect(order.filter((change) => /vpc_origin|distribution/.test(change))).toEqual([
        'create aws_cloudfront_vpc_origin',
        'update aws_cloudfront_distribution',
        'update aws_cloudfront_distribution',
        'delete aws_cloudfront_vpc_origin',
      ]);
      expect(await stage.deploy('dev')).toMatchObject(success);
      expect((await plan('dev')).code).toBe(noChange);
    });

    test('new nodes are created before the old ones are deleted', async () => {
      const [group] = (await resources('dev')).filter((line) => line.startsWith('aws_eks_node_group.'));
      stage.changes();
      expect(await stage.replace('dev', `${group}`)).toMatchObject(success);
      const order = stage.changes().filter(({ type }) => type === 'aws_eks_node_group');
      expect(order.map(({ action }) => action)).toEqual(['create', 'delete']);
    });

    test.each(['aws_db_instance', 'aws_cloudfront_distribution'])(
      'if the replacement of %s fails, the next deployment creates it',
      async (type) => {
        const [address] = (await resources('dev')).filter((line) => line.startsWith(`${type}.`));
        const { code, output } = await stage.replace('dev', `${address}`, type);
        expect(code).not.toBe(0);
        expect(output).toContain(type);
        expect(await stage.deploy('dev')).toMatchObject(success);
        expect((await plan('dev')).code).toBe(noChange);
      },
    );

    test('a Helm release that cannot be deleted stops the destroy before the cluster, until the next one', async () => {
      stage.changes();
      expect((await stage.destroy('dev', { fail: 'helm_release/delete' })).code).not.toBe(0);
      expect(stage.changes().map(({ type }) => type)).not.toContain('aws_eks_cluster');
      expect(await stage.destroy('dev')).toMatchObject(success);
      expect(await resources('dev')).toEqual([]);
    });

    test('for all of it, the permissions of the delivery roles were checked', () => {
      const { actions, requests, undecided, unknownTypes } = stage.asked();
      expect(requests).toBeGreaterThan(2000);
      expect(actions.size).toBeGreaterThan(200);
      expect(unknownTypes).toEqual(new Set());
      // The simulator's reference has it for load balancers only.
      expect([...undecided].map((text) => text.split(': ')[0])).toEqual(['elasticloadbalancing:AddTags']);
    });

    test('prd is destroyed once its protection has been lifted, and deployed again', async () => {
      const program = 'infra/unprotected.ts';
      expect(await stage.deploy('prd', { program })).toMatchObject(success);
      expect(await stage.destroy('prd', { program })).toMatchObject(success);
      expect(await resources('prd')).toEqual([]);
      expect(await stage.edit(deployed('prd'))).toMatchObject(success);
      expect(await stage.edit(deployed('prd'))).toMatchObject({ ...success, planned: [] });
    });
  });
});

describeWith(engineProgram(), terraform, 'another region, rehearsed', () => {
  const env = { INFRA_REGION: 'sa-east-1', INFRA_DOMAIN: '{"zone": "example.com"}' };
  let stage: Rehearsal;
  beforeAll(async () => {
    stage = await Rehearsal.start();
    await stage.bootstrap(['dev'], readSettings('', env));
  });
  afterAll(() => stage?.stop());

  test('with a domain, dev is deployed, planned without changes and destroyed', async () => {
    expect(await stage.deploy('dev', { env })).toMatchObject(success);
    const plan = await stage.terraform('dev', 'plan', '-detailed-exitcode', '-lock=false');
    expect(plan.code).toBe(noChange);
    expect(await stage.destroy('dev', { env })).toMatchObject(success);
    const { output } = await stage.terraform('dev', 'state', 'list');
    expect(output.split('\n').filter((line) => line !== '' && !line.startsWith('data.'))).toEqual([]);
  });
});

describeWith(engineProgram(), terraform, 'the bootstrap, rehearsed', () => {
  let stage: Rehearsal;
  let copy: string;
  beforeAll(async () => {
    stage = await Rehearsal.start(false);
    copy = await copyRepository();
    await linkPackages(copy);
  });
  afterAll(() => stage?.stop());

  test('it starts with local state and creates both workspaces', async () => {
    const { code, output } = await stage.infra(copy, 'bootstrap', '--yes');
    expect([code, output]).toEqual([0, expect.stringContaining('"bootstrapState": "bucket"')]);
    expect(existsSync(join(copy, 'bootstrap.tfstate'))).toBe(true);
    for (const environment of ['dev', 'prd']) expect(output).toContain(`switched to workspace "${environment}"`);
  });

  test('with bootstrapState set to bucket, it moves its state to the bucket that it created', async () => {
    const settings = { bootstrapState: 'bucket', domain: { zone: 'example.com', createZone: true } };
    await writeFile(join(copy, 'infra/settings.json'), JSON.stringify(settings));
    const { code, output } = await stage.infra(copy, 'bootstrap', '--yes');
    expect([code, output]).toEqual([0, expect.stringContaining('The old copy can be deleted')]);
    expect(output).toMatch(/The zone example.com was created. .* enter its name servers: \S*name_servers\S*\.\n/);
  });

  test('afterwards any machine uses the state in the bucket, and nothing changes', async () => {
    await rm(join(copy, 'bootstrap.tfstate'));
    await rm(join(copy, 'cdktf.out'), { recursive: true });
    const { code, output } = await stage.infra(copy, 'bootstrap', '--yes');
    expect([code, output]).toEqual([0, expect.stringContaining('0 added, 0 changed, 0 destroyed')]);
  });
});
