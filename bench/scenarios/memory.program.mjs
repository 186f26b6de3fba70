/**
 * What keys take of the memory of a process that holds the product's replica of them. Arguments: a data folder, the file
 * of its keys, how many there are, and `counted` where both limits of each are counted too. Prints bytes a key.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { firstTokens } from '../data/tokens.mjs';
import { openVerifier } from '../data/verifier.mjs';

const [folder = '', tokensFile = '', total = '', mode = ''] = process.argv.slice(2);

/** Enough for all that has a bound to be full: ready objects, statements, the caches of the database. */
const FIRST = 0.05;
const AT_A_TIME = 500;

const COLLECTIONS = 4;
const PAUSE_MS = 500;

const count = Number(total);
const first = Math.floor(count * FIRST);
const { storage, replica, counters } = await openVerifier(folder, count);
const tokens = firstTokens({ tokensFile }, count);

await ask(tokens.slice(0, first));
const before = await residentBytes();
await ask(tokens.slice(first));
console.log(JSON.stringify({ bytes: ((await residentBytes()) - before) / (count - first) }));
await storage.close();

/** @param {readonly string[]} keyTexts */
async function ask(keyTexts) {
  for (let start = 0; start < keyTexts.length; start += AT_A_TIME)
    await Promise.all(keyTexts.slice(start, start + AT_A_TIME).map(askOne));
}

/** @param {string} keyText */
async function askOne(keyText) {
  await replica.load(keyText);
  const place = replica.placeOf(keyText);
  const { key } = replica.recordAt(place);
  if (mode === 'counted') await counters.spend(key, 1, Date.now());
}

/** What is left when garbage is collected, and its pages have gone back to the system. */
async function residentBytes() {
  for (let time = 0; time < COLLECTIONS; time += 1) {
    globalThis.gc?.();
    await pause(PAUSE_MS);
  }
  return process.memoryUsage.rss();
}
