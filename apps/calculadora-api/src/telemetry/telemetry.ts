import type { SumReport } from 'contract';
import type { RequestTrace } from './request-trace.ts';

/** An answered request. */
export interface Answered {
  readonly method: string;
  /** Pattern of the route. Undefined if none matched. */
  readonly route: string | undefined;
  readonly status: number;
}

/** Why spans were not delivered: the queue was full, or the collector did not accept them in time. */
export type DropReason = 'queue_full' | 'export_failed';

/** Sends traces to a collector. Nothing here waits for it, fails because of it, or throws. */
export interface Telemetry {
  /** Sends the spans of a request, if its trace is wanted and within the limits. */
  answered(trace: RequestTrace, answer: Answered): void;
  /** Sends the span of a visitor's sum, as the site reported it. @param age milliseconds since it began */
  reported(sum: SumReport, age: number): void;
  /** Spans dropped since the process started, by reason. */
  dropped(): readonly (readonly [DropReason, number])[];
  /** Traces left out since the process started, because there were too many in a second. */
  limited(): number;
  /** Sends what is queued, within two seconds. */
  close(): Promise<void>;
}
