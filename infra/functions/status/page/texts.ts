import type { Language, State } from '../src/figures.ts';

const pt = {
  locale: 'pt-BR',
  headline: {
    works: 'Tudo funciona',
    disturbed: 'Funciona com problemas',
    unknown: 'Sem medição',
    out: 'Há algo fora do ar',
  } satisfies Record<State, string>,
  state: {
    works: 'Funciona',
    disturbed: 'Com problemas',
    unknown: 'Sem medição',
    out: 'Fora do ar',
  } satisfies Record<State, string>,
  never: 'Ainda não há nenhuma medição.',
  notMeasuredSince: (time: string) => `Sem medição desde ${time}: não se sabe o estado atual.`,
  callForMeasurement: 'Chame: time de infraestrutura',
  measuredAt: (time: string) => `Medido às ${time}. A página se atualiza sozinha.`,
  since: (time: string) => `desde ${time}`,
  call: (team: string) => `Chame: ${team}`,
  history: (days: number, outage: string, bad: number) =>
    bad === 0
      ? `Últimos ${days} dias: nenhuma interrupção.`
      : `Últimos ${days} dias: ${outage} fora do ar, em ${bad} ${bad === 1 ? 'dia' : 'dias'}.`,
  daysAgo: (days: number) => `há ${days} dias`,
  today: 'hoje',
  noData: 'sem medição',
  duration,
  incidents: 'Avisos',
  ongoing: 'em andamento',
  period: (since: string, until: string) => `${since} a ${until}`,
};

/** All texts of the page, by language. */
export const texts: Record<Language, typeof pt> = {
  pt,
  en: {
    locale: 'en-GB',
    headline: {
      works: 'Everything works',
      disturbed: 'Works, with problems',
      unknown: 'Not measured',
      out: 'Something is down',
    },
    state: { works: 'Works', disturbed: 'Has problems', unknown: 'Not measured', out: 'Down' },
    never: 'There is no measurement yet.',
    notMeasuredSince: (time) => `Not measured since ${time}: the current state is not known.`,
    callForMeasurement: 'Call: infrastructure team',
    measuredAt: (time) => `Measured at ${time}. This page refreshes by itself.`,
    since: (time) => `since ${time}`,
    call: (team) => `Call: ${team}`,
    history: (days, outage, bad) =>
      bad === 0
        ? `Last ${days} days: no outage.`
        : `Last ${days} days: down for ${outage}, on ${bad} ${bad === 1 ? 'day' : 'days'}.`,
    daysAgo: (days) => `${days} days ago`,
    today: 'today',
    noData: 'not measured',
    duration,
    incidents: 'Notices',
    ongoing: 'ongoing',
    period: (since, until) => `${since} to ${until}`,
  },
};

/** Such as `3 h 12 min`. */
function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return [...(hours > 0 ? [`${hours} h`] : []), ...(minutes % 60 > 0 ? [`${minutes % 60} min`] : [])].join(' ');
}
