import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Refused, WrongUsage } from 'command-line';
import { command } from '../commands/costs.ts';
import { estimate, estimateIn, monthlyCosts } from '../costs/estimate.ts';
import { partNames, partsAt, total } from '../costs/parts.ts';
import { type Price, type PriceList, pricesOf } from '../costs/price.ts';
import { asFarAsKnown, defaultList, listOf, priceLists, strictly } from '../costs/price-lists.ts';
import { regionTable } from '../costs/terminal.ts';
import { everyday } from '../costs/traffic.ts';
import { environments } from '../environments/all.ts';
import { dev } from '../environments/dev.ts';
import { prd } from '../environments/prd.ts';
import { regions } from '../environments/regions.ts';
import { printed } from './support/printed.ts';

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

/** Everything that an environment can have, which no two of the choices of NAT have at once. */
const withAll = (nat: 'single' | 'instance') => ({
  ...prd,
  ...{ network: { ...prd.network, nat, flowLogs: true }, runner: true },
  database: { ...prd.database, copiesBackups: true },
  edge: { ...prd.edge, accessLogs: true, statusPage: true, waf: true },
});

// Some prices are the same in us-east-1: an hour of a cluster and an alarm, a NAT gateway's hour and its gigabyte.
test.each(['single', 'instance'] as const)('with NAT by "%s", each part is at the prices of its own names', (nat) => {
  const needed = Object.keys(partNames).map((part) => {
    const names = Object.keys(defaultList.prices).filter((name) => {
      const prices = { ...defaultList.prices, [name]: undefined };
      const { unknown } = estimateIn({ ...defaultList, prices }, withAll(nat));
      return unknown[part as keyof typeof partNames] !== undefined;
    });
    return `${part}: ${names.join(', ')}`;
  });
  expect(needed.join('\n')).toMatchSnapshot();
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

test('where a single price is not known, the figures of the environment name it', () => {
  const { volume: _, ...prices } = defaultList.prices;
  expect(monthlyCosts({ ...defaultList, prices }).dev.unknown).toEqual(['EBS gp3']);
});

test('of several types on spot it is enough to know one', () => {
  const unknown = new Set<string>();
  const one = Object.fromEntries(Object.entries(saoPaulo.spots).filter(([type]) => type === 't4g.medium'));
  const { cheapestSpot } = asFarAsKnown({ ...saoPaulo, instances: {}, spots: one }, unknown);
  expect([cheapestSpot(['c7g.large', 't4g.medium']), [...unknown]]).toEqual([0.0115, []]);
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

test.each(priceLists)(
  'the command prints the estimate of $region with cents, what it lacks and what is not verified',
  async (list) => {
    const { code, output } = await printed(command, ['--region', list.region]);
    expect(code).toBe(0);
    expect(output).toMatchSnapshot();
  },
);

test('the sum is of what is known, and says so', () => {
  const totals = Object.values(environments).map((environment) => total(estimateIn(saoPaulo, environment).bill));
  const [one = '', other = ''] = totals.map((usd) => usd.toFixed(2).replace('.', '\\.'));
  expect(regionTable(saoPaulo)).toMatch(new RegExp(`\\nTotal +> ${one} +> ${other}\\n`));
});

test('of the default region nothing is missing, and its sums are those of the page', () => {
  const table = regionTable(defaultList);
  const [, one, other] = /\nTotal +([\d.]+) +([\d.]+)\n/.exec(table) ?? [];
  expect(Number(one)).toBeCloseTo(total(estimate(dev)), 2);
  expect(Number(other)).toBeCloseTo(total(estimate(prd)), 2);
  expect(table).not.toContain('Incomplete');
});

test('where everything is verified, nothing is said of what is not', () => {
  const verified = (prices: Readonly<Record<string, Price>>) =>
    Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, { ...price, verified: true }]));
  const { databases, instances, prices, spots } = defaultList;
  const list = {
    ...defaultList,
    ...{ databases: verified(databases), instances: verified(instances), spots: verified(spots) },
    prices: verified(prices),
  };
  expect(regionTable(list)).not.toContain('verified');
});

test('where nothing is known, no figure is made up', () => {
  const table = regionTable({ ...defaultList, prices: {}, instances: {}, spots: {}, databases: {} });
  expect(table).toMatch(/\nTotal +> 0\.00 +> 0\.00\n/);
  const [figures = ''] = table.split('\nTotal');
  const rows = figures.split('\n').filter((line) => / {2}[?—]$/.test(line));
  expect(rows.map((row) => row.split(/ {2,}/))).toEqual(
    Object.entries(partNames)
      // No environment has a runner, and dev no firewall.
      .filter(([part]) => part !== 'delivery')
      .map(([part, { en }]) => [expect.stringMatching(new RegExp(`${en}$`)), part === 'firewall' ? '—' : '?', '?']),
  );
  expect(figures.match(/ \d+\.\d\d/g)).toBeNull();
});

test('what is not known of one environment has a row, even if the other has nothing of it', () => {
  const { firewall, firewallRequests, firewallRule, ...prices } = defaultList.prices;
  const table = regionTable({ ...defaultList, prices });
  expect(table).toMatch(/\nWAF +— +\?\n/);
  expect(table).toMatch(/\nTotal +139\.\d\d +> 283\.\d\d\n/);
  expect(table).toMatch(/\n {2}WAF web ACL\n {2}WAF rule or managed group\n {2}WAF requests\n/);
});

test('a price that is missing where all are needed is an error that names it, its region and the file to add it to', () => {
  expect(() => strictly(saoPaulo).usd('secret')).toThrow(
    'There is no price for Secret in sa-east-1: look it up and add it to infra/costs/prices-sa-east-1.ts.',
  );
  expect(() => strictly(saoPaulo).database('db.x1')).toThrow('There is no price for db.x1 in sa-east-1');
  expect(() => strictly(saoPaulo).cheapestSpot(['x9.large'])).toThrow('There is no price for x9.large in sa-east-1');
});

test.each(['eu-west-1', 'us-east', 'us-east-10', 'SA-EAST-1'])(
  'the region %s, which has no list, is refused, and the message names those that have one',
  async (region) => {
    const refused = printed(command, ['--region', region]);
    await expect(refused).rejects.toThrow(
      `There is no list of prices of ${region}. There is one of these regions: us-east-1, sa-east-1.`,
    );
    await expect(refused).rejects.toBeInstanceOf(Refused);
  },
);

test('the JSON of a region names what its total lacks', async () => {
  const { code, output } = await printed(command, ['--json', '--region', 'sa-east-1']);
  expect([code, JSON.parse(output)]).toEqual([0, monthlyCosts(saoPaulo)]);
  // Each once, although two parts have alarms.
  expect(JSON.parse(output).dev.unknown).toEqual([
    'CloudWatch alarm, by the metric',
    'RDS for MySQL, db.t4g.micro',
    'CloudWatch dashboard',
    'CloudWatch API requests, above a million',
    'Secret',
  ]);
});

test('the JSON is at the same prices wherever the settings deploy to, so that two commits can be compared', async () => {
  const { output } = await printed(command, ['--json'], { env: { INFRA_REGION: 'sa-east-1' } });
  expect(JSON.parse(output)).toEqual(monthlyCosts());
  expect(output).not.toContain('unknown');
});

test('a plan has the prices of the region, and what has none there is named', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan.json');
  const resources = [
    { address: 'aws_nat_gateway.one', mode: 'managed', type: 'aws_nat_gateway', values: {} },
    { address: 'aws_secretsmanager_secret.one', mode: 'managed', type: 'aws_secretsmanager_secret', values: {} },
    { address: 'aws_s3_bucket.one', mode: 'managed', type: 'aws_s3_bucket', values: {} },
  ];
  writeFileSync(file, JSON.stringify({ planned_values: { root_module: { resources } } }));
  const { output } = await printed(command, ['--plan', file, '--region', 'sa-east-1']);
  expect(output).toMatch(/^ +67\.89 {2}aws_nat_gateway\.one\n/);
  expect(output).toContain('prices of sa-east-1');
  expect(output).toMatch(/:\n {2}aws_s3_bucket\.one\n/);
  expect(output).toMatch(
    /may cost money \(infra\/costs\/prices-sa-east-1\.ts\):\n {2}aws_secretsmanager_secret\.one\n/,
  );
});

const modes = [['--actual'], ['--check'], ['--json'], ['--plan', 'plan.json']];
test.each([
  ...modes.flatMap((one, index) => modes.slice(index + 1).map((other) => [...one, ...other])),
  ['--check', '--region', 'sa-east-1'],
])('%s %s %s is refused with the usage', async (...options) => {
  const refused = printed(
    command,
    options.filter((option) => typeof option === 'string'),
  );
  await expect(refused).rejects.toThrow('Use only one of these options');
  await expect(refused).rejects.toBeInstanceOf(WrongUsage);
});

test.each(
  [[], ['--json'], ['--check'], ['--plan', 'plan.json'], ['--region', 'sa-east-1']].map((options) => [options]),
)('an environment is refused with %j, which is always about both', async (options) => {
  await expect(printed(command, ['prd', ...options])).rejects.toThrow('Superfluous: prd. Only --actual takes');
});
