/**
 * Requests in a file that wrk and our own generator both read, so that both send the same bytes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Separates two requests; no request contains it. */
const SEPARATOR = '\0';

/** @type {string | undefined} */
let folder;
let written = 0;

/** @param {readonly string[]} requests @returns {string} the file they are in, which goes with this process */
export function writeRequests(requests) {
  folder ??= makeFolder();
  const file = path.join(folder, `${++written}.requests`);
  writeFileSync(file, requests.join(SEPARATOR), 'latin1');
  return file;
}

/** @param {string} text what a file holds @returns {string[]} */
export const parseRequests = (text) => text.split(SEPARATOR);

function makeFolder() {
  const made = mkdtempSync(path.join(tmpdir(), 'latchkey-bench-requests-'));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}
