/**
 * What keys take of the memory of a process that holds the product's replica of them. Arguments: a data folder, the file
 * of its keys, how many there are, and `counted` where both limits of each are counted too, `distinct` where each has
 * permissions that no other has. Prints bytes a key.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { BUILT_IN_CATALOGUE } from '../data/product.mjs';
import { firstTokens } from '../data/tokens.mjs';
import { openVerifier } from '../data/verifier.mjs';

const [folder = '', tokensFile = '', total = '', mode = ''] = process.argv.slice(2);

/**
 * The number of keys checked before the measurement: enough to fill everything that has a bound (cached objects, statements,
 * the caches of the database). In a smaller database, it is half of the keys.
 */
const FIRST = 50_000;
const BATCH = 500;

const COLLECTIONS = 4;
const PAUSE_MS = 500;

/** Enough to tell the keys apart by the first permissions of the catalogue; of the others each has half. */
const NUMBER_BITS = 24;
let changes = 0;

const count = Number(total);
const first = Math.min(FIRST, Math.floor(count / 2));
const changed = mode === 'distinct' ? withOwnPermissions : undefined;
const { storage, replica, counters } = await openVerifier(folder, count, changed);
const tokens = firstTokens({ tokensFile }, count);

await ask(tokens.slice(0, first));
const before = await residentBytes();
await ask(tokens.slice(first));
console.log(JSON.stringify({ bytes: ((await residentBytes()) - before) / (count - first) }));
await storage.close();

/** @param {readonly string[]} keyTexts */
async function ask(keyTexts) {
  for (let start = 0; start < keyTexts.length; start += BATCH)
    await Promise.all(keyTexts.slice(start, start + BATCH).map(askOne));
}

/** @param {string} keyText */
async function askOne(keyText) {
  await replica.load(keyText);
  const record = replica.peek(keyText);
  if (typeof record === 'string') throw new Error(`A prepared key is ${record}`);
  if (mode === 'counted') await counters.peek(record.key, 1, Date.now());
}

/** @type {(record: import('../data/verifier.mjs').KeyRecord) => import('../data/verifier.mjs').KeyRecord} */
function withOwnPermissions({ key, ...record }) {
  const number = changes++;
  const permissions = BUILT_IN_CATALOGUE.permissions.filter((_, place) =>
    place < NUMBER_BITS ? (number >> place) % 2 : place % 2,
  );
  return { ...record, key: { ...key, permissions } };
}

/** Resident memory after garbage collection, once the freed pages have gone back to the operating system. */
async function residentBytes() {
  for (let time = 0; time < COLLECTIONS; time += 1) {
    globalThis.gc?.();
    await pause(PAUSE_MS);
  }
  return process.memoryUsage.rss();
}
