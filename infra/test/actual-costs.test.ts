/** `pnpm infra costs --actual`, with answers in the form in which `aws ce get-cost-and-usage` prints them. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { databasePurposes } from 'platform';
import { applications } from 'platform/applications';
import { command } from '../commands/costs.ts';
import { costTags, partOf, periodAt, teamOf } from '../costs/actual.ts';
import { estimate } from '../costs/estimate.ts';
import { total } from '../costs/parts.ts';
import { defaultList } from '../costs/price-lists.ts';
import { prices } from '../costs/prices.ts';
import { actualTable } from '../costs/terminal.ts';
import { dev } from '../environments/dev.ts';
import { prd } from '../environments/prd.ts';
import { printed } from './support/printed.ts';
import { type Block, synthesise } from './support/synthesised.ts';
import { expectTranscript } from './support/transcripts.ts';

type Groups = readonly (readonly [keys: readonly string[], amount: string])[];

const months = [
  { Start: '2026-10-01', End: '2026-11-01' },
  { Start: '2026-11-01', End: '2026-11-29' },
];

/** An answer for October, which is closed, and for November, which is not. */
const answer = (october: Groups, november: Groups, more: object = {}) => ({
  ...more,
  ResultsByTime: [october, november].map((groups, index) => ({
    TimePeriod: months[index],
    Total: {},
    Groups: groups.map(([Keys, Amount]) => ({ Keys, Metrics: { UnblendedCost: { Amount, Unit: 'USD' } } })),
    Estimated: index === 1,
  })),
  DimensionValueAttributes: [],
});

const ec2 = 'Amazon Elastic Compute Cloud - Compute';
const first = answer(
  [
    [['Amazon Elastic Container Service for Kubernetes', 'Name$'], '74.4'],
    [[ec2, 'Name$desafio-aws-dev-spot'], '9.1234567891'],
    [['EC2 - Other', 'Name$desafio-aws-dev-spot'], '0.8765432109'],
    [['EC2 - Other', 'Name$desafio-aws-dev-dynamic-pvc-0123'], '2.32'],
    [['Amazon Route 53', 'Name$'], '0.5'],
  ],
  [[['Amazon Elastic Container Service for Kubernetes', 'Name$'], '67.2']],
  { NextPageToken: 'the-second-page' },
);
const second = answer(
  [
    [[ec2, 'Name$desafio-aws-dev-storage'], '7.56'],
    [['Amazon Virtual Private Cloud', 'Name$desafio-aws-dev-nat-1'], '3.72'],
    [['Amazon Route 53', 'Name$desafio-aws-dev-calculadora-api'], '5.5'],
    [['Amazon Kinesis', 'Name$'], '1.5'],
    [['Amazon Relational Database Service', 'Name$desafio-aws-dev-mysql'], '6.9'],
    [['Amazon Elastic Load Balancing', 'Name$cdn-app-alb-dev'], '16.74'],
    [['Amazon CloudFront', 'Name$'], '0.13'],
    [['AWS WAF', 'Name$'], '10.6'],
  ],
  [[['EC2 - Other', 'Name$'], '0.05']],
  { NextPageToken: 'the-third-page' },
);
const third = answer(
  [
    [['AmazonCloudWatch', 'Name$'], '1.9'],
    [['Amazon Simple Notification Service', 'Name$'], '0.01'],
    [['AWS Lambda', 'Name$desafio-aws-dev-passwords'], '0.02'],
    [['Amazon Simple Storage Service', 'Name$'], '0.07'],
    [['AWS Key Management Service', 'Name$'], '2'],
    [['AWS Secrets Manager', 'Name$'], '0.8'],
    [['CodeBuild', 'Name$desafio-aws-dev-runner'], '0.4'],
  ],
  [[['EC2 - Other', 'Name$'], '0.2']],
);
const byApplication = answer(
  [
    [['application$'], '144.27'],
    [['application$calculadora-api'], '0.8'],
  ],
  [
    [['application$'], '67.45'],
    [['application$an-old-one'], '0.1'],
  ],
);

