import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace as traceApi,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { AlwaysOnSampler, type IdGenerator, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_SERVICE_NAME,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';
import { paths, type SumReport, slow } from 'contract';
import { BoundedQueue } from './bounded-queue.ts';
import { RateLimit } from './rate-limit.ts';
import type { RequestTrace, SpanIds, Statement } from './request-trace.ts';
import type { Answered, DropReason, Telemetry } from './telemetry.ts';

export interface TelemetryOptions {
  /** Base URL of the collector, for OTLP over HTTP. */
  readonly endpoint: string;
  /** Value of `db.system.name`. */
  readonly database: string;
  /** Called when the collector does not accept spans, at most once a minute. */
  readonly onFailure: (error: Error) => void;
}

/** Traces in a second, for each kind. Three spans each: a hundredth of what the process can serve. */
export const tracesPerSecond = 20;
/** Milliseconds for one attempt to send spans, with its retries. */
const sendTimeout = 5_000;

/** The methods that OpenTelemetry accepts as values. */
const knownMethods = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];

/** Starts the OpenTelemetry SDK. Only an API with a collector loads this module. */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  return new OpenTelemetry(options);
}

/** Makes spans from notes, after the answer. Names and attributes follow OpenTelemetry's semantic conventions. */
class OpenTelemetry implements Telemetry {
  readonly #database: string;
  readonly #ids = new GivenIds();
  readonly #queue: BoundedQueue;
  readonly #api: Tracer;
  readonly #site: Tracer;
  // Failures have a limit of their own, so that they are seen under any load.
  readonly #ordinary = new RateLimit(tracesPerSecond);
  readonly #failures = new RateLimit(tracesPerSecond);
  #limited = 0;

  constructor({ endpoint, database, onFailure }: TelemetryOptions) {
    this.#database = database;
    const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
    this.#queue = new BoundedQueue(new OTLPTraceExporter({ url, timeoutMillis: sendTimeout }), onFailure);
    const environment = detectResources({ detectors: [envDetector] });
    this.#api = this.#tracer(serviceNamed('calculadora-api').merge(environment));
    this.#site = this.#tracer(serviceNamed('magic-calculator'));
  }

