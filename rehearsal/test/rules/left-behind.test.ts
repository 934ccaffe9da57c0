import { expect, test } from '@jest/globals';
import { type Change, leftBehind, refusalsOf, type Values } from '../../rules/index.ts';

const remove = (type: string, before: Values): Change => ({ action: 'delete', phase: 'apply', type, before });
const create = (type: string, after: Values): Change => ({ action: 'create', phase: 'apply', type, after });

test('a final snapshot remains, and its name is taken', () => {
  const database = { identifier: 'prd', skip_final_snapshot: false, final_snapshot_identifier: 'prd-final' };
  const stays = leftBehind(remove('aws_db_instance', database));
  expect(refusalsOf(remove('aws_db_instance', database), stays)).toEqual([
    expect.objectContaining({ code: 'DBSnapshotAlreadyExists' }),
  ]);
  expect(leftBehind(remove('aws_db_instance', { ...database, skip_final_snapshot: true }))).toEqual([]);
});

test('the name of a secret within its recovery window is taken', () => {
  const secret = { name: 'prd/database', recovery_window_in_days: 7 };
  const stays = leftBehind(remove('aws_secretsmanager_secret', secret));
  expect(refusalsOf(create('aws_secretsmanager_secret', secret), stays)).toEqual([
    expect.objectContaining({ code: 'InvalidRequestException' }),
  ]);
  expect(leftBehind(remove('aws_secretsmanager_secret', { ...secret, recovery_window_in_days: 0 }))).toEqual([]);
});

test('EKS can create the log group of a deleted cluster again', () => {
  const cluster = { name: 'prd', enabled_cluster_log_types: ['audit'] };
  const stays = leftBehind(remove('aws_eks_cluster', cluster));
  expect(refusalsOf(create('aws_cloudwatch_log_group', { name: '/aws/eks/prd/cluster' }), stays)).toEqual([
    expect.objectContaining({ code: 'ResourceAlreadyExistsException' }),
  ]);
  expect(leftBehind(remove('aws_eks_cluster', { ...cluster, enabled_cluster_log_types: [] }))).toEqual([]);
});

test('a creation leaves nothing behind', () => {
  expect(leftBehind(create('aws_secretsmanager_secret', { name: 'a' }))).toEqual([]);
});