/** What the other environment was billed, all of it in one row: decoys for who asks about one and reads the other. */
const ofPrd = {
  services: answer(
    [
      [[ec2, 'Name$desafio-aws-prd-base'], '50.5'],
      [[ec2, 'Name$desafio-aws-prd-storage'], '49.25'],
      // Of the other environment, or of nobody: what is known of one is not true of the other.
      [[ec2, 'Name$desafio-aws-dev-spot'], '3'],
      [['EC2 - Other', 'Name$desafio-aws-prd-nat-2'], '11.5'],
    ],
    [[['Amazon Relational Database Service', 'Name$desafio-aws-prd-mysql'], '27.96']],
  ),
  teams: answer([[['application$magic-calculator'], '114.25']], [[['application$'], '27.96']]),
};

/** The last second of a day in UTC, in which AWS counts days. */
const now = new Date('2026-11-28T23:59:59Z');

/** AWS, which only answers what is asked in the way that Cost Explorer wants, page by page, of each environment. */
const aws = (pages: readonly object[] = [first, second, third], teams: object = byApplication) => {
  const asked = (environment: string, groups: string, page = '') => {
    const filter = `{"Tags":{"Key":"environment","Values":["${environment}"]}}`.replaceAll('"', '\\"');
    return `"ce get-cost-and-usage --time-period Start=2026-10-01,End=2026-11-29 --granularity MONTHLY --metrics UnblendedCost --filter ${filter} --group-by ${groups}${page} --region us-east-1 --output json"`;
  };
  const services = 'Type=DIMENSION,Key=SERVICE Type=TAG,Key=Name';
  const applications = 'Type=TAG,Key=application';
  return {
    aws: `case "$*" in
  ${asked('dev', services)}) echo '${JSON.stringify(pages[0])}';;
  ${asked('dev', services, ' --next-page-token the-second-page')}) echo '${JSON.stringify(pages[1])}';;
  ${asked('dev', services, ' --next-page-token the-third-page')}) echo '${JSON.stringify(pages[2])}';;
  ${asked('dev', applications)}) echo '${JSON.stringify(teams)}';;
  ${asked('prd', services)}) echo '${JSON.stringify(ofPrd.services)}';;
  ${asked('prd', applications)}) echo '${JSON.stringify(ofPrd.teams)}';;
  *) echo "Unknown: $*" >&2; exit 252;;
esac`,
  };
};

const shown = (environment: string[] = ['dev'], env = {}, programs: Record<string, string> = aws()) =>
  printed(command, ['--actual', ...environment], { env, programs, now });
/** The figures of a row: of the estimate, of last month and of this one. */
const figures = (output: string, label: string) =>
  output
    .split('\n')
    .filter((line) => line.includes(label))
    .map((line) =>
      line
        .slice(line.indexOf(label) + label.length)
        .trim()
        .split(/ {2,}/),
    );

