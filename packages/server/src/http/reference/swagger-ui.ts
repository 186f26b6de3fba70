import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

/** The files of Swagger UI that the page needs; no other file of the package is served. */
export const SWAGGER_UI_FILES = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
} as const;

/**
 * A file of Swagger UI, compressed with gzip: the one that the build put beside this file, or, if the sources are not
 * built, the one of the installed package.
 */
export function swaggerUiFile(name: keyof typeof SWAGGER_UI_FILES): Buffer {
  const built = new URL(`./${name}.gz`, import.meta.url);
  if (existsSync(built)) return readFileSync(built);
  return gzipSync(readFileSync(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`)));
}
