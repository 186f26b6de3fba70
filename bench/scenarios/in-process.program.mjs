/**
 * Times the pieces of a verification in this process. Arguments: a data folder, the file of its keys, how many there are,
 * and how many milliseconds all pieces take together. Prints how many a second there were, as JSON.
 */
import path from 'node:path';
import { Bench } from 'tinybench';
import { LeasedCounters } from '../../packages/server/dist/counters/leased-counters.js';
import { isKeyText } from '../../packages/server/dist/domain/keys/key-text.js';
import { UsageRecorder } from '../../packages/server/dist/domain/usage/usage-recorder.js';
import { Verifier } from '../../packages/server/dist/domain/verification/verifier.js';
import { verify } from '../../packages/server/dist/domain/verification/verify.js';
import { KeyReplica } from '../../packages/server/dist/replica/key-replica.js';
import { KnownDigests } from '../../packages/server/dist/replica/known-digests.js';
import { Keyring, openStorage, readPepper, systemClock } from '../data/product.mjs';
import { drawTokens } from '../data/tokens.mjs';

const [folder = '', tokensFile = '', count = '', draws = '', time = ''] = process.argv.slice(2);
const PIECES = 6;

const keyring = new Keyring(readPepper(path.join(folder, 'pepper')));
const storage = await openStorage(`file:${path.join(folder, 'latchkey.db')}`, keyring, systemClock);
const { keys: lookup, feed } = storage;
const known = new KnownDigests(lookup, feed);
const replica = new KeyReplica({ lookup, feed, keyring, known }, Number(count) + 1_000);
const counters = new LeasedCounters(withoutDisk());
const nobody = () => undefined;
const usage = new UsageRecorder({ unitOfWork: storage, onUncounted: nobody });
const verifier = new Verifier({ replica, counters, usage, clock: systemClock, onAltered: nobody });

const tokens = drawTokens({ tokensFile, count: Number(count) }, Number(draws));
const question = { workspaceId: null, permissions: /** @type {const} */ (['calls:read']), cost: 1 };
for (const keyText of new Set(tokens)) requireValid(await verifier.verify({ ...question, keyText }));

let turn = 0;
const nextToken = () => tokens[turn++ % tokens.length] ?? '';
const place = replica.placeOf(nextToken());
const record = replica.recordAt(place);

const bench = new Bench({ time: Number(time) / PIECES / 2, warmupTime: Number(time) / PIECES / 2 });
bench
  .add('form and checksum', () => void isKeyText(nextToken()))
  .add('digest as it is stored', () => void keyring.digest(nextToken()))
  .add('look-up in memory', () => void replica.recordAt(replica.placeOf(nextToken())))
  .add('decide', () => void verify(record, question, Date.now()))
  .add('count both limits', () => void counters.trySpend(record.key, 1, Date.now()))
  .add('whole decision', () => requireValid(verifier.verifyNow({ ...question, keyText: nextToken() })));
await bench.run();
console.log(JSON.stringify(Object.fromEntries(bench.tasks.map(figure))));
await storage.close();

/** @param {{ readonly code: string } | null} verdict */
function requireValid(verdict) {
  if (verdict?.code !== 'VALID') throw new Error(`A prepared key is ${verdict?.code ?? 'not in memory'}`);
}

/** @param {{ name: string, result: { throughput?: { mean: number } } }} task */
function figure({ name, result }) {
  if (!result.throughput) throw new Error(`${name} failed`);
  return [name, result.throughput.mean];
}

/** A count of days that grants what is asked for: leases are rare, and their cost is the disk's. */
function withoutDisk() {
  return {
    take: async (/** @type {unknown} */ _key, /** @type {number} */ _day, /** @type {number} */ wanted) => ({
      granted: wanted,
      taken: wanted,
    }),
    giveBack: async () => undefined,
    purge: async () => undefined,
  };
}
