import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Catalogue, openApiDocument } from '@latchkey/contract';
import { fixedPage, type Page, pageResponse } from '../page.ts';
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
export function referencePages(catalogue: Catalogue): Page[] {
  const document = once(() => JSON.stringify(openApiDocument(catalogue)));
  const json = { 'Content-Type': 'application/json; charset=utf-8' };
  return [
    {
      path: '/openapi.json',
      answer: ({ requestId }) => pageResponse(200, document(), requestId, json),
    },
    fixedPage('/docs', 'text/html', PAGE, { 'Content-Security-Policy': POLICY }),
    fixedPage('/docs/script.js', 'text/javascript', SCRIPT),
    fixedPage('/docs/style.css', 'text/css', STYLE),
    ...swaggerUiPages(),
  ];
}

function swaggerUiPages(): Page[] {
  return Object.entries(SWAGGER_UI_FILES).map(([name, type]) => {
    const compressed = once(() => swaggerUiFile(name as keyof typeof SWAGGER_UI_FILES));
    const fields = { 'Content-Type': type, 'Cache-Control': KEPT, Vary: 'Accept-Encoding' };
    return {
      path: `/docs/${name}`,
      answer({ request, requestId }) {
        const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
        if (!takesGzip) return pageResponse(200, gunzipSync(compressed()), requestId, fields);
        return pageResponse(200, compressed(), requestId, { ...fields, 'Content-Encoding': 'gzip' });
      },
    };
  });
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
