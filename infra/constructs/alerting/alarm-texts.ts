/** Texts of the alarms: Portuguese first, English beside it. Each kind has a runbook, `docs/runbooks/<kind>.md`. */
import type { Text } from 'command-line';

export interface AlarmText {
  /** A few words for the dashboard. */
  readonly title: Text;
  /** What users notice, one sentence without technical words. */
  readonly notice: Text;
}

const teamNames: Readonly<Record<string, Text>> = {
  api: { pt: 'time da API', en: 'API team' },
  site: { pt: 'time do site', en: 'site team' },
  infrastructure: { pt: 'time de infraestrutura', en: 'infrastructure team' },
};

/** Display name of a team. A team without an entry above is shown by its identifier. */
export const teamName = (team: string): Text => teamNames[team] ?? { pt: `time ${team}`, en: `${team} team` };

/** One entry per kind of alarm. `subject` is the name of the application or of the NAT instance, or empty. */
export const alarmTexts = {
  'application-errors': (subject) => ({
    title: { pt: `${subject}: responde com erro`, en: `${subject}: answers with errors` },
    notice: {
      pt: `Parte das pessoas recebe uma mensagem de erro de ${subject}.`,
      en: `Some people get an error from ${subject}.`,
    },
  }),
  'application-slow': (subject) => ({
    title: { pt: `${subject}: lenta`, en: `${subject}: slow` },
    notice: {
      pt: `Algumas pessoas esperam mais de um segundo por ${subject}.`,
      en: `Some people wait longer than a second for ${subject}.`,
    },
  }),
  'application-down': (subject) => ({
    title: { pt: `${subject}: parada`, en: `${subject}: down` },
    notice: { pt: `Ninguém consegue usar ${subject}.`, en: `Nobody can use ${subject}.` },
  }),
  'application-unreachable': (subject) => ({
    title: { pt: `${subject}: sem resposta na internet`, en: `${subject}: no answer on the internet` },
    notice: {
      pt: `Quem acessa ${subject} pela internet não recebe resposta, ou recebe erro.`,
      en: `People who open ${subject} over the internet get no answer, or an error.`,
    },
  }),
  'edge-errors': () => ({
    title: { pt: 'Entrada do site: erros', en: 'Entrance: errors' },
    notice: {
      pt: 'Parte das pessoas vê uma página de erro em vez do site ou do resultado da conta.',
      en: 'Some people see an error page instead of the site or the result of their sum.',
    },
  }),
  'load-balancer-errors': () => ({
    title: { pt: 'Balanceador: erros', en: 'Load balancer: errors' },
    notice: {
      pt: 'Parte dos pedidos falha antes de chegar às aplicações, e as pessoas veem erro.',
      en: 'Some requests fail before they reach the applications, and people see an error.',
    },
  }),
  'database-storage': () => ({
    title: { pt: 'Banco: quase sem espaço', en: 'Database: almost full' },
    notice: {
      pt: 'Por enquanto, nada; quando o espaço acabar, ninguém poderá fazer contas.',
      en: 'Nothing yet; once it is full, nobody can add numbers.',
    },
  }),
  'database-cpu': () => ({
    title: { pt: 'Banco: sobrecarregado', en: 'Database: overloaded' },
    notice: { pt: 'As contas demoram, e algumas podem falhar.', en: 'Sums take long, and some may fail.' },
  }),
  'database-connections': () => ({
    title: { pt: 'Banco: conexões quase no limite', en: 'Database: connections near the limit' },
    notice: {
      pt: 'Por enquanto, quase nada; ao atingir o limite, novas contas começam a falhar.',
      en: 'Almost nothing yet; at the limit, new sums start to fail.',
    },
  }),
  'database-logins': () => ({
    title: { pt: 'Banco: troca de senha falhou', en: 'Database: password rotation failed' },
    notice: {
      pt: 'Nada: as senhas atuais continuam válidas. Uma aplicação nova espera pelo seu banco.',
      en: 'Nothing: the current passwords stay valid. A new application waits for its database.',
    },
  }),
  'status-page': () => ({
    title: { pt: 'Página de status: parada', en: 'Status page: not written' },
    notice: {
      pt: 'O site funciona, mas a página de status não é mais atualizada: ela diz desde quando não há medição.',
      en: 'The site works, but the status page is no longer updated: it says since when nothing was measured.',
    },
  }),
  'controller-away': () => ({
    title: { pt: 'Cluster: não cria pods das aplicações', en: 'Cluster: cannot create pods of the applications' },
    notice: {
      pt: 'Por enquanto, nada; mas publicações falham, e o que parar de funcionar não é substituído.',
      en: 'Nothing yet; but releases fail, and whatever stops working is not replaced.',
    },
  }),
  'nodes-missing': () => ({
    title: { pt: 'Máquinas das aplicações: faltando', en: "Applications' nodes: missing" },
    notice: {
      pt: 'Possível lentidão; se mais máquinas faltarem, o site e a API param.',
      en: 'Possibly slow responses; if more nodes are lost, the site and the API stop.',
    },
  }),
  'base-node-missing': () => ({
    title: { pt: 'Máquinas da base: faltando', en: 'Base nodes: missing' },
    notice: {
      pt: 'Por enquanto, nada; se AWS também recolher as máquinas spot, o site e a API param.',
      en: 'Nothing yet; if AWS reclaims the spot nodes as well, the site and the API stop.',
    },
  }),
  'storage-node-missing': () => ({
    title: { pt: 'Máquina do monitoramento: faltando', en: 'Monitoring node: missing' },
    notice: {
      pt: 'As pessoas não notam nada; a equipe de monitoramento fica sem os painéis do SigNoz.',
      en: 'Users notice nothing; the monitoring team has no SigNoz dashboards.',
    },
  }),
  'nat-missing': (subject) => ({
    title: { pt: `Saída para a internet, ${subject}: fora do ar`, en: `Way to the internet, ${subject}: down` },
    notice: {
      pt: 'Por enquanto, nada; publicações falham e máquinas novas não entram no cluster.',
      en: 'Nothing yet; releases fail, and new nodes cannot join the cluster.',
    },
  }),
} as const satisfies Record<string, (subject: string) => AlarmText>;

