import { limits } from 'contract';
import type { FastifyInstance } from 'fastify';
import { refuse } from './problems.ts';

/** One name or address, perhaps with a port. */
const hostForm = /^(?:[\w.%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/** For Node's server: it leaves to {@link holdToProtocol} what that looks at, and joins two lines of a header with a comma. */
export const protocolOptions = { requireHostHeader: false, joinDuplicateHeaders: true };

/**
 * What HTTP asks of every request (RFC 9110 and 9112), whatever its address. Node by itself closes connections, answers without
 * a body or takes the first of two headers, and nothing of it is logged or counted.
 */
export function holdToProtocol(app: FastifyInstance): void {
  const { server } = app;
  // A client may close its side once it has sent its request, and wait. Without this, Node then closes the other side, too,
  // before there is an answer. The property is not documented, but as old as Node. The connection still ends after the answer, or
  // at a time limit.
  Object.assign(server, { httpAllowHalfOpen: true });

  server.on('checkContinue', (request, response) => {
    // A body that is too long is refused by what the headers say of it, before it is sent.
    if (!(Number(request.headers['content-length']) > limits.bodyBytes)) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));

  app.addHook('onRequest', ({ headers: { host, expect }, raw }, reply, done) => {
    const isHost = host === undefined ? raw.httpVersion !== '1.1' : hostForm.test(host);
    if (!isHost) refuse(reply, 400, 'bad_request');
    else if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
      // The client may still send the body, or its next request in its place: what follows could be read wrongly.
      refuse(reply.header('connection', 'close'), 417, 'bad_request');
    } else done();
  });
}
