import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';

/** Traces to keep, and spans of each. */
const mostTraces = 50;
const mostSpans = 500;
const mostBytes = 8 * 1024 * 1024;

/** The parts of OTLP's JSON that are needed here. The page reads the rest of a span. */
interface Span {
  readonly traceId: string;
}
interface TracesData {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly { key: string; value: { stringValue?: string } }[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[];
  }[];
}

/**
 * Receives traces of the applications on this machine (OTLP over HTTP, in JSON), keeps the last ones in memory, and
 * shows them on a page. Only for development: in an environment, SigNoz does this.
 */
export async function startTraceViewer(port: number): Promise<Server> {
  const traces = new Map<string, object[]>();
  const page = readFileSync(join(import.meta.dirname, 'traces.html'));
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (request.method === 'POST' && path === '/v1/traces') await receive(request, response, traces);
    else if (request.method !== 'GET') response.writeHead(405).end();
    else if (path === '/') response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    else if (path === '/traces.json') answer(response, 200, [...traces.values()].reverse());
    else response.writeHead(404).end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function receive(request: IncomingMessage, response: ServerResponse, traces: Map<string, object[]>) {
  try {
    keep(JSON.parse(await bodyOf(request)), traces);
    answer(response, 200, {});
  } catch (error) {
    answer(response, 400, { message: (error as Error).message });
  }
}

function keep({ resourceSpans = [] }: TracesData, traces: Map<string, object[]>): void {
  for (const { resource, scopeSpans = [] } of resourceSpans) {
    const service = resource?.attributes?.find(({ key }) => key === 'service.name')?.value.stringValue;
    for (const span of scopeSpans.flatMap(({ spans = [] }) => spans)) {
      const spans = traces.get(span.traceId) ?? [];
      traces.set(span.traceId, spans);
      if (spans.length < mostSpans) spans.push({ ...span, service });
    }
  }
  for (const oldest of [...traces.keys()].slice(0, -mostTraces)) traces.delete(oldest);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > mostBytes) throw new Error('Too many spans at once');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
