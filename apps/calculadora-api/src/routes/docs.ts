import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import { Problem, paths } from 'contract';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { refuse } from './problems.ts';

// The page loads only its own scripts and styles. The one inline exception, allowed by its hash, is a style sheet that
// Swagger UI's script adds to the page.
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

/** Serves the OpenAPI description of all routes registered after this one, and its page for people. */
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
      // The API has no authentication: anyone who can reach it may use it.
      security: [],
      // Relative to the host that serves the document.
      servers: [{ url: '/' }],
    },
    refResolver: { buildLocalReference: ({ $id }, _baseUri, _fragment, index) => String($id ?? `schema-${index}`) },
  });
  app.get(paths.openapi, { schema: { hide: true } }, async () => app.swagger());

  let page: Promise<FastifyInstance> | undefined;
  const servePage = async ({ method, url, headers }: FastifyRequest, reply: FastifyReply) => {
    page ??= buildPage(app.swagger() as StaticDocumentSpec['document']);
    const answer = await (await page).inject({ method: method as 'GET' | 'HEAD', url, headers });
    const { 'content-range': range } = answer.headers;
    if (answer.statusCode === 403 || answer.statusCode === 404) return reply.callNotFound();
    // For example 416 for a range past the end of a file; `content-range` has the file's length.
    if (answer.statusCode >= 400) {
      return refuse(range ? reply.header('content-range', range) : reply, answer.statusCode, 'bad_request');
    }
    // The outer server sets these two headers itself.
    const { connection: _, date: _date, ...pageHeaders } = answer.headers;
    return reply.code(answer.statusCode).headers(pageHeaders).send(answer.rawPayload);
  };
  const options = { logLevel: 'error', schema: { hide: true } } as const;
  app.get(paths.docs, options, servePage);
  app.get(`${paths.docs}/*`, options, servePage);
}

/** Built on the first request, because it takes 10 MB of memory and most processes never serve it. */
async function buildPage(document: StaticDocumentSpec['document']): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(swagger, { mode: 'static', specification: { document } });
  const { default: swaggerUi } = await import('@fastify/swagger-ui');
  await app.register(swaggerUi, { routePrefix: paths.docs, staticCSP: pagePolicy });
  await app.ready();
  return app;
}
