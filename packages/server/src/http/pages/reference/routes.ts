import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Catalogue, openApiDocument } from '@latchkey/contract';
import type { FastifyInstance } from 'fastify';
import { PAGE, STYLE } from './page.ts';
import { SCRIPT } from './script.ts';

/**
 * The content security policy of the page: only scripts and styles of, and calls to this service. The `data:` images are
 * icons in the style of Swagger UI. Trusted types are not required, since Swagger UI uses `innerHTML`.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Browsers may cache Swagger UI, which changes only with the service. */
const KEPT = 'private, max-age=3600';

/** The description of the API for programs (`/openapi.json`) and for people (`/docs`). Public, since it has no data. */
export function referenceRoutes(app: FastifyInstance, catalogue: Catalogue): void {
  const document = once(() => JSON.stringify(openApiDocument(catalogue)));
  app.get('/openapi.json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document()),
  );
  app.get('/docs', async (_request, reply) =>
    reply.header('Content-Security-Policy', POLICY).type('text/html; charset=utf-8').send(PAGE),
  );
  app.get('/docs/script.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(SCRIPT),
  );
  app.get('/docs/style.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
  swaggerUiRoutes(app);
}

function swaggerUiRoutes(app: FastifyInstance): void {
  for (const [name, type] of Object.entries(SWAGGER_UI_FILES)) {
    const compressed = once(() => swaggerUiFile(name as keyof typeof SWAGGER_UI_FILES));
    app.get(`/docs/${name}`, async (request, reply) => {
      reply.type(type).header('Cache-Control', KEPT).header('Vary', 'Accept-Encoding');
      if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return gunzipSync(compressed());
      return reply.header('Content-Encoding', 'gzip').send(compressed());
    });
  }
}

/** Created at the first request, which keeps the start fast. */
function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The files of Swagger UI that the page needs; no other file of the package is served. */
const SWAGGER_UI_FILES = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
} as const;

/**
 * A file of Swagger UI, compressed with gzip: the one that the build put beside this file, or, if the sources are not
 * built, the one of the installed package.
 */
function swaggerUiFile(name: keyof typeof SWAGGER_UI_FILES): Buffer {
  const built = new URL(`./${name}.gz`, import.meta.url);
  if (existsSync(built)) return readFileSync(built);
  return gzipSync(readFileSync(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`)));
}
