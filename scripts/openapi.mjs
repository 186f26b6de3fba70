/**
 * Writes docs/openapi.json from the built contract. It promises the same bytes for the same contract: two
 * spaces, the order of the document, one newline at the end.
 *
 *   node scripts/openapi.mjs           write the file
 *   node scripts/openapi.mjs --check   fail, and write nothing, when the file differs
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { exists, root } from './run.mjs';

const file = path.join(root, 'docs', 'openapi.json');
const contract = path.join(root, 'packages', 'contract', 'dist', 'index.js');

const text = await generated();
if (process.argv.includes('--check')) compare(text);
else write(text);

async function generated() {
  /** @type {{ openApiDocument?: () => unknown }} */
  const { openApiDocument } = await import(pathToFileURL(contract).href);
  if (openApiDocument === undefined) throw new Error('the contract exports no openApiDocument()');
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}

/** @param {string} wanted */
function compare(wanted) {
  if (exists('docs/openapi.json') && readFileSync(file, 'utf8') === wanted) return;
  console.error('docs/openapi.json differs from the contract. Run: npm run openapi');
  process.exitCode = 1;
}

/** @param {string} wanted */
function write(wanted) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, wanted);
  console.log('docs/openapi.json written');
}
