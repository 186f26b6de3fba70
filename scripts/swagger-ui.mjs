/**
 * The files of Swagger UI that the service serves, out of the some thirty of its package.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** The folder of the package. */
export const SWAGGER_UI = fileURLToPath(new URL('../node_modules/swagger-ui-dist', import.meta.url));

const SERVED = ['swagger-ui-bundle.js', 'swagger-ui.css'];
/** The licences of what the bundle is made of. */
const LICENCES = 'swagger-ui-bundle.js.LICENSE.txt';

/**
 * Puts the files into a folder, compressed as they are sent.
 * @param {string} folder
 */
export function putSwaggerUi(folder) {
  for (const name of SERVED) {
    const bytes = readFileSync(path.join(SWAGGER_UI, name));
    writeFileSync(path.join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
  copyFileSync(path.join(SWAGGER_UI, LICENCES), path.join(folder, LICENCES));
}
