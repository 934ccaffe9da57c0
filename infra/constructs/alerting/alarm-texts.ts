/** What alarms say to people: Portuguese first, English beside it. `docs/runbooks/<kind>.md` says what to do about each. */

export interface Text {
  readonly pt: string;
  readonly en: string;
}

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

/** What people call a team. One that has no entry above is called by its own name. */
export const teamName = (team: string): Text => teamNames[team] ?? { pt: `time ${team}`, en: `${team} team` };

/** One entry for each kind of alarm; `subject` is the application that it is about, where it is about one. */
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
      en: `Whoever reaches for ${subject} over the internet gets no answer, or an error.`,
    },
  }),
  'edge-errors': () => ({
    title: { pt: 'Entrada do site: erros', en: 'Entrance: errors' },
    notice: {
      pt: 'Parte das pessoas vê uma página de erro no lugar do site ou da conta.',
      en: 'Some people see an error page in place of the site or of their sum.',
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
      pt: 'Ainda nada; quando o espaço acabar, nenhuma conta poderá ser feita.',
      en: 'Nothing yet; once it is full, no sum can be made.',
    },
  }),
  'database-cpu': () => ({
    title: { pt: 'Banco: sobrecarregado', en: 'Database: overloaded' },
    notice: { pt: 'As contas demoram, e algumas podem falhar.', en: 'Sums take long, and some may fail.' },
  }),
  'database-connections': () => ({
    title: { pt: 'Banco: conexões quase no limite', en: 'Database: connections near the limit' },
    notice: {
      pt: 'Ainda pouco; no limite, contas novas passam a falhar.',
      en: 'Little yet; at the limit, new sums begin to fail.',
    },
  }),
  'nodes-missing': () => ({
    title: { pt: 'Máquinas das aplicações: faltando', en: "Applications' nodes: missing" },
    notice: {
      pt: 'Talvez lentidão; se mais máquinas faltarem, o site e a API param.',
      en: 'Perhaps slowness; if more are lost, the site and the API stop.',
    },
  }),
  'storage-node-missing': () => ({
    title: { pt: 'Máquina do monitoramento: faltando', en: 'Monitoring node: missing' },
    notice: {
      pt: 'As pessoas não notam nada; a equipe de monitoramento fica sem os painéis do SigNoz.',
      en: "Users notice nothing; the monitoring team is without SigNoz's panels.",
    },
  }),
} as const satisfies Record<string, (subject: string) => AlarmText>;

export type AlarmKind = keyof typeof alarmTexts;

/** The description that comes with every e-mail: what users notice, who is called, where to read what to do. */
export function describeAlarm(text: AlarmText, team: string, runbook: string): string {
  const name = teamName(team);
  return [
    `O que as pessoas notam: ${text.notice.pt}`,
    `Quem chamar: ${name.pt}.`,
    `O que fazer: ${runbook}`,
    `(What users notice: ${text.notice.en} Whom to call: ${name.en}.)`,
  ].join('\n');
}

/** For AWS's own notices; `<...>` are filled in by EventBridge. */
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
  requests: { pt: 'Pedidos por minuto', en: 'Requests a minute' },
  errors: { pt: 'Erros por minuto', en: 'Errors a minute' },
  speed: { pt: 'Tempo de resposta, em segundos (99 de cada 100 são mais rápidas)', en: 'Seconds, p99' },
  database: { pt: 'Banco de dados: uso do processador (%) e conexões', en: 'Database: CPU (%) and connections' },
  cost: { pt: 'Custo da conta AWS no mês, em dólares', en: "AWS account's cost this month, USD" },
} as const;

/** Both languages in one title. */
export const both = ({ pt, en }: Text): string => `${pt} · ${en}`;

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