test('what AWS billed stands beside the estimate, by part, over all pages of the answer', async () => {
  const { code, output } = await shown();
  expect(code).toBe(0);
  const bill = estimate(dev);
  const usd = (part: keyof typeof bill) => bill[part]?.toFixed(2);
  expect(figures(output, 'By part')).toEqual([['estim.', '2026-10-01/31', '2026-11-01/28*']]);
  expect(figures(output, 'Kubernetes control plane')).toEqual([[usd('controlPlane'), '74.40', '67.20']]);
  expect(figures(output, 'Compute for the applications')).toEqual([[usd('computing'), '10.00', '0.00']]);
  expect(figures(output, "SigNoz's node and volumes")).toEqual([[usd('observability'), '9.88', '0.00']]);
  expect(figures(output, 'NAT and its addresses')).toEqual([[usd('wayOut'), '3.72', '0.00']]);
  expect(figures(output, 'MySQL')).toEqual([[usd('database'), '6.90', '0.00']]);
  expect(figures(output, 'Load balancers')).toEqual([[usd('loadBalancing'), '16.74', '0.00']]);
  expect(figures(output, 'CloudFront')).toEqual([[usd('edge'), '0.13', '0.00']]);
  expect(figures(output, 'Logs, alarms, health checks')).toEqual([[usd('watching'), '7.50', '0.00']]);
  expect(figures(output, 'Private DNS, KMS keys, secrets')).toEqual([[usd('names'), '3.30', '0.00']]);
  // AWS has not billed it.
  expect(figures(output, 'Data transfer between zones')).toEqual([[usd('betweenZones'), '—', '—']]);
  // The estimate does not have them.
  expect(figures(output, 'WAF')).toEqual([['—', '10.60', '0.00']]);
  expect(figures(output, "Runner of GitHub's jobs")).toEqual([['—', '0.40', '0.00']]);
  expect(figures(output, 'Amazon Kinesis')).toEqual([['—', '1.50', '0.00']]);
  expect(figures(output, 'EC2 - Other: sem a tag Name / without the tag Name')).toEqual([['—', '0.00', '0.25']]);
  expect(output).toContain('activate it like the tag "environment"');
  expect(output).toContain('* AWS still changes this figure');
  const estimated = total(bill).toFixed(2);
  expect(figures(output, 'Total')).toEqual([
    [estimated, '145.07', '67.45'],
    [estimated, '145.07', '67.55'],
  ]);
  expectTranscript('pnpm infra costs --actual dev', output);
});

const untagged = 'infrastructure, sem a tag application / without the tag application';

test('by team: what belongs to an application is its team’s, and all else is shared', async () => {
  const { output } = await shown();
  const [, teams = ''] = output.split('By team');
  const own = databasePurposes.length * prices.secret.usd;
  const api = applications.find(({ name }) => name === 'calculadora-api')?.team ?? '';
  expect(figures(teams, `${api} `)[0]).toEqual([own.toFixed(2), '0.80', '0.00']);
  expect(figures(teams, untagged)[0]).toEqual([(total(estimate(dev)) - own).toFixed(2), '144.27', '67.45']);
  expect(figures(teams, 'an-old-one: sem time / without a team')).toEqual([['—', '0.00', '0.10']]);
  expect(output).toContain('Cost Explorer does not divide nodes by pod');
});

test('without an environment, both are asked for; without figures, the tags must be activated, and it says how', async () => {
  const { code, output } = await shown([], {}, { aws: `echo '${JSON.stringify(answer([], []))}'` });
  expect(code).toBe(0);
  for (const name of ['dev', 'prd']) expect(output).toContain(`${name}: Cost Explorer has no figure`);
  const activation = Object.values(costTags).map((tag) => `TagKey=${tag},Status=Active`);
  expect(output).toContain(
    `aws ce update-cost-allocation-tags-status --region us-east-1 --cost-allocation-tags-status ${activation.join(' ')}`,
  );
  expect(output).not.toContain('By part');
});

test('the estimate beside it is at the prices of the settings’ region, and says what it does not know', async () => {
  const { output } = await shown(['dev'], { INFRA_REGION: 'sa-east-1' });
  expect(output).toContain('The estimate uses the prices of sa-east-1');
  expect(figures(output, 'NAT and its addresses')).toEqual([['> 9.76', '3.72', '0.00']]);
  expect(output).toMatch(/not in the sum .*:\n(.+\n)* {2}Secret\n/);
  const [, teams = ''] = output.split('By team');
  expect(figures(teams, `${teamOf('calculadora-api')} `)[0]?.[0]).toBe('?');
  expect(figures(teams, untagged)[0]?.[0]).toBe(figures(teams, 'Total')[0]?.[0]);
  const { output: other } = await shown(['dev'], { INFRA_REGION: 'eu-west-1' });
  expect(other).toContain('There is no list of prices of eu-west-1: the estimate uses that of us-east-1.');
  expect(other).toContain('The estimate uses the prices of us-east-1');
  const { output: given } = await shown(['dev', '--region', 'us-east-1'], { INFRA_REGION: 'sa-east-1' });
  expect(given).toContain('The estimate uses the prices of us-east-1');
});

