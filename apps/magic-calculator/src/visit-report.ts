import { paths, type SumReport, slow } from 'contract';
import { randomId } from './storage.ts';

// How visitors experience the site: load times, and traces of sums. The reports go to our own API. They have no cookie,
// no id of the visitor and nothing that the visitor typed.

/** Share of the visits whose load time and ordinary sums are reported. Failed and slow sums always are. */
const share = import.meta.env?.DEV ? 1 : 0.1;
/** Milliseconds after which there is a report, unless an earlier one had everything. */
const collectTime = 5_000;

/** Whether this visit is one of the share. The next page load is another visit. */
const isSampled = Math.random() < share;
let load: number | undefined;
/** Undefined until reporting starts. */
let sums: SumReport[] | undefined;

/** Reports the visit: after the page has loaded, after sums, and when the visitor leaves. */
export function reportVisit(): void {
  sums = [];
  if (isSampled) {
    addEventListener('load', ({ timeStamp }) => {
      load = timeStamp;
      setTimeout(send, collectTime);
    });
  }
  document.addEventListener('visibilitychange', send);
}

/** A sum in flight. */
export interface TracedSum {
  /** W3C Trace Context for the request. The API records its part of the trace under it. */
  readonly traceparent: string;
  /** @param outcome as in `SumReport` */
  end(outcome: string): void;
}

/** Starts the trace of a sum. */
export function beginSum(): TracedSum {
  const traceId = randomId();
  const spanId = randomId().slice(16);
  const start = performance.now();
  return {
    traceparent: `00-${traceId}-${spanId}-0${Number(isSampled)}`,
    end(outcome) {
      const duration = performance.now() - start;
      if (!isSampled && outcome === 'ok' && duration <= slow) return;
      if (sums?.push({ traceId, spanId, start, duration, outcome })) setTimeout(send, collectTime);
    },
  };
}

/** Sends what there is to report. The browser delivers a beacon even if the page is closed. */
function send(): void {
  if (!load && !sums?.length) return;
  const report = JSON.stringify({ time: performance.now(), load, sums });
  load = undefined;
  sums = [];
  // Some extensions remove the function.
  navigator.sendBeacon?.(paths.visits, new Blob([report], { type: 'application/json' }));
}
