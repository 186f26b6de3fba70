/**
 * Times the pieces of a verification in this process. Arguments: a data folder, the file of its keys, how many there are,
 * and how many milliseconds all pieces take together. Prints how many a second there were, as JSON.
 */
import { Bench } from 'tinybench';
import { verify } from '../../packages/server/dist/domain/verification/verify.js';
import { isKeyText, newId } from '../data/product.mjs';
import { drawTokens } from '../data/tokens.mjs';
import { openVerifier } from '../data/verifier.mjs';

const [folder = '', tokensFile = '', count = '', draws = '', time = ''] = process.argv.slice(2);
const PIECES = 6;

const { storage, keyring, replica, counters, verifier } = await openVerifier(folder, Number(count));

const tokens = drawTokens({ tokensFile, count: Number(count) }, Number(draws));
const question = { workspaceId: null, permissions: /** @type {const} */ (['calls:read']) };
for (const keyText of new Set(tokens)) requireValid(await verifier.verify(asked(keyText)));

let turn = 0;
const nextToken = () => tokens[turn++ % tokens.length] ?? '';
const record = replica.peek(nextToken());
if (typeof record === 'string') throw new Error(`A prepared key is ${record}`);

// Uses a key id of its own: the benchmark uses up the limit of the key it counts, and the drawn keys must stay valid.
const countedAlone = { ...record.key, id: newId('key') };
await counters.peek(countedAlone, 1, Date.now());

const bench = new Bench({ time: Number(time) / PIECES / 2, warmupTime: Number(time) / PIECES / 2 });
bench
  .add('form and checksum', () => void isKeyText(nextToken()))
  .add('digest as it is stored', () => void keyring.digest(nextToken()))
  .add('look-up in memory', () => void replica.peek(nextToken()))
  .add('decide', () => void verify(record, question, Date.now()))
  .add('count both limits', () => void counters.spend(countedAlone, 1, Date.now()))
  .add('whole decision', () => requireValid(verifier.verifyNow(asked(nextToken()))));
await bench.run();
console.log(JSON.stringify(Object.fromEntries(bench.tasks.map(figure))));
await storage.close();

/** Written out, as the product does: to copy an object and add to it takes as long as the decision. @param {string} keyText */
function asked(keyText) {
  return { workspaceId: question.workspaceId, permissions: question.permissions, cost: 1, keyText };
}

/** @param {{ readonly code: string } | Promise<unknown> | null} verdict */
function requireValid(verdict) {
  if (verdict === null || verdict instanceof Promise) throw new Error('A prepared key is not in memory');
  if (verdict.code !== 'VALID') throw new Error(`A prepared key is ${verdict.code}`);
}

/** @param {{ name: string, result: { throughput?: { mean: number } } }} task */
function figure({ name, result }) {
  if (!result.throughput) throw new Error(`${name} failed`);
  return [name, result.throughput.mean];
}
