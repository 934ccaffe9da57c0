import { limits } from 'contract';
import type { FastifyInstance } from 'fastify';
import { refuse } from './problems.ts';

/** One host name or IP address, optionally with a port. */
const hostForm = /^(?:[\w.%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/**
 * Options for Node's server: {@link enforceProtocol} checks the Host header instead, and duplicate headers are joined
 * with a comma.
 */
export const protocolOptions = { requireHostHeader: false, joinDuplicateHeaders: true };

/**
 * Checks that every request follows HTTP (RFC 9110 and 9112), on any path. By default, Node closes the connection,
 * responds without a body, or uses the first of two headers, and neither logs nor counts it.
 */
export function enforceProtocol(app: FastifyInstance): void {
  const { server } = app;
  // A client may close its side of the connection after sending its request (half-close) and wait for the response.
  // Without this option, Node then closes the other side before it responds. The property is undocumented, but as old
  // as Node. The connection still ends after the response, or at a timeout.
  Object.assign(server, { httpAllowHalfOpen: true });

  server.on('checkContinue', (request, response) => {
    // If the announced body is too long, the request is refused before the client sends the body.
    if (!(Number(request.headers['content-length']) > limits.bodyBytes)) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));

  app.addHook('onRequest', ({ headers: { host, expect }, raw }, reply, done) => {
    const isHost = host === undefined ? raw.httpVersion !== '1.1' : hostForm.test(host);
    if (!isHost) refuse(reply, 400, 'bad_request');
    else if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
      // The client may send either the body or its next request now, so the rest of the connection is ambiguous.
      refuse(reply.header('connection', 'close'), 417, 'bad_request');
    } else done();
  });
}
