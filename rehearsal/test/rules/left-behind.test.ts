import { expect, test } from '@jest/globals';
import { type Change, leftBehind, refusalsOf, type Values } from '../../rules/index.ts';

const remove = (type: string, before: Values): Change => ({ action: 'delete', phase: 'apply', type, before });
const create = (type: string, after: Values): Change => ({ action: 'create', phase: 'apply', type, after });

test('a last snapshot stays, and its name with it', () => {
  const database = { identifier: 'prd', skip_final_snapshot: false, final_snapshot_identifier: 'prd-final' };
  const stays = leftBehind(remove('aws_db_instance', database));
  expect(refusalsOf(remove('aws_db_instance', database), stays)).toEqual([
    expect.objectContaining({ code: 'DBSnapshotAlreadyExists' }),
  ]);
  expect(leftBehind(remove('aws_db_instance', { ...database, skip_final_snapshot: true }))).toEqual([]);
});

test('a secret that can be called back keeps its name', () => {
  const secret = { name: 'prd/database', recovery_window_in_days: 7 };
  const stays = leftBehind(remove('aws_secretsmanager_secret', secret));
  expect(refusalsOf(create('aws_secretsmanager_secret', secret), stays)).toEqual([
    expect.objectContaining({ code: 'InvalidRequestException' }),
  ]);
  expect(leftBehind(remove('aws_secretsmanager_secret', { ...secret, recovery_window_in_days: 0 }))).toEqual([]);
});

test('a control plane makes its log group again with its last lines', () => {
  const cluster = { name: 'prd', enabled_cluster_log_types: ['audit'] };
  const stays = leftBehind(remove('aws_eks_cluster', cluster));
  expect(refusalsOf(create('aws_cloudwatch_log_group', { name: '/aws/eks/prd/cluster' }), stays)).toEqual([
    expect.objectContaining({ code: 'ResourceAlreadyExistsException' }),
  ]);
  expect(leftBehind(remove('aws_eks_cluster', { ...cluster, enabled_cluster_log_types: [] }))).toEqual([]);
});

test('what is made leaves nothing', () => {
  expect(leftBehind(create('aws_secretsmanager_secret', { name: 'a' }))).toEqual([]);
});
