import { expect, test } from '@jest/globals';
import { Database } from '../constructs/data/database.ts';
import type { Network } from '../constructs/network/network.ts';
import { prd } from '../environments/prd.ts';
import { alone } from './support/terraform.ts';

// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.Engines.html
test.each([
  ['db.t4g.micro', false],
  ['db.t4g.small', false],
  ['db.t4g.medium', true],
  ['db.m7g.large', true],
])('Performance Insights of a database of the class %s: %s, because RDS refuses it on small ones', (name, expected) => {
  const stack = alone((scope) => {
    const network = { vpcId: 'vpc-1', databaseSubnetIds: ['subnet-1'] } as unknown as Network;
    const choices = { ...prd.database, instanceClass: name };
    new Database(scope, 'database', {
      ...choices,
      network,
      identifier: 'mysql',
      protected: true,
      sleepsAtNight: false,
    });
  });
  expect(stack.one('aws_db_instance').performance_insights_enabled).toBe(expected);
});