test('where everything is divided and closed, nobody is told to activate a tag, nor that a figure may change', () => {
  const month = (...keys: string[]) => ({
    ...{ start: '2026-10-01', end: '2026-10-31', isFinal: true },
    charges: [{ keys, usd: 1 }],
  });
  const output = actualTable('dev', defaultList, [month(ec2, 'desafio-aws-dev-spot')], [month('')]);
  expect(output).not.toMatch(/activate it like|AWS still changes|\*/);
  expect(actualTable('dev', defaultList, [month(ec2, '')], [month('')])).toContain('activate it like');
});

test('in its first month, an environment has figures of that month alone', async () => {
  const eks = 'Amazon Elastic Container Service for Kubernetes';
  const { output } = await shown(['dev'], {}, aws([answer([], [[[eks, 'Name$'], '67.2']])], answer([], [])));
  expect(figures(output, 'Kubernetes control plane')).toEqual([[expect.any(String), '0.00', '67.20']]);
});

test('of both environments each has its own figures, in a whole that people can read', async () => {
  const { code, output } = await shown([]);
  expect(code).toBe(0);
  expect(output).toMatchSnapshot();
});

test('two accounts are never asked with the credentials of one', async () => {
  const env = { INFRA_ACCOUNTS: JSON.stringify({ dev: '111122223333', prd: '444455556666' }) };
  await expect(shown([], env)).rejects.toThrow('say which one is meant, dev or prd');
  expect((await shown(['prd'], env)).output).toContain('prd: dollars a month');
});

test('what AWS refuses is an error that says what it takes', async () => {
  const refusing = { aws: 'echo "An error occurred (AccessDeniedException): not authorized" >&2; exit 254' };
  await expect(shown(['dev'], {}, refusing)).rejects.toThrow(
    /An error occurred \(AccessDeniedException\).*the permission ce:GetCostAndUsage/s,
  );
});

test('without the AWS CLI, the command says what is missing', async () => {
  await expect(shown(['dev'], {}, {})).rejects.toThrow(/\baws\b.*PATH/);
});

test('the usage says what Cost Explorer charges', () => {
  expect(command.options.actual?.description.en).toContain('two requests to Cost Explorer, at 0.01 dollar each');
  expect(command.options.actual?.description.pt).toContain('dois pedidos ao Cost Explorer, de 0,01 dólar cada');
});

test.each([
  ['the middle of a month', '2026-11-28T09:00:00Z', '2026-10-01', '2026-11-29'],
  ['the last day of a month', '2026-11-30T23:59:59Z', '2026-10-01', '2026-12-01'],
  ['the first day of a year', '2027-01-01T00:00:00Z', '2026-12-01', '2027-01-02'],
])('on %s, Cost Explorer is asked for the month before and this one until today', (_, now, start, end) => {
  expect(periodAt(new Date(now))).toEqual({ start, end });
});

test('days are those of UTC, wherever the computer is', () => {
  const module = pathToFileURL(resolve(import.meta.dirname, '../costs/actual.ts')).href;
  const program = `
const { periodAt } = await import('${module}');
for (const time of ['2026-12-31T23:59:59Z', '2026-11-01T00:00:00Z']) console.log(JSON.stringify(periodAt(new Date(time))));
`;
  // Where it is a day later for most of the day, and where it is a day earlier.
  for (const TZ of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, TZ },
      encoding: 'utf8',
    });
    expect(output.trim().split('\n')).toEqual([
      '{"start":"2026-11-01","end":"2027-01-01"}',
      '{"start":"2026-10-01","end":"2026-11-02"}',
    ]);
  }
});

