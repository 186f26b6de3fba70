/**
 * What keys take of the memory of a process that holds the product's replica of them. Arguments: a data folder, the file
 * of its keys, how many there are, and `counted` where both limits of each are counted too. Prints bytes a key.
 */
import { firstTokens } from '../data/tokens.mjs';
import { openVerifier } from '../data/verifier.mjs';

const [folder = '', tokensFile = '', total = '', mode = ''] = process.argv.slice(2);

/** Enough for all that has a bound to be full: ready objects, statements, the caches of the database. */
const FIRST = 0.05;
const AT_A_TIME = 500;

const count = Number(total);
const first = Math.floor(count * FIRST);
const { storage, replica, counters } = await openVerifier(folder, count);
const tokens = firstTokens({ tokensFile }, count);

await ask(tokens.slice(0, first));
const before = residentBytes();
await ask(tokens.slice(first));
console.log(JSON.stringify({ bytes: (residentBytes() - before) / (count - first) }));
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

function residentBytes() {
  // The second time takes what the first has only found.
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
