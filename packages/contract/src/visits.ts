/** Milliseconds. A sum that takes longer counts as slow: in the API's log and traces, and in the site's reports. */
export const slow = 1_000;

/** Limits of a report from the site. */
export const visitLimits = {
  /** Bytes of the body. */
  bodyBytes: 4 * 1024,
  /** Sums in one report. */
  sums: 10,
  /** Milliseconds of a page load, and since a sum began. */
  time: 600_000,
} as const;

/** Body of `POST /backend/visits`: how long the page and its sums took in a visitor's browser. Nothing personal. */
export interface VisitReport {
  /** Milliseconds from the click on a link to the page's load event. */
  readonly load?: number;
  readonly sums: readonly SumReport[];
}

/** One sum, as the visitor saw it. */
export interface SumReport {
  /** Ids that the site sent in `traceparent`. */
  readonly traceId: string;
  readonly spanId: string;
  /** Milliseconds from its start until the report. */
  readonly age: number;
  /** Milliseconds from the click to the result. */
  readonly duration: number;
  /** `ok`, `refused` for invalid values, or the code of the failure. */
  readonly outcome: string;
}

export function isVisitReport(input: unknown): input is VisitReport {
  if (!isRecord(input)) return false;
  const { load, sums, ...others } = input;
  return (
    Object.keys(others).length === 0 &&
    (load === undefined || isTime(load)) &&
    Array.isArray(sums) &&
    sums.length <= visitLimits.sums &&
    sums.every(isSumReport)
  );
}

function isSumReport(input: unknown): input is SumReport {
  if (!isRecord(input)) return false;
  const { traceId, spanId, age, duration, outcome, ...others } = input;
  return (
    Object.keys(others).length === 0 &&
    isMatch(traceId, /^(?!0{32})[\da-f]{32}$/) &&
    isMatch(spanId, /^(?!0{16})[\da-f]{16}$/) &&
    isTime(age) &&
    isTime(duration) &&
    duration <= age &&
    isMatch(outcome, /^[a-z_]{1,40}$/)
  );
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function isTime(input: unknown): input is number {
  return typeof input === 'number' && input >= 0 && input <= visitLimits.time;
}

function isMatch(input: unknown, form: RegExp): input is string {
  return typeof input === 'string' && form.test(input);
}
