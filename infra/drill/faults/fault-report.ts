/** A drill's report for people. */
import { duration } from 'command-line';
import { texts } from '../../command-texts.ts';
import { inBoth } from '../../rehearse/terminal.ts';
import type { FaultReport } from './fault-drill.ts';
import type { Requests } from './probe.ts';
import { parts } from './state.ts';

const text = texts.faults.report;

/** A table of the requests and, if somebody waited for it, when each part was back. */
export function tableOf({ back, requests, steps }: FaultReport): string {
  const heads = [text.request, text.sent, text.failed, text.first, text.last, text.gap, text.answers];
  const waited = steps.some(({ name }) => name === 'recover');
  const returns = parts.map((part) => {
    const seconds = back[part];
    return [inBoth(text.parts[part]), seconds === undefined ? inBoth(text.never) : duration(seconds)];
  });
  return [
    // Both languages in one line would be too wide for a terminal.
    ...aligned([heads.map(({ pt }) => pt), heads.map(({ en }) => en), ...requests.map(rowOf)]),
    ...(waited ? ['', ...aligned([['', inBoth(text.back)], ...returns])] : []),
  ].join('\n');
}

/** Whether it passed, and why not. */
export function summaryOf({ environment, fault, passed, problem, requests }: FaultReport): string {
  const sum = (of: (one: Requests) => number) => requests.reduce((all, one) => all + of(one), 0);
  const [failed, sent] = [sum((one) => one.failed), sum((one) => one.sent)];
  if (problem !== undefined) return text.ended(fault, environment, problem);
  return passed ? text.passed(fault, environment, sent) : text.failedRequests(fault, environment, failed, sent);
}

function rowOf({ failed, failures, first, last, longestGap, request, sent }: Requests): string[] {
  const byStatus = Map.groupBy(failures, ({ status }) => status ?? inBoth(text.none));
  const answers = [...byStatus].map(([status, { length }]) => `${status}: ${length}`).join(', ');
  const gap = failed === 0 ? '–' : duration(longestGap);
  return [request, `${sent}`, `${failed}`, timeOf(first), timeOf(last), gap, answers || '–'];
}

/** The time of the day, UTC. The report file has the date. */
const timeOf = (time: string | undefined): string => (time === undefined ? '–' : `${time.slice(11, 19)}Z`);

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
