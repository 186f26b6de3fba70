/** The product's own verification in this process, over the keys of a prepared database. */
import { LeasedCounters } from '../../packages/server/dist/counters/leased-counters.js';
import { UsageRecorder } from '../../packages/server/dist/domain/usage/usage-recorder.js';
import { Verifier } from '../../packages/server/dist/domain/verification/verifier.js';
import { KeyExistenceFilter } from '../../packages/server/dist/replica/key-existence-filter.js';
import { KeyReplica } from '../../packages/server/dist/replica/key-replica.js';
import { BUILT_IN_CATALOGUE, systemClock } from './product.mjs';
import { openStorageIn } from './storage.mjs';

/** @typedef {import('../../packages/server/dist/domain/keys/key-store.js').KeyRecord} KeyRecord */
/**
 * @typedef {object} OpenVerifier
 * @property {import('../../packages/server/dist/storage/storage.js').Storage} storage
 * @property {import('./product.mjs').Keyring} keyring
 * @property {KeyExistenceFilter} known
 * @property {KeyReplica} replica
 * @property {LeasedCounters} counters
 * @property {Verifier} verifier
 */

/**
 * @param {string} folder a data folder
 * @param {number} count how many keys memory has room for, at least
 * @param {(record: KeyRecord) => KeyRecord} [changed] what memory is to keep in place of what is stored
 * @returns {Promise<OpenVerifier>}
 */
export async function openVerifier(folder, count, changed = (record) => record) {
  const { storage, keyring } = await openStorageIn(folder);
  const { keys, feed } = storage;
  const lookup = {
    async findByDigest(/** @type {string} */ digest) {
      const record = await keys.findByDigest(digest);
      return record && changed(record);
    },
  };
  const known = new KeyExistenceFilter(keys, feed);
  const replica = new KeyReplica(
    { lookup, feed, keyring, known, clock: systemClock, catalogue: BUILT_IN_CATALOGUE },
    count + 1_000,
  );
  const counters = new LeasedCounters(withoutDisk(), systemClock);
  const ignore = () => undefined;
  const usage = new UsageRecorder({ unitOfWork: storage, onUncounted: ignore });
  const verifier = new Verifier({
    replica,
    storedDigest: async (keyText) => keyring.digest(keyText),
    counters,
    usage,
    clock: systemClock,
    onAltered: ignore,
  });
  return { storage, keyring, known, replica, counters, verifier };
}

/** A day counter that grants every lease without writing it: leases are rare, and their cost is that of the disk. */
function withoutDisk() {
  return {
    take: async (/** @type {unknown} */ _key, /** @type {number} */ _day, /** @type {number} */ wanted) => ({
      granted: wanted,
      taken: wanted,
    }),
    taken: async () => 0,
    add: async () => undefined,
    giveBack: async () => undefined,
    purge: async () => undefined,
  };
}
