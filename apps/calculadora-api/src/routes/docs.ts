import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import { Problem, paths } from 'contract';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { refuse } from './problems.ts';

// The page brings its own scripts and styles; nothing is loaded from elsewhere and nothing inline is run, but for the one
// style sheet, known by its hash, that Swagger UI's own script adds to the page.
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Describes every route that is registered after this one, for programs (OpenAPI) and for people. */
export async function docsRoutes(app: FastifyInstance): Promise<void> {
  app.addSchema(Problem);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'calculadora-api',
        description: 'Soma dois números inteiros e guarda a operação / Adds two integers and stores the operation',
        version: '1.0.0',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      // There are no accounts: everybody who reaches the API may use it.
      security: [],
      // Wherever the document is read from.
      servers: [{ url: '/' }],
    },
    refResolver: { buildLocalReference: ({ $id }, _baseUri, _fragment, index) => String($id ?? `schema-${index}`) },
  });
  app.get(paths.openapi, { schema: { hide: true } }, async () => app.swagger());

  let page: Promise<FastifyInstance> | undefined;
  const ask = async ({ method, url, headers }: FastifyRequest, reply: FastifyReply) => {
    page ??= buildPage(app.swagger() as StaticDocumentSpec['document']);
    const answer = await (await page).inject({ method: method as 'GET' | 'HEAD', url, headers });
    const { 'content-range': range } = answer.headers;
    if (answer.statusCode === 403 || answer.statusCode === 404) return reply.callNotFound();
    // Such as a range past the end of a file: the answer says how long it is.
    if (answer.statusCode >= 400) {
      return refuse(range ? reply.header('content-range', range) : reply, answer.statusCode, 'bad_request');
    }
    // What is said of the connection is the server's own to say.
    const { connection: _, date: _date, ...its } = answer.headers;
    return reply.code(answer.statusCode).headers(its).send(answer.rawPayload);
  };
  const options = { logLevel: 'error', schema: { hide: true } } as const;
  app.get(paths.docs, options, ask);
  app.get(`${paths.docs}/*`, options, ask);
}

/** Built when somebody first asks for it: it takes 10 MB of memory, and most processes are never asked. */
async function buildPage(document: StaticDocumentSpec['document']): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(swagger, { mode: 'static', specification: { document } });
  const { default: swaggerUi } = await import('@fastify/swagger-ui');
  await app.register(swaggerUi, { routePrefix: paths.docs, staticCSP: pagePolicy });
  await app.ready();
  return app;
}