export type AlarmKind = keyof typeof alarmTexts;

/** The description in every alarm e-mail: what users notice, whom to call, and the runbook. */
export function describeAlarm(text: AlarmText, team: string, runbook: string): string {
  const name = teamName(team);
  return [
    `O que as pessoas notam: ${text.notice.pt}`,
    `Quem chamar: ${name.pt}.`,
    `O que fazer: ${runbook}`,
    `(What users notice: ${text.notice.en} Whom to call: ${name.en}.)`,
  ].join('\n');
}

/** For AWS Health events. EventBridge fills in the `<...>` placeholders. */
export const awsNotice: Text = {
  pt: 'A AWS avisa sobre <service>: <code>, desde <start>. Veja o AWS Health Dashboard.',
  en: 'AWS has a notice about <service>: <code>, since <start>. See the AWS Health Dashboard.',
};

export const dashboardTexts = {
  name: 'quem-chamar',
  intro: {
    pt: '# Quem chamar\nVerde: tudo bem. **Vermelho: chame o time da linha.** Cinza: sem dados, espere dez minutos e chame a infraestrutura.',
    en: 'Green: all is well. Red: call the team of that row. Grey: no data; wait ten minutes, then call infrastructure.',
  },
  call: (team: string, addresses: readonly string[]): Text => ({
    pt: `## ${sentence(teamName(team).pt)}${addresses.length > 0 ? `: ${addresses.join(', ')}` : ''}`,
    en: `Call the ${teamName(team).en}.`,
  }),
  requests: { pt: 'Pedidos por minuto', en: 'Requests per minute' },
  errors: { pt: 'Erros por minuto', en: 'Errors per minute' },
  speed: {
    pt: 'Tempo de resposta, em segundos (99 de cada 100 respostas são mais rápidas)',
    en: 'Response time, p99, seconds',
  },
  database: { pt: 'Banco de dados: uso do processador (%) e conexões', en: 'Database: CPU (%) and connections' },
  cost: { pt: 'Custo da conta AWS no mês, em dólares', en: 'Cost of the AWS account this month, USD' },
} as const;

/** Both languages on one line. */
export const onOneLine = ({ pt, en }: Text): string => `${pt} · ${en}`;

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
