import { paths } from 'contract';
import type { Application } from 'platform';
import { teamName } from '../constructs/alerting/alarm-texts.ts';
import type { Dashboard } from '../functions/signoz/src/definitions.ts';
import { badShare, failed, type Objective, objectives, sumFails, sumSlow, sums } from './objectives.ts';
import { type DashboardProps as Definition, type Panel, toDashboard } from './panels.ts';
import { usedShare } from './rules.ts';
import {
  apiMetrics as api,
  attributes,
  type Condition,
  clusterMetrics as cluster,
  is,
  labels,
  ofApplications,
  select,
  selectPart,
} from './telemetry.ts';

export interface DashboardProps {
  readonly applications: readonly Pick<Application, 'name' | 'team'>[];
  /** All teams, in the order in which they are shown. */
  readonly teams: readonly string[];
  /** E-mail addresses by team. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
}

/** All dashboards of an environment. */
export function dashboardsOf(props: DashboardProps): Dashboard[] {
  return [overview(props), ofApi, ofSite, ofDatabase, ofCluster, ofCosts].map(toDashboard);
}

/** PromQL: percentage of sums that were good. Without sums there is no line. */
const goodPercent = (of: Objective, window: string) => `100 * (1 - (${badShare(of, window)} or 0 * ${of.all(window)}))`;
/** PromQL: events a minute. */
const perMinute = (selector: string) => `sum(increase(${selector}[5m])) / 5`;
const quantile = (share: number, metric: string, conditions: readonly Condition[] = []) =>
  `histogram_quantile(${share}, sum by (le) (rate(${selectPart(metric, 'bucket', conditions)}[5m])))`;
const or0 = (query: string) => `${query} or vector(0)`;

/** As the query builder writes conditions. */
const isSum = `${labels.method} = 'POST' AND ${labels.route} = '${paths.sum}'`;
const hasFailed = `${isSum} AND ${labels.status} LIKE '5%'`;
const requests = `${api.requests}.count`;
const visitorSums = `${api.siteSums}.count`;

/** For people without technical knowledge: are people served, since when not, how many are hit, whom to call. */
const overview = ({ addresses, teams }: DashboardProps): Definition => ({
  id: 'overview',
  title: { pt: 'Visão geral', en: 'Overview' },
  about: {
    pt: 'As pessoas estão sendo atendidas? Desde quando não? Quantas são afetadas? Quem chamar? Vermelho: chame o time da API.',
    en: 'Are people served? Since when not? How many are hit? Whom to call? Red: call the API team.',
  },
  panels: [
    { kind: 'heading', title: { pt: 'As pessoas estão sendo atendidas?', en: 'Are people served?' } },
    {
      kind: 'figure',
      title: { pt: 'Contas com resultado, última hora', en: 'Sums with a result, last hour' },
      about: { pt: 'De cada 100 contas, quantas deram certo.', en: 'Of 100 sums, how many worked.' },
      counts: [
        { metric: requests, filter: isSum },
        { metric: requests, filter: hasFailed },
      ],
      formula: '100 * (A - B) / A',
      unit: 'percent',
      limit: { value: sumFails.target * 100, isMinimum: true },
    },
    {
      kind: 'figure',
      title: { pt: 'Contas pedidas, última hora', en: 'Sums asked for, last hour' },
      about: { pt: 'Zero durante o dia: ninguém chega até a API.', en: 'Zero by day: nobody reaches the API.' },
      counts: [{ metric: requests, filter: isSum }],
      formula: 'A',
    },
    {
      kind: 'figure',
      title: { pt: 'Contas com erro, última hora', en: 'Failed sums, last hour' },
      about: { pt: 'Quantas vezes alguém recebeu um erro.', en: 'How often somebody got an error.' },
      counts: [{ metric: requests, filter: hasFailed }],
      formula: 'A',
    },
    {
      kind: 'figure',
      title: { pt: 'Erros vistos no navegador, última hora', en: 'Errors seen in browsers, last hour' },
      about: {
        pt: 'Contado pelo site, também quando a API não recebe o pedido.',
        en: 'Counted by the site, also if the API does not get the request.',
      },
      counts: [{ metric: visitorSums, filter: `${labels.outcome} NOT IN ('ok', 'slow', 'refused')` }],
      formula: 'A',
    },
    { kind: 'heading', title: { pt: 'Desde quando?', en: 'Since when?' } },
    {
      kind: 'graph',
      title: { pt: 'Contas com resultado, %', en: 'Sums with a result, %' },
      about: {
        pt: 'Onde a linha cai abaixo da vermelha, o problema começou. Sem linha: ninguém pediu contas.',
        en: 'Where the line falls below the red one, the problem began. No line: nobody asked for a sum.',
      },
      lines: [{ query: goodPercent(sumFails, '5m'), legend: '%' }],
      unit: 'percent',
      limit: { value: sumFails.target * 100, isMinimum: true },
    },
    {
      kind: 'graph',
      title: { pt: 'Contas com resultado em um segundo, %', en: 'Sums with a result within a second, %' },
      about: { pt: 'Onde a linha cai, as pessoas esperam.', en: 'Where the line falls, people wait.' },
      lines: [{ query: goodPercent(sumSlow, '5m'), legend: '%' }],
      unit: 'percent',
      limit: { value: sumSlow.target * 100, isMinimum: true },
    },
    {
      kind: 'graph',
      title: { pt: 'Contas por minuto', en: 'Sums a minute' },
      about: { pt: 'Quantas pessoas são afetadas.', en: 'How many people are hit.' },
      lines: [
        { query: perMinute(selectPart(api.requests, 'count', sums)), legend: 'todas · all' },
        { query: or0(perMinute(selectPart(api.requests, 'count', [...sums, failed]))), legend: 'com erro · failed' },
      ],
    },
    ...teams.map((team): Panel => {
      const name = teamName(team);
      const reach = addresses[team]?.join(', ') ?? '';
      return {
        kind: 'heading',
        title: {
          pt: `Quem chamar: ${name.pt}${reach && ` (${reach})`}`,
          en: `Whom to call: ${name.en}`,
        },
      };
    }),
  ],
});

const ofApi: Definition = {
  id: 'api',
  title: { pt: 'API', en: 'API' },
  about: { pt: 'Pedidos, erros, tempo e memória da API.', en: 'Requests, errors, time and memory of the API.' },
  panels: [
    ...objectives.map((one): Panel => {
      const isFailure = one.id === 'sum-fails';
      return {
        kind: 'graph',
        title: isFailure
          ? { pt: 'Ritmo de gasto da margem: erros', en: 'Burn rate: errors' }
          : { pt: 'Ritmo de gasto da margem: lentidão', en: 'Burn rate: slow sums' },
        about: {
          pt: 'Acima de 1, a margem de 30 dias acaba antes do fim. Veja docs/slo.pt-BR.md.',
          en: 'Above 1, the budget of 30 days ends early. See docs/slo.md.',
        },
        lines: ['5m', '1h', '6h'].map((window) => ({
          query: `(${badShare(one, window)} or 0 * ${one.all(window)}) / ${Number((1 - one.target).toPrecision(6))}`,
          legend: window,
        })),
        limit: { value: 1 },
      };
    }),
    {
      kind: 'graph',
      title: { pt: 'Pedidos por minuto, por rota e resposta', en: 'Requests a minute, by route and status' },
      about: { pt: 'Todos os pedidos que chegaram a uma rota.', en: 'All requests that reached a route.' },
      lines: [
        {
          query: `sum by (${labels.route}, ${labels.status}) (increase(${selectPart(api.requests, 'count')}[5m])) / 5`,
          legend: `{{${labels.route}}} {{${labels.status}}}`,
        },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Tempo de uma conta', en: 'Time of a sum' },
      about: { pt: 'Metade, 95 e 99 de cada 100 são mais rápidas.', en: 'Half, 95 and 99 of 100 are faster.' },
      lines: [0.5, 0.95, 0.99].map((share) => ({
        query: quantile(share, api.requests, sums),
        legend: `p${share * 100}`,
      })),
      unit: 's',
    },
    {
      kind: 'graph',
      title: { pt: 'Pedidos recusados antes de uma rota, por minuto', en: 'Requests refused before a route, a minute' },
      about: { pt: 'Pedidos malformados ou lentos demais.', en: 'Malformed requests, or too slow ones.' },
      lines: [
        {
          query: `sum by (${labels.reason}) (increase(${select(api.refused)}[5m])) / 5`,
          legend: `{{${labels.reason}}}`,
        },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Memória por cópia', en: 'Memory of each copy' },
      about: { pt: 'O limite de uma cópia é 256 MiB.', en: 'The limit of a copy is 256 MiB.' },
      lines: [{ query: `max by (k8s_pod_name) (${select(api.memory)})`, legend: '{{k8s_pod_name}}' }],
      unit: 'bytes',
      limit: { value: 256 * 1024 ** 2 },
    },
    {
      kind: 'graph',
      title: { pt: 'Processador por cópia', en: 'Processor of each copy' },
      about: { pt: 'Uma cópia usa no máximo cerca de 1.', en: 'A copy uses about 1 at most.' },
      lines: [{ query: `sum by (k8s_pod_name) (rate(${select(api.processorTime)}[5m]))`, legend: '{{k8s_pod_name}}' }],
    },
    {
      kind: 'graph',
      title: { pt: 'O que falta nos rastros, por minuto', en: 'What is missing from the traces, a minute' },
      about: { pt: 'Rastros além do limite, e trechos perdidos.', en: 'Traces beyond the limit, and lost spans.' },
      lines: [
        { query: perMinute(select(api.tracesLimited)), legend: 'além do limite · beyond the limit' },
        { query: perMinute(select(api.spansDropped)), legend: 'perdidos · lost' },
      ],
    },
  ],
};

const ofSite: Definition = {
  id: 'site',
  title: { pt: 'Site', en: 'Site' },
  about: {
    pt: 'Como as pessoas vivem o site, medido no navegador: uma visita em dez, e toda conta que falha ou demora.',
    en: 'How people experience the site, measured in browsers: one visit in ten, and every failed or slow sum.',
  },
  panels: [
    {
      kind: 'graph',
      title: { pt: 'Tempo até a página aparecer', en: 'Time until the page appears' },
      about: { pt: 'Metade e 95 de cada 100 são mais rápidas.', en: 'Half and 95 of 100 are faster.' },
      lines: [0.5, 0.95].map((share) => ({ query: quantile(share, api.siteLoad), legend: `p${share * 100}` })),
      unit: 's',
    },
    {
      kind: 'graph',
      title: { pt: 'Contas que falharam ou demoraram, por minuto', en: 'Failed or slow sums, a minute' },
      about: {
        pt: 'Por motivo. Qualquer um pode enviar relatos falsos: confira com a API.',
        en: 'By reason. Anybody can send false reports: compare with the API.',
      },
      lines: [
        {
          query: `sum by (${labels.outcome}) (increase(${selectPart(api.siteSums, 'count', [`"${labels.outcome}"!="ok"`])}[5m])) / 5`,
          legend: `{{${labels.outcome}}}`,
        },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Tempo de uma conta, no navegador', en: 'Time of a sum, in browsers' },
      about: { pt: 'Com a rede. Só as que deram certo.', en: 'With the network. Only those that worked.' },
      lines: [0.5, 0.95].map((share) => ({
        query: quantile(share, api.siteSums, [is(labels.outcome, 'ok')]),
        legend: `p${share * 100}`,
      })),
      unit: 's',
    },
    {
      kind: 'graph',
      title: { pt: 'Relatos não lidos, por minuto', en: 'Reports not read, a minute' },
      about: { pt: 'Além do limite por segundo.', en: 'Beyond the limit for a second.' },
      lines: [{ query: perMinute(select(api.siteReportsDropped)), legend: 'relatos · reports' }],
    },
  ],
};

const ofDatabase: Definition = {
  id: 'database',
  title: { pt: 'Banco de dados', en: 'Database' },
  about: {
    pt: 'O banco visto pela API. Processador, disco e conexões do próprio banco estão no CloudWatch.',
    en: "The database as the API sees it. The server's own processor, disk and connections are in CloudWatch.",
  },
  panels: [
    {
      kind: 'graph',
      title: { pt: 'Conexões da API', en: "The API's connections" },
      about: { pt: 'Em uso, livres, e o máximo.', en: 'Used, idle, and the maximum.' },
      lines: [
        {
          query: `sum by (${labels.connectionState}) (${select(api.connections)})`,
          legend: `{{${labels.connectionState}}}`,
        },
        { query: `sum(${select(api.connectionLimit)})`, legend: 'máximo · maximum' },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Quem espera', en: 'What waits' },
      about: {
        pt: 'Pedidos à espera de uma conexão, e contas à espera de serem guardadas.',
        en: 'Requests that wait for a connection, and sums that wait to be stored.',
      },
      lines: [
        { query: `sum(${select(api.waitingForConnection)})`, legend: 'conexão · connection' },
        { query: `sum(${select(api.waitingToBeStored)})`, legend: 'contas · sums' },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Contas guardadas por minuto', en: 'Sums stored a minute' },
      about: { pt: 'Cai a zero se o banco não responde.', en: 'Falls to zero if the database does not answer.' },
      lines: [{ query: perMinute(select(api.stored)), legend: 'contas · sums' }],
    },
  ],
};

const share = (used: string, of: string) => `100 * sum(${select(used)}) / sum(${select(of)})`;

const ofCluster: Definition = {
  id: 'cluster',
  title: { pt: 'Cluster', en: 'Cluster' },
  about: { pt: 'Máquinas, cópias das aplicações e discos.', en: 'Nodes, copies of the applications and disks.' },
  panels: [
    {
      kind: 'graph',
      title: { pt: 'Máquinas', en: 'Nodes' },
      about: { pt: 'Prontas, e todas.', en: 'Ready, and all.' },
      lines: [
        { query: or0(`count(${select(cluster.nodeReady)} == 1)`), legend: 'prontas · ready' },
        { query: `count(${select(cluster.nodeReady)})`, legend: 'todas · all' },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Cópias de cada aplicação', en: 'Copies of each application' },
      about: { pt: 'As que funcionam, e as desejadas.', en: 'Those that work, and those wanted.' },
      lines: [
        {
          query: `max by ("${attributes.deployment}") (${select(cluster.available, ofApplications)})`,
          legend: `{{${attributes.deployment}}}`,
        },
        {
          query: `max by ("${attributes.deployment}") (${select(cluster.desired, ofApplications)})`,
          legend: `{{${attributes.deployment}}} desejadas · wanted`,
        },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Reinícios nos últimos 15 minutos', en: 'Restarts in the last 15 minutes' },
      about: { pt: 'De cada aplicação.', en: 'Of each application.' },
      lines: [
        {
          query:
            `max by ("${attributes.container}") (max_over_time(${select(cluster.restarts, ofApplications)}[15m]) - ` +
            `min_over_time(${select(cluster.restarts, ofApplications)}[15m]))`,
          legend: `{{${attributes.container}}}`,
        },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Discos do SigNoz, em uso', en: "SigNoz's disks, used" },
      about: { pt: 'Acima de 80 %, aumente.', en: 'Above 80 %, enlarge.' },
      lines: [{ query: `100 * (${usedShare()})`, legend: `{{${attributes.claim}}}` }],
      unit: 'percent',
      limit: { value: 80 },
    },
    {
      kind: 'graph',
      title: { pt: 'Processador de cada máquina', en: 'Processor of each node' },
      about: { pt: 'Em processadores.', en: 'In processors.' },
      lines: [
        {
          query: `max by ("${attributes.node}") (${select(cluster.nodeProcessor)})`,
          legend: `{{${attributes.node}}}`,
        },
      ],
    },
    {
      kind: 'graph',
      title: { pt: 'Memória de cada máquina', en: 'Memory of each node' },
      about: { pt: 'O que não pode ser liberado.', en: 'What cannot be freed.' },
      lines: [
        { query: `max by ("${attributes.node}") (${select(cluster.nodeMemory)})`, legend: `{{${attributes.node}}}` },
      ],
      unit: 'bytes',
    },
  ],
};

/** What drives the bill. The bill itself is only at AWS. */
const ofCosts: Definition = {
  id: 'costs',
  title: { pt: 'Custos', en: 'Costs' },
  about: {
    pt: 'O que faz a conta crescer. O valor em dólares está no painel "Quem chamar" do CloudWatch e em docs/costs.md.',
    en: 'What makes the bill grow. The amount is on the CloudWatch dashboard "Quem chamar" and in docs/costs.md.',
  },
  panels: [
    {
      kind: 'graph',
      title: { pt: 'Máquinas pagas', en: 'Nodes paid for' },
      about: { pt: 'Cada uma custa por hora.', en: 'Each costs by the hour.' },
      lines: [{ query: `count(${select(cluster.nodeReady)})`, legend: 'máquinas · nodes' }],
    },
    {
      kind: 'graph',
      title: { pt: 'Processador: reservado e usado, %', en: 'Processor: reserved and used, %' },
      about: {
        pt: 'Do que é pago. Reserva muito acima do uso pede máquinas a mais.',
        en: 'Of what is paid for. Reservations far above the use need nodes too many.',
      },
      lines: [
        { query: share(cluster.requestedProcessor, cluster.allocatableProcessor), legend: 'reservado · reserved' },
        { query: share(cluster.nodeProcessor, cluster.allocatableProcessor), legend: 'usado · used' },
      ],
      unit: 'percent',
    },
    {
      kind: 'graph',
      title: { pt: 'Memória: reservada e usada, %', en: 'Memory: reserved and used, %' },
      about: { pt: 'Do que é pago.', en: 'Of what is paid for.' },
      lines: [
        { query: share(cluster.requestedMemory, cluster.allocatableMemory), legend: 'reservada · reserved' },
        { query: share(cluster.nodeMemory, cluster.allocatableMemory), legend: 'usada · used' },
      ],
      unit: 'percent',
    },
    {
      kind: 'graph',
      title: { pt: 'Pedidos por minuto', en: 'Requests a minute' },
      about: {
        pt: 'CloudFront e o balanceador cobram por pedido.',
        en: 'CloudFront and the load balancer charge by request.',
      },
      lines: [{ query: perMinute(selectPart(api.requests, 'count')), legend: 'API' }],
    },
  ],
};
