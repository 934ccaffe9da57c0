/** `docs/costs.md`, from the environments' own values. */
import { dev } from '../environments/dev.ts';
import type { Environment } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import { fargate, seed, serverless } from './designs.ts';
import { costDifference, estimate } from './estimate.ts';
import { type Bill, type Part, partNames, total } from './parts.ts';
import { priceList, prices, pricesReadOn } from './prices.ts';
import { switches } from './switches.ts';
import { assumptions, counts, everyday, hours, peakRequests, type Traffic, times, workingHours } from './traffic.ts';

const factors = [1, 10, 100] as const;

const designs = {
  dev: (traffic: Traffic) => estimate(dev, traffic),
  prd: (traffic: Traffic) => estimate(prd, traffic),
  "seed's, MySQL 8.0": (traffic: Traffic) => seed(traffic, '8.0'),
  "seed's, MySQL 8.4": (traffic: Traffic) => seed(traffic, '8.4'),
  'Fargate as dev': (traffic: Traffic) => fargate(dev, traffic),
  'Fargate as prd': (traffic: Traffic) => fargate(prd, traffic),
  'serverless as dev': (traffic: Traffic) => serverless(dev, traffic),
  'serverless as prd': (traffic: Traffic) => serverless(prd, traffic),
} as const satisfies Record<string, (traffic: Traffic) => Bill>;

/** The whole page; the same values give the same text. */
export function costsPage(): string {
  return `<!-- Written by \`pnpm infra costs\` from infra/costs and infra/environments: change those, not this page. -->
# What it costs

${introduction()}

## By part

US dollars a month at the everyday traffic. "As dev" and "as prd" take the database, the way out and the firewall from that
environment. Neither Fargate nor serverless has SigNoz: CloudWatch keeps logs and alarms there, and there are no traces.

${byPart()}

\`dev\` has a budget of ${usd(dev.costs.monthlyBudget)} and \`prd\` one of ${usd(prd.costs.monthlyBudget)}; AWS sends an alert at 80 % foreseen and at 100 % spent.

## More traffic

${byTraffic()}

${aboutTraffic()}

## What can be saved

Each line changes one choice in \`infra/environments/\` and asks the same program again. A dash: it is already so.

${savings()}

A NAT instance, Graviton and sleeping at night together make \`dev\` cost ${usd(total(estimate(thriftyDev())))} a month.

## What was assumed

${assumed()}

## What is not in it

- Taxes, the support plan, and AWS's own discounts (savings plans, private prices, credits of a new account).
- Free allowances, but for CloudFront's; that one is the account's, so two environments share what each is given here.
- CPU credits that nodes of the t family spend above their baseline, and spot prices above the mean.
- Data that pods send out to the internet, retried uploads, and attacks that pass for visitors.
- The state bucket, e-mails of SNS, scheduled rules and DNS queries: cents. An own domain: its yearly fee.
- Images: Docker Hub's plan, or ECR's storage. Infracost, GitHub's minutes, and everybody's time.
- Backups beyond the size of the database, and snapshots kept after a destroy.

## Prices

us-east-1, without tax, put together on ${pricesReadOn}. AWS's live pages could not be reached: a verified price was read in the
copy that is named beside it, with that copy's own date where it has one. The link is where to look again.

${notVerified()}

${sourced()}
`;
}

function introduction(): string {
  const price = (design: keyof typeof designs) => usd(total(designs[design](everyday)));
  const inPortuguese = (design: keyof typeof designs) => price(design).replace('$', 'US$ ').replace(',', '.');
  return `**Em português.** Com o tráfego de todo dia (um milhão de requisições por mês), \`dev\` custa cerca de ${inPortuguese('dev')} por
mês e \`prd\`, ${inPortuguese('prd')}. O desenho da semente, com o MySQL 8.0 em suporte estendido, custaria ${inPortuguese("seed's, MySQL 8.0")}; o mesmo sistema em
Fargate, a partir de ${inPortuguese('Fargate as dev')}; sem servidores, a partir de ${inPortuguese('serverless as dev')}. Quase tudo é preço fixo do cluster: dez vezes o
tráfego muda pouco. São preços de lista da AWS em us-east-1, em dólares, sem impostos.

**In English.** At the everyday traffic (a million requests a month) \`dev\` costs about ${price('dev')} a month and \`prd\` ${price('prd')}. The
seed's design, with MySQL 8.0 in extended support, would cost ${price("seed's, MySQL 8.0")}; the same system on Fargate from ${price('Fargate as dev')}; without
servers from ${price('serverless as dev')}. Nearly all of it is the fixed price of a cluster: ten times the traffic changes little. Why a cluster
all the same: [decision 0001](decisions/0001-eks-although-dearer.md).`;
}

