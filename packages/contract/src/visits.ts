/** Milliseconds. A sum that takes longer counts as slow: in the API's log and traces, and in the site's reports. */
export const slow = 1_000;

/** Limits of a report from the site. */
export const visitLimits = {
  /** Bytes of the body. */
  bodyBytes: 4 * 1024,
  /** Sums in one report. */
  sums: 10,
  /** Milliseconds of a page load or a sum, and since a sum began. */
  duration: 600_000,
} as const;

/** Body of `POST /backend/visits`: how long the page and its sums took in a visitor's browser. Nothing personal. */
export interface VisitReport {
  /** When the report was sent: milliseconds since the page was opened, because visitors' clocks are often wrong. */
  readonly time: number;
  /** Milliseconds from the click on a link to the page's load event. */
  readonly load?: number;
  readonly sums: readonly SumReport[];
}

/** One sum, as the visitor saw it. */
export interface SumReport {
  /** Ids that the site sent in `traceparent`. */
  readonly traceId: string;
  readonly spanId: string;
  /** When it began, as `time`. */
  readonly start: number;
  /** Milliseconds from the click to the result. */
  readonly duration: number;
  /** `ok`, `refused` for invalid values, or the code of the failure. */
  readonly outcome: string;
}

export function isVisitReport(input: unknown): input is VisitReport {
  if (!isRecord(input)) return false;
  const { time, load, sums, ...others } = input;
  return (
    Object.keys(others).length === 0 &&
    typeof time === 'number' &&
    (load === undefined || isDuration(load)) &&
    Array.isArray(sums) &&
    sums.length <= visitLimits.sums &&
    sums.every((sum) => isSumReport(sum) && isDuration(time - sum.start) && sum.duration <= time - sum.start)
  );
}

function isSumReport(input: unknown): input is SumReport {
  if (!isRecord(input)) return false;
  const { traceId, spanId, start, duration, outcome, ...others } = input;
  return (
    Object.keys(others).length === 0 &&
    isMatch(traceId, /^(?!0{32})[\da-f]{32}$/) &&
    isMatch(spanId, /^(?!0{16})[\da-f]{16}$/) &&
    typeof start === 'number' &&
    isDuration(duration) &&
    isMatch(outcome, /^[a-z_]{1,40}$/)
  );
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function isDuration(input: unknown): input is number {
  return typeof input === 'number' && input >= 0 && input <= visitLimits.duration;
}

function isMatch(input: unknown, form: RegExp): input is string {
  return typeof input === 'string' && form.test(input);
}
