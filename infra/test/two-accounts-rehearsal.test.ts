/** An account for each environment, deployed in the rehearsal. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EnvironmentName, environmentNames } from 'platform';
import { linkPackages } from '../../test/support/packages.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { engineProgram } from '../engine.ts';
import { copyRepository } from './support/program.ts';
import { Rehearsal } from './support/rehearsal.ts';
import { other, rolesOf, settings } from './support/two-accounts.ts';

describeWith(engineProgram(), findTool(engineProgram()), 'two accounts, rehearsed', () => {
  const stages = new Map<EnvironmentName, Rehearsal>();
  let copy: string;
  beforeAll(async () => {
    copy = await copyRepository();
    await linkPackages(copy);
    await writeFile(join(copy, 'infra/settings.json'), JSON.stringify(settings));
    for (const name of environmentNames) stages.set(name, await Rehearsal.start(false));
  });
  afterAll(async () => {
    for (const stage of stages.values()) await stage.stop();
    await rm(copy, { recursive: true, force: true });
  });
  const stage = (name: EnvironmentName): Rehearsal => {
    const found = stages.get(name);
    if (!found) throw new Error(`${name} is not rehearsed`);
    return found;
  };

  test.each(environmentNames)(
    'the bootstrap of %s creates its bucket, roles and workspace in its account',
    async (name) => {
      const { code, output } = await stage(name).infra(copy, 'bootstrap', name, '--yes');
      expect([code, output]).toEqual([0, expect.stringContaining(`run again: pnpm infra bootstrap ${name}`)]);
      expect(output).toContain(`(bootstrap-${name}.tfstate)`);
      expect(output).toContain(`switched to workspace "${name}"`);
      expect(output).not.toContain(`workspace "${other(name)}"`);
      const created = stage(name).changes();
      const namesOf = (type: string) => created.filter((event) => event.type === type).map((event) => event.name);
      expect(namesOf('aws_s3_bucket')).toEqual([`own-state-${name}`]);
      expect(namesOf('aws_iam_role').toSorted()).toEqual(rolesOf(name));
    },
  );

  test('afterwards each state moves to the bucket of its account', async () => {
    await writeFile(join(copy, 'infra/settings.json'), JSON.stringify({ ...settings, bootstrapState: 'bucket' }));
    for (const name of environmentNames) {
      const { code, output } = await stage(name).infra(copy, 'bootstrap', name, '--yes');
      expect([code, output]).toEqual([0, expect.stringContaining('The old copy can be deleted')]);
      expect(output).toContain('0 added, 0 changed, 0 destroyed');
    }
  });

  test("an environment's plan needs its account: the other has no such bucket", async () => {
    const own = await stage('dev').infra(copy, 'plan', 'dev');
    expect([own.code, own.output]).toEqual([0, expect.stringContaining('0 to change, 0 to destroy')]);
    const { code, output } = await stage('prd').infra(copy, 'plan', 'dev');
    expect([code, output]).toEqual([1, expect.stringContaining('own-state-dev')]);
  });

  test('`pnpm infra rehearse` deploys and destroys an environment in its account', async () => {
    const { code, output } = await stage('dev').infra(copy, 'rehearse', 'dev');
    const steps = output.split('\n').flatMap((line) => /^✓ (.*?) (?:\/|\()/.exec(line)?.[1] ?? []);
    expect([code, steps]).toEqual([
      0,
      [
        ...['síntese', 'bootstrap', 'workspaces', 'bootstrap', 'workspaces'],
        ...['plano', 'deploy', 'segundo plano, sem mudanças', 'destroy'],
      ],
    ]);
  });
});