function byPart(): string {
  const bills = Object.values(designs).map((bill) => bill(everyday));
  const parts = Object.entries(partNames) as [Part, string][];
  return table(
    ['Part', ...Object.keys(designs)],
    [
      ...parts.map(([part, name]) => [name, ...bills.map((bill: Bill) => cell(bill[part] ?? 0))]),
      ['**Together**', ...bills.map((bill) => `**${usd(total(bill))}**`)],
    ],
  );
}

function byTraffic(): string {
  return table(
    ['Design', ...factors.map((factor) => `${factor}×`)],
    Object.entries(designs).map(([name, bill]) => [name, ...factors.map((factor) => usd(total(bill(times(factor)))))]),
  );
}

function aboutTraffic(): string {
  const most = times(100);
  const larger: Environment = { ...prd, database: { ...prd.database, instanceClass: 'db.t4g.medium' } };
  return `At 100× the busiest second has about ${Math.round(peakRequests(most))} requests, which the nodes of \`prd\` still carry by the assumption below, and
CloudFront's own price (${usd(total({ edge: estimate(prd, most).edge ?? 0 }))}) is the same in every design. What would have to grow first is the database: a
\`db.t4g.medium\` makes \`prd\` ${usd(costDifference(prd, larger))} dearer. Logs make the designs on CloudWatch dear as they grow; SigNoz keeps them for the price of its
node, up to what that node can take in.`;
}

function savings(): string {
  const saved = (environment: Environment, apply: (environment: Environment) => Environment) =>
    cell(-costDifference(environment, apply(environment)));
  return table(
    ['Choice', 'dev saves', 'prd saves', 'What is given up'],
    switches.map(({ choice, givenUp, apply }) => [choice, saved(dev, apply), saved(prd, apply), givenUp]),
  );
}

const thriftyDev = (): Environment =>
  switches.filter(({ forTrials }) => forTrials).reduce((environment, { apply }) => apply(environment), dev);

function assumed(): string {
  const a = assumptions;
  const lines = [
    `A month has ${hours} hours; who sleeps at night works ${workingHours} of them (twelve hours, five days a week).`,
    `1×: ${everyday.requests.toLocaleString('en')} requests, ${everyday.deliveredGigabytes} GB of answers and ${everyday.logGigabytes} GB of logs a month. The busiest second has ${a.peak} times the average.`,
    `A node of two vCPUs carries ${a.requestsPerNode} requests a second without spending CPU credits, a Fargate task ${a.requestsPerTask}; neither was measured on AWS.`,
    `Of the requests, ${a.apiShare * 100} % reach the API. One in Lambda takes ${a.lambdaSeconds * 1000} ms with ${a.lambdaGigabytes * 1024} MB.`,
    `A Fargate task has ${a.taskCpu} vCPU and ${a.taskGigabytes} GB; each application has at least ${a.tasksAtLeast}.`,
    `Each node fetches ${a.natGigabytesPerNode} GB a month through NAT.`,
    `Each log type of the control plane writes ${a.controlPlaneLogGigabytes} GB a month, flow logs ${a.flowLogGigabytes} GB.`,
    `${counts.alarms} alarms, one dashboard, ${counts.healthChecks} health checks; WAF with ${counts.firewallRules} rules.`,
    `The seed's cluster is in standard support (extended support adds ${usd(hours * prices.clusterExtendedSupport.usd)}), its SigNoz has ${a.seedVolumeGigabytes} GB, and it has no alarms, budget or firewall.`,
    'Spot nodes cost the mean of their types. A VPC origin of CloudFront is free of charge (not verified).',
  ];
  return lines.map((line) => `- ${line}`).join('\n');
}

function notVerified(): string {
  const open = priceList.filter(({ verified }) => !verified);
  const names = open.map(({ what, source }) => `- ${what}: ${source}`);
  return `**${open.length} of ${priceList.length} could not be verified** by ${pricesReadOn}:\n\n${names.join('\n')}`;
}

function sourced(): string {
  return table(
    ['Price', 'USD', 'for each', 'Verified', 'Read in'],
    priceList.map(({ what, usd: amount, per, page, verified, source }) => [
      `[${what}](${page})`,
      `${amount}`,
      per,
      verified ? 'yes' : '**no**',
      source,
    ]),
  );
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

const usd = (amount: number): string => `$${Math.round(amount).toLocaleString('en')}`;

function cell(amount: number): string {
  if (amount === 0) return '—';
  return amount < 1 ? 'under $1' : usd(amount);
}
