import { expect, test } from '@jest/globals';
import { Network } from '../constructs/network/network.ts';
import { dev } from '../environments/dev.ts';
import { type Region, regions, unsupportedZones } from '../environments/regions.ts';
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
  for (const region of regions) expect(zonesIn(region)).toMatchObject({ exclude_zone_ids: unsupportedZones[region] });
  expect(zonesIn('us-east-1')).toMatchObject({ exclude_zone_ids: ['use1-az3'] });
  expect(zonesIn('ap-northeast-1')).toMatchObject({ exclude_zone_ids: ['apne1-az3'] });
});

test('a plan stops if the account can use fewer zones of the region than there are subnets', () => {
  expect(zonesIn('sa-east-1')?.lifecycle.postcondition).toEqual([
    { condition: `\${length(self.names) >= 3}`, error_message: expect.stringContaining('another region') },
  ]);
});