  answered(trace: RequestTrace, { method, route, status }: Answered): void {
    const now = performance.now();
    const isFailed = status >= 500;
    if (!this.#isWanted(trace.isSampled, isFailed || now - trace.start > slow)) return;

    const at = clock();
    const isKnown = knownMethods.includes(method);
    const span = this.#start(this.#api, `${isKnown ? method : 'HTTP'}${route === undefined ? '' : ` ${route}`}`, {
      kind: SpanKind.SERVER,
      ids: trace,
      parentId: trace.parentId,
      start: at(trace.start),
      attributes: {
        [ATTR_HTTP_REQUEST_METHOD]: isKnown ? method : '_OTHER',
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
        [ATTR_URL_SCHEME]: 'http',
        // The path is known from the route. Without one it may be anything, such as a person's name.
        ...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
        ...(route !== undefined && !/[*:]/.test(route) && { [ATTR_URL_PATH]: route }),
        ...(isFailed && { [ATTR_ERROR_TYPE]: trace.problem ?? String(status) }),
      },
    });
    if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
    if (trace.wait) this.#wait(trace, trace.wait, traceApi.setSpan(ROOT_CONTEXT, span), at);
    span.end(at(now));
  }

  reported({ traceId, spanId, duration, outcome }: SumReport, age: number): void {
    const isFailed = outcome !== 'ok';
    if (!this.#isWanted(true, isFailed || duration > slow)) return;
    const start = Date.now() - age;
    const span = this.#start(this.#site, `POST ${paths.sum}`, {
      kind: SpanKind.CLIENT,
      ids: { traceId, spanId },
      start,
      attributes: {
        [ATTR_HTTP_REQUEST_METHOD]: 'POST',
        [ATTR_URL_PATH]: paths.sum,
        ...(isFailed && { [ATTR_ERROR_TYPE]: outcome }),
      },
    });
    if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(start + duration);
  }

  dropped(): readonly (readonly [DropReason, number])[] {
    return [...this.#queue.dropped];
  }

  limited(): number {
    return this.#limited;
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /** Parent-based, but failed and slow requests are always wanted. */
  #isWanted(isSampled: boolean, isFailure: boolean): boolean {
    if (!isSampled && !isFailure) return false;
    if ((isFailure ? this.#failures : this.#ordinary).take()) return true;
    this.#limited++;
    return false;
  }

  #wait(trace: RequestTrace, { start, end }: NonNullable<RequestTrace['wait']>, context: Context, at: Clock): void {
    const span = this.#api.startSpan('wait for group commit', { startTime: at(start) }, context);
    for (const statement of trace.statements) {
      if (statement.span) span.addLink({ context: { ...statement.span, traceFlags: TraceFlags.SAMPLED } });
      else statement.span = this.#statement(statement, trace, traceApi.setSpan(context, span), at);
    }
    span.end(at(end ?? performance.now()));
  }

  /** The span of a statement belongs to one of its requests. Links lead to the others, and from them to it. */
  #statement({ operation, start, end, error, traces }: Statement, owner: RequestTrace, context: Context, at: Clock) {
    const others = traces.filter((trace) => trace !== owner && trace.isSampled);
    const summary = `${operation} operacoes`;
    const failure = error ?? (end === undefined ? 'timeout' : undefined);
    const span = this.#api.startSpan(
      summary,
      {
        kind: SpanKind.CLIENT,
        startTime: at(start),
        links: others.map(({ traceId, spanId }) => ({ context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED } })),
        attributes: {
          [ATTR_DB_SYSTEM_NAME]: this.#database,
          [ATTR_DB_COLLECTION_NAME]: 'operacoes',
          [ATTR_DB_OPERATION_NAME]: operation,
          [ATTR_DB_QUERY_SUMMARY]: summary,
          'calculadora.batch.size': traces.length,
          ...(failure !== undefined && { [ATTR_ERROR_TYPE]: failure }),
        },
      },
      context,
    );
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(at(end ?? performance.now()));
    return span.spanContext();
  }

  /** Starts a span that has its ids already. */
  #start(tracer: Tracer, name: string, { kind, ids, parentId, start, attributes }: SpanOptions): Span {
    const context = parentId
      ? traceApi.setSpanContext(ROOT_CONTEXT, {
          traceId: ids.traceId,
          spanId: parentId,
          traceFlags: TraceFlags.SAMPLED,
          isRemote: true,
        })
      : ROOT_CONTEXT;
    return this.#ids.use(ids, () => tracer.startSpan(name, { kind, startTime: start, attributes }, context));
  }

  #tracer(resource: Resource): Tracer {
    return new TracerProvider({
      resource,
      sampler: new AlwaysOnSampler(),
      idGenerator: this.#ids,
      spanProcessors: [this.#queue],
    }).getTracer('calculadora-api');
  }
}

function serviceNamed(name: string): Resource {
  return defaultResource().merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: name }));
}

interface SpanOptions {
  readonly kind: SpanKind;
  readonly ids: SpanIds;
  readonly parentId?: string | undefined;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly attributes: Attributes;
}

/** Converts times of `performance.now()` to milliseconds since 1970, by the current wall clock. */
type Clock = (time: number) => number;

function clock(): Clock {
  const offset = Date.now() - performance.now();
  return (time) => time + offset;
}

/** Random ids, except within `use`: log lines and answers may have had the ids before the span is made. */
class GivenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #given: SpanIds | undefined;

  use<Result>(ids: SpanIds, work: () => Result): Result {
    this.#given = ids;
    try {
      return work();
    } finally {
      this.#given = undefined;
    }
  }

  generateTraceId(): string {
    return this.#given?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#given?.spanId ?? this.#random.generateSpanId();
  }
}
