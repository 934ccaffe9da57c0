/** The loss of a region, rehearsed: prd is deployed in the first, and comes back in the second. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { engineProgram } from '../engine.ts';
import { environments } from '../environments/all.ts';
import { inSecondRegion, readSettings } from '../settings.ts';
import { type Edited, Rehearsal } from './support/rehearsal.ts';

const first = readSettings('', { INFRA_SECOND_REGION: 'us-west-2', INFRA_DOMAIN: '{"zone": "example.com"}' });
const second = inSecondRegion(first);
const backups = 'arn:aws:rds:us-west-2:123456789012:auto-backup:ab-1';
const environment = {
  ...environments.prd,
  database: { ...environments.prd.database, copiesBackups: true },
};

// The tests run in order: each starts with what the previous one left.
describeWith(engineProgram(), findTool(engineProgram()), 'a region is lost', () => {
  let stage: Rehearsal;
  beforeAll(async () => {
    stage = await Rehearsal.start();
    await stage.bootstrap(['prd'], first);
    stage.changes();
  });
  afterAll(() => stage?.stop());

  test('until then its backups are copied, by the apply role, and a second plan changes nothing', async () => {
    expectSuccess(await stage.edit({ environment, settings: first }));
    const created = stage.changes().map(({ type }) => type);
    expect(created.filter((type) => type === 'aws_db_instance_automated_backups_replication')).toHaveLength(1);
    expect(await stage.edit({ environment, settings: first })).toMatchObject({ code: 0, planned: [] });
  });

  test('other days of backups replace the copying, and not the database', async () => {
    const database = { ...environment.database, backupDays: environment.database.backupDays + 1 };
    const { code, planned } = await stage.edit({ environment: { ...environment, database }, settings: first });
    const changes = planned.map(({ action, type }) => `${action} ${type}`);
    expect([code, changes.toSorted()]).toEqual([
      0,
      ['replace aws_db_instance_automated_backups_replication', 'update aws_db_instance'],
    ]);
  });

  test('in the second region, CloudFront refuses the names that distributions of the first still have', async () => {
    await stage.loseRegion(first.stateBucket);
    stage.changes();
    const { code, errors } = await stage.edit({ environment, settings: { ...second, restoreFrom: { prd: backups } } });
    expect([code, new Set(errors.map((error) => error.split(':')[0]))]).toEqual([1, new Set(['CNAMEAlreadyExists'])]);
  });

  test('once these are free, everything is created there, with rights of the same role and no name taken', async () => {
    stage.freeAliases();
    expectSuccess(await stage.edit({ environment, settings: { ...second, restoreFrom: { prd: backups } } }));
    const changes = stage.changes();
    expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(['create']));
    expect(changes.length).toBeGreaterThan(200);
  });

  test('the next plan changes nothing, although it knows no backups any more', async () => {
    expect(await stage.edit({ environment, settings: second })).toMatchObject({ code: 0, planned: [] });
  });
});

function expectSuccess({ code, errors, output }: Edited): void {
  expect([code, errors, code === 0 || errors.length > 0 ? '' : output]).toEqual([0, [], '']);
}
