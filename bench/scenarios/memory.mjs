/**
 * What a key takes of the memory of the process once it was asked about: what a service that was asked about many keys
 * keeps, beyond one that was asked about few. Both have room for just those keys, and have come to rest.
 */
import { startService } from '../contenders/service.mjs';
import { copyOf, dropCopy, prepareDatabase } from '../data/database.mjs';
import { firstTokens } from '../data/tokens.mjs';
import { sendOnce } from '../load/generate.mjs';
import { checkRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { COLLECTING, settledBytes } from '../machine/settled-memory.mjs';
import { interleave } from './rounds.mjs';

/**
 * The share of the keys that is "few". Of a hundred thousand it is more than the service keeps as ready objects: those
 * have a bound, and are in no key's share.
 */
const FEW = 0.15;

/** The first question about a key with a day limit is synced to the disk: this share of them has to do. */
const LIMITED = 0.4;

/** For comparison only, and slow. */
const LIMITED_ROUNDS_MAX = 2;

/** With fewer keys, what else changes in a process hides what they take. */
const MEANINGFUL = 100_000;

/** More are stored than that at most: how many there are beside those in memory takes none. */
const STORED_MAX = 100_000;

/** So that the memory for keys is nearly full, and what is set aside for more is in no key's share. */
const SPARE_ROOM = 1.1;

/** The smallest room that the service can be given. */
const LEAST_ROOM = 1_000;

/** @type {import('./all.mjs').Scenario} */
export const memory = {
  name: 'memory',
  async run({ rounds, fewRounds, most, asked, quietSeconds }) {
    const roundsOf = {
      unlimited: asked >= MEANINGFUL ? rounds : fewRounds,
      limited: Math.min(fewRounds, LIMITED_ROUNDS_MAX),
    };
    const wanted = [
      { kind: /** @type {const} */ ('unlimited'), share: 1, times: roundsOf.unlimited },
      { kind: /** @type {const} */ ('limited'), share: LIMITED, times: roundsOf.limited },
    ];
    const rows = [];
    for (const { kind, share, times } of wanted) {
      const prepared = await prepareDatabase(Math.min(most, STORED_MAX), kind);
      const sizes = { count: asked * share, few: asked * FEW, quietSeconds };
      const trials = [{ name: 'key', measure: () => bytesForEach(prepared, sizes) }];
      const { key = [] } = await interleave(`memory, ${kind} keys`, trials, times);
      rows.push(rowOf(kind, sizes.count, key));
    }
    return { rows };
  },
};

/**
 * @param {import('../data/database.mjs').Prepared} prepared
 * @param {{ count: number, few: number, quietSeconds: number }} sizes
 * @returns {Promise<number>} what each of the keys takes that only one of the services was asked about
 */
async function bytesForEach(prepared, { count, few, quietSeconds }) {
  const [small, large] = await Promise.all([start(prepared, few), start(prepared, count)]);
  // The long load first: then both have been at rest for about as long.
  await sendOnce(large.url, questions(prepared, count));
  await sendOnce(small.url, questions(prepared, few));
  const settled = [settledBytes(small, quietSeconds), settledBytes(large, quietSeconds)];
  const [inSmall = Number.NaN, inLarge = Number.NaN] = await Promise.all(settled);
  await Promise.all([small.drop(), large.drop()]);
  return (inLarge - inSmall) / (count - few);
}

/** @param {import('../data/database.mjs').Prepared} prepared @param {number} room for so many keys */
async function start(prepared, room) {
  const folder = copyOf(prepared);
  const env = { LATCHKEY_MEMORY_KEYS: String(Math.max(LEAST_ROOM, Math.ceil(room * SPARE_ROOM))) };
  // On any core: nothing is timed, and both start at once.
  const service = await startService(folder, { env, nodeArgs: COLLECTING, role: 'any' });
  const drop = async () => {
    await service.stop();
    dropCopy(folder);
  };
  return { ...service, drop };
}

/** @param {import('../data/database.mjs').Prepared} prepared @param {number} count */
function questions(prepared, count) {
  return writeRequests(firstTokens(prepared, count).map(checkRequest));
}

/**
 * @param {import('../data/database.mjs').Kind} kind
 * @param {number} count
 * @param {readonly number[]} samples
 * @returns {import('../report/rows.mjs').Row}
 */
function rowOf(kind, count, samples) {
  const limits = kind === 'limited' ? 'both limits' : 'no limits';
  return {
    scenario: 'memory',
    what: `resident memory for each of ${count.toLocaleString('en')} keys, ${limits}`,
    unit: 'bytes',
    samples,
    ...(kind === 'unlimited' && count >= MEANINGFUL && { target: { floor: 128, aim: 72, better: 'lower' } }),
  };
}
