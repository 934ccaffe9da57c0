import { expect, test } from '@jest/globals';
import { Network } from '../constructs/network/network.ts';
import { dev } from '../environments/dev.ts';
import { type Region, regions } from '../environments/regions.ts';
import { alone } from './support/terraform.ts';

function zonesIn(region: Region) {
  const { terraform } = alone((scope) => {
    new Network(scope, 'network', { ...dev.network, prefix: 'dev', clusterName: 'dev', region, tags: {} });
  }, region);
  const [zones, ...others] = Object.values(terraform.data.aws_availability_zones ?? {});
  expect(others).toEqual([]);
  return zones;
}

test('zones that EKS or VPC origins refuse are excluded in every region', () => {
  expect(regions.length).toBeGreaterThan(10);
  const excluded = regions.map((region): [string, string[]] => [region, zonesIn(region)?.exclude_zone_ids]);
  // AWS's two lists, together, for these regions.
  expect(Object.fromEntries(excluded.filter(([, zones]) => zones.length > 0))).toEqual({
    'ap-northeast-1': ['apne1-az3'],
    'ca-central-1': ['cac1-az3'],
    'us-east-1': ['use1-az3'],
  });
});

test('a plan stops if the account can use fewer zones of the region than there are subnets', () => {
  expect(zonesIn('sa-east-1')?.lifecycle.postcondition).toEqual([
    { condition: `\${length(self.names) >= 3}`, error_message: expect.stringContaining('another region') },
  ]);
});
