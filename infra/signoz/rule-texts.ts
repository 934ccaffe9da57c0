/** Texts of SigNoz's rules: Portuguese first, English beside it, as those of the alarms. */
import type { Text } from 'command-line';
import { type AlarmText, onOneLine, teamName } from '../constructs/alerting/alarm-texts.ts';

export interface RuleText extends AlarmText {
  /** How bad it is: whether to act now, and what happens otherwise. */
  readonly severity: Text;
}

const actNow: Text = { pt: 'Grave. Aja agora, a qualquer hora.', en: 'Severe. Act now, at any hour.' };
const actToday: Text = {
  pt: 'Ainda suportável. Aja nas próximas horas.',
  en: 'Still bearable. Act within hours.',
};
const actSoon: Text = { pt: 'Leve. Aja no próximo dia útil.', en: 'Minor. Act on the next working day.' };

/** One entry for each kind of rule. `subject` is the name of the application, or empty. */
export const ruleTexts = {
  'sum-fails-now': () => ({
    title: { pt: 'Contas: muitas falham agora', en: 'Sums: many fail now' },
    notice: {
      pt: 'Muitas pessoas fazem uma conta e recebem erro, neste momento.',
      en: 'Many people ask for a sum and get an error, right now.',
    },
    severity: actNow,
  }),
  'sum-fails-today': () => ({
    title: { pt: 'Contas: algumas falham há horas', en: 'Sums: some have failed for hours' },
    notice: {
      pt: 'Há horas, algumas pessoas recebem erro no lugar do resultado.',
      en: 'For hours, some people have got an error instead of the result.',
    },
    severity: actToday,
  }),
  'sum-fails-often': () => ({
    title: { pt: 'Contas: falham mais do que o prometido', en: 'Sums: fail more often than promised' },
    notice: {
      pt: 'De vez em quando, uma conta falha; em três dias, mais vezes do que o prometido.',
      en: 'Now and then a sum fails; over three days, more often than promised.',
    },
    severity: actSoon,
  }),
  'sum-slow-now': () => ({
    title: { pt: 'Contas: muitas demoram agora', en: 'Sums: many are slow now' },
    notice: {
      pt: 'Muitas pessoas esperam mais de um segundo pelo resultado, neste momento.',
      en: 'Many people wait longer than a second for the result, right now.',
    },
    severity: actNow,
  }),
  'sum-slow-today': () => ({
    title: { pt: 'Contas: algumas demoram há horas', en: 'Sums: some have been slow for hours' },
    notice: {
      pt: 'Há horas, algumas pessoas esperam mais de um segundo pelo resultado.',
      en: 'For hours, some people have waited longer than a second for the result.',
    },
    severity: actToday,
  }),
  'sum-slow-often': () => ({
    title: { pt: 'Contas: demoram mais do que o prometido', en: 'Sums: slow more often than promised' },
    notice: {
      pt: 'De vez em quando, uma conta demora; em três dias, mais vezes do que o prometido.',
      en: 'Now and then a sum is slow; over three days, more often than promised.',
    },
    severity: actSoon,
  }),
  'database-waits': () => ({
    title: { pt: 'Banco: contas esperam por uma conexão', en: 'Database: sums wait for a connection' },
    notice: {
      pt: 'Os resultados demoram, e se a espera crescer as contas falham.',
      en: 'Results take long, and if the wait grows, sums fail.',
    },
    severity: actToday,
  }),
  'application-restarts': (subject) => ({
    title: { pt: `${subject}: reinicia sem parar`, en: `${subject}: keeps restarting` },
    notice: {
      pt: `Por enquanto, pouco; se todas as cópias de ${subject} reiniciarem, ninguém consegue usar.`,
      en: `Little yet; if all copies of ${subject} restart, nobody can use it.`,
    },
    severity: actToday,
  }),
  'node-not-ready': () => ({
    title: { pt: 'Máquina do cluster: não responde', en: 'Node of the cluster: does not respond' },
    notice: {
      pt: 'Por enquanto, nada; o que rodava na máquina passou para outras, ou espera por lugar.',
      en: 'Nothing yet; what ran on the node has moved to others, or waits for room.',
    },
    severity: actToday,
  }),
  'signoz-volume': () => ({
    title: { pt: 'Monitoramento: disco quase cheio', en: 'Monitoring: disk almost full' },
    notice: {
      pt: 'As pessoas não notam nada; quando o disco encher, os painéis e estes avisos param.',
      en: 'Users notice nothing; once the disk is full, the panels and these alerts stop.',
    },
    severity: actSoon,
  }),
  'telemetry-missing': () => ({
    title: { pt: 'Monitoramento: sem dados da API', en: 'Monitoring: no data from the API' },
    notice: {
      pt: 'As pessoas não notam nada; mas o SigNoz não vê se as contas funcionam, e não avisa.',
      en: 'Users notice nothing; but SigNoz does not see whether sums work, and does not alert.',
    },
    severity: actSoon,
  }),
} as const satisfies Record<string, (subject: string) => RuleText>;

export type RuleKind = keyof typeof ruleTexts;

/**
 * The text of every alert: what people notice, how bad it is, whom to call, and the runbook.
 *
 * @param hasValue whether the rule's value says something to people. SigNoz fills it in, with its unit.
 */
export function describeRule(text: RuleText, team: string, runbook: string, hasValue: boolean): string {
  const name = teamName(team);
  return [
    `O que as pessoas notam: ${text.notice.pt}`,
    `Quão grave: ${text.severity.pt}${hasValue ? ' Medido (measured): {{$value}}.' : ''}`,
    `Quem chamar: ${name.pt}.`,
    `O que fazer: ${runbook}`,
    `(What users notice: ${text.notice.en} How bad: ${text.severity.en} Whom to call: ${name.en}.)`,
  ].join('\n');
}

export const titleOf = ({ title }: RuleText): string => onOneLine(title);
