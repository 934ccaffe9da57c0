import { BatchSpanProcessor, type ReadableSpan, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { DropReason } from './telemetry.ts';

/** Spans that may wait or be on their way: more than the limits of traces allow in the time of one attempt. 2 MB. */
export const queueSize = 1_024;
/** Milliseconds until a span is sent. */
const sendInterval = 1_000;
/** Milliseconds. */
const closeTimeout = 2_000;
/** Minimum milliseconds between two reports of a failure. */
const failureInterval = 60_000;

/** The SDK's batch processor, with a count of the spans that it drops. */
export class BoundedQueue implements SpanProcessor {
  readonly dropped = new Map<DropReason, number>([
    ['queue_full', 0],
    ['export_failed', 0],
  ]);
  readonly #processor: BatchSpanProcessor;
  /** Spans that are queued or being sent. */
  #pending = 0;

  constructor(exporter: SpanExporter, onFailure: (error: Error) => void) {
    let reportedAt = -failureInterval;
    this.#processor = new BatchSpanProcessor({
      maxQueueSize: queueSize,
      scheduledDelayMillis: sendInterval,
      exporter: {
        export: (spans, done) =>
          exporter.export(spans, (result) => {
            this.#pending -= spans.length;
            if (result.error) {
              this.#drop('export_failed', spans.length);
              if (performance.now() - reportedAt >= failureInterval) {
                reportedAt = performance.now();
                onFailure(result.error);
              }
            }
            done(result);
          }),
        shutdown: () => exporter.shutdown(),
      },
    });
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.#pending >= queueSize) {
      this.#drop('queue_full', 1);
      return;
    }
    this.#pending++;
    this.#processor.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#processor.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#processor.shutdown();
  }

  async close(): Promise<void> {
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, closeTimeout).unref());
    await Promise.race([this.shutdown().catch(() => undefined), timeout]);
  }

  #drop(reason: DropReason, spans: number): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + spans);
  }
}