test.each([
  ['desafio-aws-prd-spot', 'computing'],
  ['desafio-aws-prd-base', 'computing'],
  ['desafio-aws-prd-storage', 'observability'],
  ['desafio-aws-prd-dynamic-pvc-1', 'observability'],
  ['desafio-aws-prd-nat', 'wayOut'],
  ['desafio-aws-prd-nat-3', 'wayOut'],
  ['desafio-aws-prd-second-nat-1', 'wayOut'],
  // Of others in the account, or made by hand.
  ['', undefined],
  ['desafio-aws-prd', undefined],
  ['desafio-aws-prd-spots', undefined],
  ['my-desafio-aws-prd-base', undefined],
  ['desafio-aws-prd-storage-2', undefined],
  ['desafio-aws-prd-dynamic', undefined],
  ['my-desafio-aws-prd-nat-1', undefined],
  ['desafio-aws-dev-nat-1', undefined],
])('a machine or volume named "%s" counts in prd as %s', (name, part) => {
  for (const service of [ec2, 'EC2 - Other']) expect(partOf(service, name, 'prd')).toBe(part);
});

test('the name of a machine tells nothing of another service', () => {
  for (const name of ['desafio-aws-prd-spot', 'desafio-aws-prd-nat-1', '']) {
    expect(['AWS Backup', 'Amazon RDS Service', ''].map((service) => partOf(service, name, 'prd'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(partOf('Amazon Relational Database Service', name, 'prd')).toBe('database');
  }
});

test('a credit lowers the sum, and a value of a tag may have the sign by which Cost Explorer divides', async () => {
  const kinesis = 'Amazon Kinesis';
  const charges: Groups = [
    [['AWS WAF', 'Name$'], '-10.606'],
    [[kinesis, 'Name$a$b'], '1.004'],
    [[kinesis, 'Name$a$c'], '1.004'],
    [['EC2 - Other', 'Name$a$b'], '2'],
  ];
  const { output } = await shown(['dev'], {}, aws([answer(charges, [])], answer([[['application$a$b'], '1']], [])));
  expect(figures(output, 'WAF')).toEqual([['—', '-10.61', '0.00']]);
  expect(figures(output, kinesis)).toEqual([['—', '2.01', '0.00']]);
  expect(figures(output, 'EC2 - Other: a$b')).toEqual([['—', '2.00', '0.00']]);
  expect(figures(output, 'Total')[0]?.slice(1)).toEqual(['-6.60', '0.00']);
  expect(figures(output, 'a$b: sem time / without a team')).toEqual([['—', '1.00', '0.00']]);
});

test.each(['dev', 'prd'] as const)(
  'the tags in %s tell its nodes, volumes and NAT apart, and its teams',
  (environment) => {
    const network = { ...prd.network, nat: 'per-zone' as const };
    const stack = synthesise(environment, environment === 'prd' ? { environment: { network } } : {});
    const all = [
      ...stack
        .some('aws_launch_template')
        .flatMap(({ tag_specifications }) => tag_specifications.map(({ tags }: Block) => tags.Name)),
      ...(environment === 'prd' ? stack.some('aws_nat_gateway').map(({ tags }) => tags.Name) : []),
    ];
    const parts = all.map((name) => partOf('EC2 - Other', name, environment));
    expect(new Set(parts)).toEqual(new Set(['computing', 'observability', 'wayOut']));
    const tagged = stack
      .some('aws_secretsmanager_secret')
      .map(({ tags }) => tags?.[costTags.application])
      .filter((name) => name !== undefined);
    expect(tagged.length).toBeGreaterThan(0);
    for (const name of tagged) expect([name, teamOf(name)]).toEqual([name, expect.any(String)]);
  },
);
