/**
 * Databases with many keys, made once and kept in the folder for temporary files. It promises that a prepared database
 * fits the present build: its place is named after the code that writes rows.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tell } from '../machine/progress.mjs';
import { writeKeys } from './bulk-keys.mjs';
import { serverDist } from './product.mjs';
import { found } from './template.mjs';

/**
 * @typedef {object} Prepared
 * @property {string} folder data folder of a service, and beside it the texts of its keys
 * @property {number} count how many keys there are beside the owner's
 * @property {string} workspaceId
 * @property {string} ownerId
 * @property {string} ownerKey
 * @property {string} tokensFile one key a line, all of the same length
 */

/** What the keys are like: with permissions and both limits, or with permissions alone. @typedef {'limited' | 'unlimited'} Kind */

const CACHE = path.join(tmpdir(), 'latchkey-bench');
const FACTS = 'facts.json';
const TOKENS = 'tokens.txt';

/** @type {string[]} */
const copies = [];
process.on('exit', () => {
  for (const folder of copies) rmSync(folder, { recursive: true, force: true });
});

/**
 * @param {number} count
 * @param {Kind} [kind]
 * @returns {Promise<Prepared>} not to be written to: take a copy
 */
export async function prepareDatabase(count, kind = 'limited') {
  const folder = path.join(CACHE, `${schemaName()}-${kind}-${count}`);
  if (!existsSync(folder)) await make(folder, count, kind);
  const facts = JSON.parse(readFileSync(path.join(folder, FACTS), 'utf8'));
  return { ...facts, folder, count, tokensFile: path.join(folder, TOKENS) };
}

/** @param {Prepared} prepared @returns {string} a data folder of its own, which goes with this process */
export function copyOf(prepared) {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-bench-copy-'));
  copies.push(folder);
  for (const name of readdirSync(prepared.folder).filter((file) => file !== TOKENS && file !== FACTS)) {
    copyFileSync(path.join(prepared.folder, name), path.join(folder, name), constants.COPYFILE_FICLONE);
    sync(path.join(folder, name));
  }
  return folder;
}

/** Waits until the file is on the disk: else the disk would be busy with it while something is measured. @param {string} file */
function sync(file) {
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** @param {string} folder a copy that is no longer needed */
export function dropCopy(folder) {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} folder @param {number} count @param {Kind} kind */
async function make(folder, count, kind) {
  tell(`preparing a database with ${count.toLocaleString('en')} keys`);
  mkdirSync(CACHE, { recursive: true, mode: 0o700 });
  const unfinished = mkdtempSync(`${folder}.part-`);
  const { facts, template } = await found(unfinished, kind);
  await writeKeys({ folder: unfinished, count, template, tokensFile: path.join(unfinished, TOKENS) });
  writeFileSync(path.join(unfinished, FACTS), JSON.stringify(facts));
  renameSync(unfinished, folder);
}

/** A hash of the code that writes rows, so that a changed build does not reuse an old database. */
function schemaName() {
  const migrations = path.join(serverDist, 'storage', 'migrations');
  const files = readdirSync(migrations).filter((file) => file.endsWith('.js'));
  const others = ['storage/keys/key-rows.js', 'domain/shared/keyring.js', 'domain/shared/tokens.js'];
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(file).update(readFileSync(path.join(migrations, file)));
  for (const file of others) hash.update(readFileSync(path.join(serverDist, file)));
  return hash.digest('hex').slice(0, 12);
}
