import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { Problem, paths } from 'contract';
import type { FastifyInstance } from 'fastify';

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
      },
      // Wherever the document is read from.
      servers: [{ url: '/' }],
    },
    refResolver: { buildLocalReference: ({ $id }, _baseUri, _fragment, index) => String($id ?? `schema-${index}`) },
  });
  await app.register(swaggerUi, { routePrefix: paths.docs, staticCSP: pagePolicy, logLevel: 'error' });
  app.get(paths.openapi, { schema: { hide: true } }, async () => app.swagger());
}
