import { type Catalogue, ENDPOINTS, inCatalogue, openApiDocument } from '@latchkey/contract';
import type { FastifyInstance } from 'fastify';
import { referencePage } from './page.ts';
import { STYLE } from './style.ts';

/** The description of the API for programs (`/openapi.json`) and for people (`/docs`). Public: it holds no data. */
export function referenceRoutes(app: FastifyInstance, catalogue: Catalogue): void {
  const document = once(() => JSON.stringify(openApiDocument(catalogue)));
  const page = once(() => referencePage(ENDPOINTS.map((endpoint) => inCatalogue(endpoint, catalogue))));
  app.get('/openapi.json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document()),
  );
  app.get('/docs', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page()));
  app.get('/docs/style.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
}

/** Made when it is first asked for, so that a start does not wait for it. */
function once(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
