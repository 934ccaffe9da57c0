import { limits } from 'contract';
import type { FastifyInstance } from 'fastify';
import { refuse } from './problems.ts';

/** One name or address, perhaps with a port. */
const hostForm = /^(?:[\w.%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/** For Node's server: what {@link holdToProtocol} looks at is left to it. Two lines of a header become one, with a comma. */
export const protocolOptions = { requireHostHeader: false, joinDuplicateHeaders: true };

/**
 * What HTTP asks of every request (RFC 9110 and 9112), whatever its address. Node would decide it by itself, without a word in
 * an answer, a log or a metric.
 */
export function holdToProtocol(app: FastifyInstance): void {
  const { server } = app;
  // A client that has sent all may close its side and wait: without this, Node closes ours, too, before there is an answer.
  // Not in Node's documentation, but a property since its first versions. Time limits and the end of the answer still close it.
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
      // The body may come, or the next request in its place.
      refuse(reply.header('connection', 'close'), 417, 'bad_request');
    } else done();
  });
}
