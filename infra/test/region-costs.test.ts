import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { estimate, estimateIn, monthlyCosts } from '../costs/estimate.ts';
import { partsAt, total } from '../costs/parts.ts';
import { type PriceList, pricesOf } from '../costs/price.ts';
import { asFarAsKnown, defaultList, listOf, priceLists, strictly } from '../costs/price-lists.ts';
import { regionTable } from '../costs/terminal.ts';
import { everyday } from '../costs/traffic.ts';
import { environments } from '../environments/all.ts';
import { dev } from '../environments/dev.ts';
import { prd } from '../environments/prd.ts';
import { regions } from '../environments/regions.ts';
import { infra } from './support/command.ts';

const saoPaulo = listOf('sa-east-1') as PriceList;

test('there are prices of the default region and of São Paulo, and only of regions that can be deployed to', () => {
  const known = priceLists.map(({ region }) => region);
  expect(known).toEqual(expect.arrayContaining(['us-east-1', 'sa-east-1']));
  expect(regions).toEqual(expect.arrayContaining(known));
});

test.each(priceLists)('each price of $region has a page of AWS and a source', (list) => {
  const prices = pricesOf(list);
  expect(prices.length).toBeGreaterThan(40);
  for (const { page, source, usd, what } of prices) {
    expect(page).toMatch(/^https:\/\/aws\.amazon\.com\/.+\/pricing\//);
    expect(source).not.toBe('');
    expect([what, usd > 0]).toEqual([what, true]);
  }
});

// AWS never sells spot above the on-demand price. A list in which it does has a typing error.
test.each(priceLists)('spot is cheaper than on demand in $region', ({ instances, spots }) => {
  const types = Object.keys(spots).filter((type) => instances[type]);
  expect(types.length).toBeGreaterThan(3);
  const dearer = types.filter((type) => (spots[type]?.usd ?? 0) >= (instances[type]?.usd ?? 0));
  expect(dearer).toEqual([]);
});

// Computed by hand, with AWS's prices of sa-east-1 and 730 hours a month.
const at = partsAt(strictly(saoPaulo));
test.each([
  ['one NAT gateway and 30 GB: 730 × 0.093 + 30 × 0.093 + 730 × 0.005', () => at.nat('single', 30), 74.33],
  ['a load balancer at everyday traffic: 730 × (0.034 + 0.3805 / 25 × 0.011)', () => at.loadBalancer(everyday), 24.94],
  [
    'two spot nodes, c7g.large or t4g.medium, with 20 GB each: 2 × (730 × 0.0115 + 20 × 0.152)',
    () =>
      partsAt(asFarAsKnown(saoPaulo, new Set())).nodes(
        { instanceTypes: ['c7g.large', 't4g.medium'], diskSize: 20 },
        2,
        'spot',
      ),
    22.87,
  ],
  [
    'prd’s nodes, 20 GB each: 2 × 730 × 0.0536 for the base, 730 × 0.0115 on spot, 3 × 20 × 0.152',
    () => estimateIn(saoPaulo, prd).bill.computing ?? 0,
    95.77,
  ],
  [
    'dev’s names: a zone, two keys here and one in us-east-1, without the secrets: 0.5 + 3 × 1',
    () => estimateIn(saoPaulo, dev).bill.names ?? 0,
    3.5,
  ],
])('in São Paulo %s', (_, bill, usd) => {
  expect(bill()).toBeCloseTo(usd, 2);
});

test('the prices of the default region give the estimate that the page compares', () => {
  for (const environment of Object.values(environments)) {
    expect(estimateIn(defaultList, environment)).toEqual({ bill: estimate(environment), unknown: {} });
  }
});

test('a price that is not known counts as nothing, and only in the part that lacks it', () => {
  const { volume: _, ...prices } = defaultList.prices;
  const { bill, unknown } = estimateIn(
    { ...defaultList, prices },
    { ...dev, network: { ...dev.network, nat: 'single' } },
  );
  expect(unknown).toEqual({ computing: ['EBS gp3'], observability: ['EBS gp3'] });
  expect(bill.computing).toBeCloseTo(2 * 279 * 0.0157, 2);
});

test('what copies of backups cost is known as far as the region’s list goes, and the rest is named', () => {
  const copying = { ...prd, database: { ...prd.database, copiesBackups: true } };
  const [before, { bill, unknown }] = [estimateIn(saoPaulo, prd), estimateIn(saoPaulo, copying)];
  // 20 GB sent at 0.138
  expect((bill.database ?? 0) - (before.bill.database ?? 0)).toBeCloseTo(2.76, 2);
  expect(unknown.database).toEqual([...(before.unknown.database ?? []), 'RDS backup storage']);
});

test('where no type of a spot group has a price, all are named', () => {
  const { unknown } = estimateIn({ ...saoPaulo, spots: {} }, dev);
  expect(unknown.computing).toEqual([`EC2 ${dev.cluster.nodes.instanceTypes.join(', ')}, spot`]);
});

test('the command prints both environments, that the sum is incomplete, what it lacks, and what is not verified', () => {
  const { output, status } = infra(['costs', '--region', 'sa-east-1']);
  expect(status).toBe(0);
  expect(output).toContain('Dollars a month, AWS list prices in sa-east-1, read on 2026-');
  expect(output).toContain('without tax');
  expect(output).toMatch(/Kubernetes control plane +73\.00 +73\.00\n/);
  const totals = Object.values(environments).map((environment) => total(estimateIn(saoPaulo, environment).bill));
  const [one = '', other = ''] = totals.map((usd) => usd.toFixed(2).replace('.', '\\.'));
  expect(output).toMatch(new RegExp(`\\nTotal +> ${one} +> ${other}\\n`));
  expect(output).toMatch(/MySQL +> 4\.38 +> 8\.76\n/);
  expect(output).toMatch(
    /not in the sum \(infra\/costs\/prices-sa-east-1\.ts\):\n(.+\n)* {2}RDS for MySQL, db\.t4g\.micro\n/,
  );
  expect(output).toMatch(/could not be verified:\n(.+\n)* {2}EC2 t4g\.nano, on demand: an eighth of t4g\.medium\n/);
});

test('of the default region nothing is missing, and its sums are those of the page', () => {
  const table = regionTable(defaultList);
  const [, one, other] = /\nTotal +([\d.]+) +([\d.]+)\n/.exec(table) ?? [];
  expect(Number(one)).toBeCloseTo(total(estimate(dev)), 2);
  expect(Number(other)).toBeCloseTo(total(estimate(prd)), 2);
  expect(table).not.toContain('Incomplete');
});

test('a region without a list is refused, and the message names those that have one', () => {
  const { status, stderr, stdout } = infra(['costs', '--region', 'eu-west-1']);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(
    'There is no list of prices of eu-west-1. There is one of these regions: us-east-1, sa-east-1.',
  );
});

test('the JSON of a region names what its total lacks', () => {
  const { status, stdout } = infra(['costs', '--json', '--region', 'sa-east-1']);
  expect([status, JSON.parse(stdout)]).toEqual([0, monthlyCosts(saoPaulo)]);
  expect(JSON.parse(stdout).dev.unknown).toContain('RDS for MySQL, db.t4g.micro');
});

test('the JSON is at the same prices wherever the settings deploy to, so that two commits can be compared', () => {
  const { stdout } = infra(['costs', '--json'], { INFRA_REGION: 'sa-east-1' });
  expect(JSON.parse(stdout)).toEqual(monthlyCosts());
});

test('a plan has the prices of the region, and what has none there is named', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan.json');
  const resources = [
    { address: 'aws_nat_gateway.one', mode: 'managed', type: 'aws_nat_gateway', values: {} },
    { address: 'aws_secretsmanager_secret.one', mode: 'managed', type: 'aws_secretsmanager_secret', values: {} },
  ];
  writeFileSync(file, JSON.stringify({ planned_values: { root_module: { resources } } }));
  const { output } = infra(['costs', '--plan', file, '--region', 'sa-east-1']);
  expect(output).toMatch(/^ +67\.89 {2}aws_nat_gateway\.one\n/);
  expect(output).toContain('prices of sa-east-1');
  expect(output).toMatch(
    /may cost money \(infra\/costs\/prices-sa-east-1\.ts\):\n {2}aws_secretsmanager_secret\.one\n/,
  );
});

test.each([
  ['two answers at once', ['--json', '--actual']],
  ['the page in another region', ['--check', '--region', 'sa-east-1']],
])('%s is refused with the usage', (_, options) => {
  const { status, stderr, stdout } = infra(['costs', ...options]);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Use only one of these options');
  expect(stderr).toContain('Usage: pnpm infra costs');
});
